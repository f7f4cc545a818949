import os
import subprocess
from typing import Any

import boto3
import pytest

from orchestrator.local.environment import in_the_way, of_server, shell_lines, variables

URL = "http://127.0.0.1:4566"
SET = {
    "AWS_ENDPOINT_URL": URL,
    "AWS_ACCESS_KEY_ID": "local-aws-dummy-key",
    "AWS_SECRET_ACCESS_KEY": "local-aws-dummy-secret",
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
    "AWS_USE_FIPS_ENDPOINT": "false",
    "AWS_USE_DUALSTACK_ENDPOINT": "false",
}
UNSET = [
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
]


@pytest.mark.parametrize(
    ("environment", "added"),
    [
        ({}, {}),
        ({"no_proxy": "corp"}, {}),
        ({"https_proxy": "http://proxy"}, {}),
        ({"http_proxy": "http://proxy"}, {"no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}),
        (
            {"ALL_PROXY": "p", "NO_PROXY": "corp"},
            {"no_proxy": "corp,127.0.0.1", "NO_PROXY": "corp,127.0.0.1"},
        ),
        ({"http_proxy": "p", "no_proxy": "corp, 127.0.0.1"}, {}),
        ({"http_proxy": "p", "no_proxy": "*"}, {}),
    ],
)
def test_every_client_is_pointed_at_the_server_past_any_proxy(
    environment: dict[str, str], added: dict[str, str]
) -> None:
    assert variables(URL, "eu-west-1", environment) == SET | added


def test_endpoints_of_single_services_are_in_the_way() -> None:
    environment = {
        "AWS_ENDPOINT_URL": "u",
        "AWS_ENDPOINT_URL_S3": "s",
        "AWS_ENDPOINT_URL_EMR": "e",
        "HOME": "h",
    }
    assert in_the_way(environment) == [*UNSET, "AWS_ENDPOINT_URL_EMR", "AWS_ENDPOINT_URL_S3"]


def test_the_server_gets_nothing_of_the_users_aws_and_no_proxy_for_itself() -> None:
    environment = {"HOME": "h", "AWS_PROFILE": "p", "AWS_SECRET_ACCESS_KEY": "real", "http_proxy": "proxy"}
    proxies = {"http_proxy": "proxy", "no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}
    assert of_server(environment) == {"HOME": "h", **proxies}


def test_a_shell_takes_the_lines_whatever_the_values_hold() -> None:
    value = 'it\'s "$HOME" `ls` \\ ; exit 9\nnext'
    script = shell_lines({"AWS_REGION": value}, ["AWS_PROFILE", "AWS_NEVER_SET"])
    told = subprocess.run(
        ["sh", "-euc", 'eval "$1"; printf %s "$AWS_REGION${AWS_PROFILE-unset}"', "sh", script],
        env=os.environ | {"AWS_PROFILE": "mine"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == f"{value}unset"


@pytest.mark.parametrize(
    "hostile",
    [
        {"AWS_PROFILE": "of-nobody"},
        {"AWS_ENDPOINT_URL_S3": "http://elsewhere.example"},
        {"AWS_SESSION_TOKEN": "old"},
        {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
        {"AWS_USE_FIPS_ENDPOINT": "true"},
        {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
        {"AWS_CREDENTIAL_EXPIRATION": "2001-01-01T00:00:00Z"},
    ],
    ids=lambda hostile: next(iter(hostile)),
)
def test_boto3_goes_to_the_server_whatever_stood_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, hostile: dict[str, str]
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in hostile.items():
        monkeypatch.setenv(name, value)
    for name in in_the_way(os.environ):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables(URL, "eu-west-1", os.environ).items():
        monkeypatch.setenv(name, value)
    assert _where_and_as_whom() == (URL, "eu-west-1", "local-aws-dummy-key", None)


def _where_and_as_whom() -> tuple[Any, ...]:
    client = boto3.Session().client("s3")
    url: str = client.generate_presigned_url("list_buckets")
    assert url.startswith(URL)
    frozen = boto3.Session().get_credentials()
    assert frozen is not None
    return client.meta.endpoint_url, client.meta.region_name, frozen.access_key, frozen.token
