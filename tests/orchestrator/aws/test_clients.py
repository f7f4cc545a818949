"""Where calls go, and that a write is sent once."""

import json
from pathlib import Path

import pytest
from botocore.config import Config

from local_aws.server import Settings
from orchestrator.aws.clients import READING, WRITING, Account, account, is_embedded, local_account
from orchestrator.errors import UsageError
from tests.local_aws.embedded import embedded


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Take away what this machine says of AWS; return the file of profiles."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    config = tmp_path / "config"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return config


def attempts(found: Account, config: Config) -> int:
    client = found.client("emr", config)
    try:
        return int(client.meta.config.retries["total_max_attempts"])
    finally:
        client.close()


def test_an_account_has_the_region_that_is_named_or_that_of_its_profile(no_settings: Path) -> None:
    no_settings.write_text("[profile far]\nregion = ap-southeast-2\n")
    assert account(None, "eu-west-1").region == "eu-west-1"
    assert account("far", None).region == "ap-southeast-2"
    assert account("far", "eu-west-1").region == "eu-west-1"
    assert not account("far", None).is_local


def test_without_a_region_there_is_nowhere_to_call(no_settings: Path) -> None:
    assert not no_settings.exists()
    with pytest.raises(UsageError, match="no AWS Region: name it by --region, AWS_REGION, or in the profile"):
        account(None, None)


def test_a_profile_that_is_not_there_is_named(no_settings: Path) -> None:
    assert not no_settings.exists()
    with pytest.raises(
        UsageError, match=r"--profile nobody: .*nobody.*aws configure list-profiles names those there are"
    ):
        account("nobody", "us-east-1")


def test_a_client_for_writes_makes_one_attempt_and_one_for_reads_three(no_settings: Path) -> None:
    assert not no_settings.exists()
    found = account(None, "us-east-1")
    assert (attempts(found, WRITING), attempts(found, READING)) == (1, 3)


def test_the_local_account_is_that_of_the_environment() -> None:
    found = local_account({"AWS_ENDPOINT_URL": "http://127.0.0.1:4577", "AWS_REGION": "eu-west-1"})
    assert (found.endpoint, found.region, found.is_local) == ("http://127.0.0.1:4577", "eu-west-1", True)
    client = found.client("s3", WRITING)
    assert client.meta.endpoint_url == "http://127.0.0.1:4577"
    assert client.meta.config.s3["addressing_style"] == "path"
    assert client.meta.config.retries["total_max_attempts"] == 1
    client.close()


@pytest.mark.parametrize(
    "url", ["", "https://elasticmapreduce.us-east-1.amazonaws.com", "http://10.0.0.1:4566"]
)
def test_local_never_means_another_endpoint(url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        local_account({"AWS_ENDPOINT_URL": url, "XDG_STATE_HOME": str(tmp_path)})
    assert str(raised.value).startswith(
        f"--local: no embedded AWS runs in {tmp_path}/emr-job-suite/local-aws: "
    )
    assert (
        "start it: orchestrator local up; or, for one in another folder, evaluate what its `up` prints"
        in str(raised.value)
    )


def test_the_embedded_aws_answers_with_its_own_credentials(tmp_path: Path) -> None:
    with embedded(tmp_path, Settings()) as aws:
        found = local_account({"AWS_ENDPOINT_URL": aws.aws.url})
        client = found.client("sts")
        who = client.get_caller_identity()
        client.close()
    assert json.dumps(who["Account"]) == '"123456789012"'


@pytest.mark.parametrize(
    ("environ", "is_so"),
    [
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}, True),
        ({"AWS_ENDPOINT_URL": "https://elsewhere"}, False),
        ({}, False),
    ],
)
def test_an_embedded_aws_is_known_by_its_endpoint(environ: dict[str, str], is_so: bool) -> None:
    assert is_embedded(environ) is is_so
