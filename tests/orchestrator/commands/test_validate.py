"""`orchestrator validate` and `orchestrator schema`."""

import json
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from orchestrator.cli import app
from tests.requests.renew import CONFIGS

BASE = str(CONFIGS / "base.yaml")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a call leaves the machine")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), prog_name="orchestrator")


def test_a_faultless_file_ends_with_0_and_says_nothing_on_standard_output() -> None:
    result = _run(
        "validate",
        BASE,
        "--var",
        "bucket=b",
        "--var",
        "subnets=[s-1, s-2]",
        "--var",
        "security_configuration=s",
    )
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "1 files: 0 errors, 0 warnings\n"


def test_advice_is_printed_and_ends_with_0() -> None:
    result = _run("validate", BASE, "--var", "bucket=b")
    assert result.exit_code == 0
    assert [line.split(": ")[1] for line in result.stdout.splitlines()] == ["WARNING"] * 3


def test_errors_end_with_2() -> None:
    result = _run("validate", BASE)
    assert result.exit_code == 2
    line = result.stdout.splitlines()[0]
    assert line.startswith(f"{BASE}:")
    assert (
        "ERROR: LogUri: the variable bucket has no value, got 's3://${bucket}/logs/'; expected --var bucket="
        in line
    )


def test_json_is_one_document(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("a: [", encoding="utf-8")
    result = _run("validate", str(broken), BASE, "--var", "bucket=b", "-o", "json")
    assert result.exit_code == 2
    told = json.loads(result.stdout)
    assert (told["errors"], told["warnings"]) == (1, 3)
    assert told["files"][0]["files"] == [str(broken)]
    assert told["files"][0]["findings"][0] == {
        "level": "ERROR",
        "file": str(broken),
        "line": 1,
        "path": "",
        "problem": "not YAML: expected the node content, but found '<stream end>' while parsing a flow node",
        "value": None,
        "expected": None,
        "source": None,
    }


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["validate"], "Missing argument"),
        (["validate", BASE, "--var", "bucket"], "Error: --var bucket: not a variable; expected name=value"),
        (["validate", "none.yaml"], ""),
    ],
)
def test_wrong_usage_ends_with_2(arguments: list[str], text: str) -> None:
    result = _run(*arguments)
    assert result.exit_code == 2
    assert text in result.stderr


def test_the_schema_is_printed() -> None:
    result = _run("schema")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
