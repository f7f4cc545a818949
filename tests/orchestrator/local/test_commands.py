import json
from datetime import UTC, datetime
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from orchestrator.cli import app
from orchestrator.local.place import Place
from orchestrator.local.server import Absent, Status
from orchestrator.waiting import Deadline
from tests.orchestrator.local.running import run, server_of

STATUS = Status(
    pid=7,
    token="secret",  # noqa: S106 - of no account
    url="http://127.0.0.1:4566",
    region="us-east-1",
    started_at=datetime(2026, 11, 26, 15, tzinfo=UTC),
    data="/data/[bold]",
    clusters={"RUNNING": 2, "WAITING": 1, "TERMINATED": 0},
    running_steps=3,
    seed="1f",
)


def call(place: Place, verb: str, *arguments: str) -> Result:
    environment = {"COLUMNS": "100", "TERM": "dumb"}
    return CliRunner().invoke(app, ["local", verb, "--data", str(place.folder), *arguments], env=environment)


def found(monkeypatch: pytest.MonkeyPatch, what: Any) -> None:
    monkeypatch.setattr("orchestrator.local.commands.look", lambda _: what)


def test_status_shows_what_runs_where_and_since_when(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, STATUS)
    result = call(place, "status")
    assert result.exit_code == 0
    cells = [
        [cell.strip() for cell in line.strip("│").split("│")] for line in result.stdout.splitlines()[2:-1]
    ]
    assert cells == [
        ["pid", "7"],
        ["url", "http://127.0.0.1:4566"],
        ["region", "us-east-1"],
        ["started at", "2026-11-26T15:00:00Z"],
        ["data", "/data/[bold]"],
        ["clusters", "2 RUNNING, 1 WAITING"],
        ["running steps", "3"],
        ["seed", "1f"],
    ]


def test_status_without_clusters_says_none_and_an_unknown_seed_is_not_shown(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    found(monkeypatch, Status(7, "t", "u", "r", STATUS.started_at, "d", {}, 0))
    shown = call(place, "status").stdout
    assert "none" in shown
    assert "seed" not in shown


def test_status_as_json_is_whole_but_for_the_token(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, STATUS)
    result = call(place, "status", "-o", "json")
    assert json.loads(result.stdout) == {
        "running": True,
        "pid": 7,
        "url": "http://127.0.0.1:4566",
        "region": "us-east-1",
        "started_at": "2026-11-26T15:00:00Z",
        "data": "/data/[bold]",
        "clusters": {"RUNNING": 2, "WAITING": 1, "TERMINATED": 0},
        "running_steps": 3,
        "seed": "1f",
    }


def test_status_of_nothing_says_why_and_how_to_start(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, Absent("there is no server.json"))
    result = call(place, "status")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"{place.folder}: nothing runs there: there is no server.json; start it: {place.command('up')}\n"
    )
    told = json.loads(call(place, "status", "-o", "json").stdout)
    assert told == {"running": False, "data": str(place.folder), "reason": "there is no server.json"}


def test_down_of_nothing_is_done(place: Place) -> None:
    result = call(place, "down")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"{place.folder}: nothing runs there: there is no such folder\n"


def test_a_file_is_no_data_folder(place: Place) -> None:
    place.folder.write_text("")
    for verb in ("up", "status", "down"):
        assert call(place, verb).exit_code == 2


def test_a_server_comes_is_seen_and_goes(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("up", "--data", place.folder, "--port", "0").returncode == 0
    server = server_of(place.folder)
    assert server.url in call(place, "status").stdout
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    result = call(place, "down")
    assert (result.exit_code, result.stdout) == (0, "")
    first, second = result.stderr.splitlines()
    assert first == f"the embedded AWS at {server.url} (pid {server.pid}) has ended"
    assert second.startswith(
        "this shell still points there; to leave it: unset AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID "
    )
    assert call(place, "status").exit_code == 1


def test_down_waits_minutes_for_buckets_to_be_written(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    def note(_: Place, deadline: Deadline) -> Absent:
        waited.append(deadline.seconds)
        return Absent("it is a test")

    monkeypatch.setattr("orchestrator.local.down.down", note)
    assert call(place, "down").exit_code == 0
    assert waited == [300]
