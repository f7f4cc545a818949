"""What processes find in their environment."""

import subprocess
import sys
from pathlib import Path
from unittest.mock import sentinel

import pytest

from local_aws.running.memory import Memory
from local_aws.running.workshop import Workshop


def workshop(folder: Path) -> Workshop:
    aws = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_REGION": "us-east-1"}
    return Workshop(folder, "http://e", sentinel.s3, aws, lambda do: do(), 0, 0, Memory(1))


def test_processes_see_the_embedded_aws_and_little_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AWS_PROFILE": "mine",
        "AWS_ACCESS_KEY_ID": "mine",
        "VIRTUAL_ENV": "x",
        "LANG": "C",
    }.items():
        monkeypatch.setenv(name, value)
    shop = workshop(tmp_path)
    found = shop.variables(tmp_path / "home")
    assert found["AWS_ACCESS_KEY_ID"] == "local"
    assert found["AWS_ENDPOINT_URL"] == "http://e"
    assert found["LANG"] == "C"
    assert found["HOME"] == f"{tmp_path}/home"
    assert not {"AWS_PROFILE", "VIRTUAL_ENV"} & set(found)


def test_the_users_own_aws_is_not_to_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/credentials").write_text("[prod]\naws_access_key_id=mine\naws_secret_access_key=mine\n")
    (tmp_path / ".aws/config").write_text("[default]\nignore_configured_endpoint_urls=true\n[profile prod]\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / ".aws/credentials"))
    look = "import boto3; print(boto3.client('s3').meta.endpoint_url, boto3.Session().available_profiles)"
    told = subprocess.run(
        [sys.executable, "-c", look],
        env=workshop(tmp_path / "shop").variables(tmp_path / "home"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "http://e []\n"


def test_our_own_helpers_keep_their_home_and_no_other_aws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/users-home")
    monkeypatch.setenv("AWS_PROFILE", "mine")
    found = workshop(tmp_path).own_variables
    assert (found["HOME"], found["AWS_ENDPOINT_URL"]) == ("/users-home", "http://e")
    assert "AWS_PROFILE" not in found
