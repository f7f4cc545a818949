"""What processes find in their environment."""

from pathlib import Path
from unittest.mock import sentinel

import pytest

from local_aws.running.memory import Memory
from local_aws.running.workshop import Workshop


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
    shop = Workshop(
        tmp_path, "http://e", sentinel.s3, {"AWS_ACCESS_KEY_ID": "local"}, lambda do: do(), 0, Memory(1)
    )
    found = shop.variables
    assert found["AWS_ACCESS_KEY_ID"] == "local"
    assert found["AWS_ENDPOINT_URL"] == "http://e"
    assert found["LANG"] == "C"
    assert not {"AWS_PROFILE", "VIRTUAL_ENV"} & set(found)
