import errno
import signal
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner

from orchestrator import cli
from orchestrator.errors import RefusedError


def test_an_error_becomes_one_line_on_standard_error_and_its_exit_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def look(_: Any) -> None:
        raise RefusedError("RunJobFlow: refused")

    monkeypatch.setattr("orchestrator.local.commands.look", look)
    result = CliRunner().invoke(cli.app, ["local", "status"])
    assert (result.exit_code, result.stdout, result.stderr) == (3, "", "Error: RunJobFlow: refused\n")


def test_what_the_system_refuses_is_one_line_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def look(_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("orchestrator.local.commands.look", look)
    result = CliRunner().invoke(cli.app, ["local", "status"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: standard output: No space left on device\n"


@pytest.mark.parametrize("arguments", [["local", "sideways"], ["local", "up", "--port", "99999"], ["-x"]])
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli.app, arguments)
    assert result.exit_code == 2
    assert result.stdout == ""


@pytest.mark.parametrize("arguments", [["--help"], ["local", "--help"], ["local", "up", "--help"]])
def test_help_is_a_result(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli.app, arguments)
    assert result.exit_code == 0
    assert "Usage: " in result.stdout


@pytest.mark.parametrize(
    ("before", "after"),
    [(signal.SIG_DFL, signal.default_int_handler), (signal.SIG_IGN, signal.SIG_IGN)],
)
def test_a_request_to_end_interrupts_unless_it_is_ignored(
    monkeypatch: pytest.MonkeyPatch, before: signal.Handlers, after: Callable[..., Any]
) -> None:
    handlers: dict[int, Any] = {signal.SIGTERM: before, signal.SIGHUP: before}
    monkeypatch.setattr(signal, "getsignal", handlers.__getitem__)
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    monkeypatch.setattr(cli, "app", lambda **_: None)
    cli.main()
    assert handlers == {signal.SIGTERM: after, signal.SIGHUP: after}
