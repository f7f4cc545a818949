"""The comparison of steps with plain spark-submit, small."""

import pytest
import typer
from typer.testing import CliRunner

from benchmarks import local_steps
from tests.conftest import need


def test_the_command_prints_what_a_step_adds(
    monkeypatch: pytest.MonkeyPatch, jar_properties: dict[str, str]
) -> None:
    need(jar_properties)
    monkeypatch.setattr(local_steps, "PROGRAM", b"print('no session')")
    app = typer.Typer()
    app.command()(local_steps.main)
    result = CliRunner().invoke(app, ["--rounds", "1"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert "start of the embedded AWS" in result.stdout
    assert "the same as a step" in result.stdout


@pytest.mark.parametrize("url", [None, "http://127.0.0.1:9"])
def test_where_nobody_listens_nobody_answers(url: str | None) -> None:
    assert not local_steps.answers(url)


def test_a_servers_own_words_tell_its_address() -> None:
    assert local_steps.first_url(" * Running on http://127.0.0.1:5000\nPress") == "http://127.0.0.1:5000"
    assert local_steps.first_url("starting") is None
