"""Canaries are put together when the tests run: no scanner of secrets shall cry at this file."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.findings import Finding, Level
from orchestrator.secrets import KeyBlocks, find_secrets, redact, secret_findings

KEY_ID = "AK" + "IA" + "Q3EXAMPLE7ABCDEF"
TEMPORARY_ID = "AS" + "IA" + "Q3EXAMPLE7ABCDEF"
FORTY = "wJalrXUtnFEMI" + "/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"
SESSION = "IQoJb3JpZ2lu" + "X2Vj" + "EJr//////////wEaCXVzLWVhc3QtMSJ" * 4
PRIVATE = "-----BEGIN RSA PRIVATE" + " KEY-----\nMIIEpAIBAAKC\nxyz==\n-----END RSA PRIVATE" + " KEY-----"
GITHUB = "gh" + "p_" + "a1B2" * 9
GITHUB_FINE = "github" + "_pat_" + "11ABCDEFG0" * 4
SLACK = "xox" + "b-" + "123456789012-abcdefABCDEF"
GOOGLE = "AI" + "za" + "SyA1234567890abcdefghijklmnopqrstuv"
STRIPE = "sk" + "_live_" + "4eC39HqLyjWDarjtT1zdp7dc"
WEB_TOKEN = "ey" + "JhbGciOiJIUzI1NiJ9" + ".ey" + "JzdWIiOiIxMjM0NTY3ODkwIn0" + ".dozjgNryP4J3jVmNHl0w5N"
HUNTER = "hunter" + "2!Q"

# A text, what may not be left of it, and its kind.
PLANTED = [
    (KEY_ID, KEY_ID, "AWS access key id"),
    (f"id={TEMPORARY_ID};", TEMPORARY_ID, "AWS access key id"),
    (f"AWS_SECRET_ACCESS_KEY={FORTY}", FORTY, "secret access key"),
    (f"the secret is {FORTY} indeed", FORTY, "secret access key"),
    (f"{KEY_ID}:{FORTY}", FORTY, "secret access key"),
    (f"aws_session_token = {SESSION}", SESSION, "AWS session token"),
    (f"got {SESSION}", SESSION, "AWS session token"),
    (f"https://b.s3.amazonaws.com/k?X-Amz-Signature={'ab12' * 16}&x=1", "ab12" * 16, "presigned URL"),
    (f"https://b.s3.amazonaws.com/k?X-Amz-Credential={KEY_ID}%2F2026", KEY_ID, "presigned URL"),
    (f"jdbc:postgresql://db.example.com/x?user=u&password={HUNTER}", HUNTER, "password"),
    (f"jdbc:postgresql://u:{HUNTER}@db.example.com:5432/x", HUNTER, "password"),
    (f"jdbc:oracle:thin:scott/{HUNTER}@//db.example.com:1521/x", HUNTER, "password"),
    (f"jdbc:sqlserver://db:1433;user=u;password={HUNTER};encrypt=true", HUNTER, "password"),
    (f"https://u:{HUNTER}@example.com/", HUNTER, "password"),
    (f"u:{HUNTER}@db.example.com", HUNTER, "password"),
    (f"spark.hadoop.fs.s3a.secret.key={FORTY}", FORTY, "secret access key"),
    (f"spark.ssl.keyStorePassword={HUNTER}", HUNTER, "password"),
    (f"--api-key {HUNTER}", HUNTER, "key"),
    (f"['--db-password', '{HUNTER}']", HUNTER, "password"),
    (f"password: {HUNTER}\n", HUNTER, "password"),
    ("password: correcthorse\n", "correcthorse", "password"),
    (f"login failed, password: {HUNTER} is wrong", HUNTER, "password"),
    (f'{{"client_secret": "two words {HUNTER}"}}', HUNTER, "secret"),
    (f"{{'Key': 'token', 'Value': '{HUNTER}'}}", HUNTER, "token"),
    (f"fs.azure.account.key.mine.dfs.core.windows.net={HUNTER}", HUNTER, "key"),
    (f"Authorization: Basic {HUNTER}", HUNTER, "authorization header"),
    (f"sent with bearer {WEB_TOKEN[:30]}9", WEB_TOKEN[:30], "token"),
    (f"key:\n{PRIVATE}\nend", "MIIEpAIBAAKC", "private key"),
    (GITHUB, GITHUB, "GitHub token"),
    (GITHUB_FINE, GITHUB_FINE, "GitHub token"),
    (SLACK, SLACK, "Slack token"),
    (GOOGLE, GOOGLE, "Google key"),
    (STRIPE, STRIPE, "Stripe key"),
    (f"x {WEB_TOKEN} y", WEB_TOKEN, "JSON web token"),
]
ARN_OF_ONE = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbCdEf"
HARMLESS = [
    "",
    "r4f7c2b9e0d1a",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "aws code at da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "secret " + "ab" * 20,
    ARN_OF_ONE,
    f"--db-secret {ARN_OF_ONE}",
    f"spark.my.password=EMR.secret@{ARN_OF_ONE}",
    "jdbc:postgresql://${user}:${password}@db.example.com/x",
    "password=${db_password}",
    "password=",
    'password: ""',
    "token=${a}${b}",
    "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "fs.s3a.server-side-encryption.key=arn:aws:kms:eu-central-1:123456789012:key/1234abcd",
    "fs.s3a.encryption.key=1234abcd-12ab-34cd-56ef-1234567890ab",
    "s3://lake/clean/device_readings/event_date=2024-03-01/00000001-r4f7c2b9-00000.parquet",
    "https://s3.eu-central-1.amazonaws.com/lake/raw",
    "repository:tag@sha256:e3b0c44298fc1c149afbf4c8996fb924",
    "Owner:someone@example.com",
    "someone@example.com",
    "NextToken=abc123abc",
    "ClientRequestToken: 'abc123abc'",
    "the security token included in the request is invalid",
    "password: expected a reference to it",
    "spark.hadoop.fs.s3a.aws.credentials.provider=org.apache.hadoop.fs.s3a.TemporaryAWSCredentialsProvider",
    "PWD=/mnt/var/lib",
    (
        "spark-submit --deploy-mode cluster --py-files s3://lake/artifacts/a1/emr_job_suite-0.1.0-a1b2c3-py.zip "
        "s3://lake/artifacts/9e/device_readings.py --input s3://lake/raw --run-id r1 --changes-from s3://lake/m.json"
    ),
]


@pytest.mark.parametrize(("text", "secret", "kind"), PLANTED)
def test_a_planted_secret_is_found_and_taken_out(text: str, secret: str, kind: str) -> None:
    assert ((), kind) in list(find_secrets(text))
    assert f"[redacted {kind}]" in redact(text)
    assert secret not in redact(text)
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_a_harmless_text_is_left_as_it_is(text: str) -> None:
    assert list(find_secrets(text)) == []
    assert redact(text) == text


def test_only_the_secret_is_taken_out_of_a_text() -> None:
    assert redact(f"jdbc:x://u:{HUNTER}@db/x") == "jdbc:x://u:[redacted password]@db/x"
    assert (
        redact(f'{{"password": "{HUNTER}", "user": "u"}}')
        == '{"password": "[redacted password]", "user": "u"}'
    )


def test_a_secret_beside_another_is_taken_out_too() -> None:
    text = redact(f"secret {FORTY} {FORTY[::-1]}")
    assert text == "secret [redacted secret access key] [redacted secret access key]"
    assert redact(text) == text


REQUESTS: list[tuple[Any, list[tuple[tuple[str | int, ...], str]]]] = [
    ({"Name": KEY_ID}, [(("Name",), "AWS access key id")]),
    ({"Tags": [{"Key": "db-password", "Value": "hunter"}]}, [(("Tags", 0, "Value"), "password")]),
    (
        {"Configurations": [{"Properties": {"fs.s3a.secret.key": "short"}}]},
        [(("Configurations", 0, "Properties", "fs.s3a.secret.key"), "secret access key")],
    ),
    ({"Args": ["--password", "hunter", "--verbose"]}, [(("Args", 1), "password")]),
    ({"Args": ["--password=hunter"]}, [(("Args", 0), "password")]),
    ({"Args": ["--conf", "spark.x.token=abc"]}, [(("Args", 1), "token")]),
    ({"Args": ["--password", "--verbose"]}, []),
    ({"password": 12345, "token": None, "secret": True, "api_key": ""}, [(("password",), "password")]),
    ({"password": "${password}", "secretArn": ARN_OF_ONE}, []),
    ({KEY_ID: "x"}, [((), "AWS access key id")]),
    ({"Ec2KeyName": "mine", "KmsKeyId": "alias/mine", "LogUri": "s3://b/l/"}, []),
    ([1, None, 2.5, b"x"], []),
]


@pytest.mark.parametrize(("request_", "expected"), REQUESTS)
def test_a_request_is_walked_to_each_secret(
    request_: Any, expected: list[tuple[tuple[str | int, ...], str]]
) -> None:
    assert list(find_secrets(request_)) == expected


def test_a_key_that_is_a_secret_is_not_shown_in_the_path_of_what_it_holds() -> None:
    found = list(find_secrets({KEY_ID: {"x": GITHUB}}))
    assert found == [
        ((), "AWS access key id"),
        (("[redacted AWS access key id]", "x"), "GitHub token"),
    ]


def test_a_finding_names_the_place_and_the_kind_but_not_the_secret() -> None:
    (found,) = secret_findings("c.yaml", {"Tags": [{"Key": "password", "Value": HUNTER}]}, lambda _: 7)
    assert found == Finding(
        level=Level.ERROR,
        file="c.yaml",
        line=7,
        path=("Tags", 0, "Value"),
        problem="holds what looks like a secret (password), readable by all who may describe the cluster",
        expected="a reference to it, such as the ARN of a secret in Secrets Manager that the job reads itself",
        source="https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-security.html",
    )
    assert redact(str(found)) == str(found)


def test_a_finding_at_a_property_with_a_telling_name_survives_redaction() -> None:
    (found,) = secret_findings("c.yaml", {"spark.x.password": HUNTER})
    assert redact(str(found)) == str(found)


PIECES = [text for text, _, _ in PLANTED] + [
    *HARMLESS,
    *(
        "[redacted password]",
        "[redacted ",
        "]",
        "password",
        "=",
        ": ",
        '"',
        "'",
        "\n",
        "@",
        "://",
        ":",
        "--token ",
        "*",
    ),
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=6).map("".join))
def test_to_redact_twice_is_to_redact_once(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(PLANTED), st.text(max_size=20), st.text(max_size=20))
def test_a_planted_secret_does_not_survive_whatever_stands_around_it(
    planted: tuple[str, str, str], before: str, after: str
) -> None:
    text, secret, _ = planted
    assert secret not in redact(f"{before} {text}\n{after}")


@pytest.mark.parametrize(
    "piece",
    [
        "password",
        "a:",
        "arn:a:",
        "://a:b",
        "--token ",
        "secret=",
        "*",
        "${a}",
        "{{",
        "-----BEGIN PRIVATE KEY",
        "x@",
        "'",
        "A",
    ],
)
def test_no_text_keeps_the_patterns_busy_for_ever(piece: str) -> None:
    for text in (piece * 3_000 + " x", f"password={piece * 3_000} x"):
        assert redact(redact(text)) == redact(text)


def test_a_private_key_is_taken_out_of_lines_that_come_one_by_one() -> None:
    blocks = KeyBlocks()
    begin, first, second, end = PRIVATE.split("\n")
    told = [blocks(line) for line in ("before", begin, first, second, end, "after")]
    assert told == ["before", begin, *["[redacted private key]"] * 3, "after"]
    assert blocks(PRIVATE.replace("\n", " ")) == PRIVATE.replace("\n", " ")
    assert blocks("after it all on one line") == "after it all on one line"


def test_a_private_key_without_an_end_does_not_hide_the_rest_of_a_log() -> None:
    blocks = KeyBlocks()
    told = [blocks(line) for line in (PRIVATE.split("\n", maxsplit=1)[0], *["x"] * 300)]
    assert (told.count("[redacted private key]"), told[-1]) == (250, "x")
