"""A function in its process, and how it ends."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local_aws.functions.host import MOST_BYTES, Code, Host, Result
from tests.local_aws.functions.zips import ARN, HANDLER, zipped

Make = Callable[..., Host]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    hosts: list[Host] = []

    def made(source: str = HANDLER, handler: str = "handlers.handler", timeout_s: float = 30) -> Host:
        code = Code("f", ARN, zipped(source), handler, {"GIVEN": "by the function"}, timeout_s, 128)
        hosts.append(Host(code, tmp_path / str(len(hosts)), {"GIVEN": "by all", "TZ": "UTC"}))
        return hosts[-1]

    yield made
    for host in hosts:
        host.close()


def told(result: Result) -> Any:
    return json.loads(result.payload)


def test_a_handler_is_called_in_a_process_that_stays_and_knows_nothing_of_its_user(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OF_THE_USER", "secret")
    host = make()
    expected = {
        "name": "f",
        "has_time": True,
        "variable": "by the function",
        "secret": None,
        "folder": True,
    }
    assert told(host.invoke(b"{}")) == {"calls": 1, **expected}
    assert told(host.invoke(b"{}")) == {"calls": 2, **expected}
    assert (tmp_path / "0" / "log").read_text().count("called ") == 2


def test_an_exception_is_told_and_the_process_goes_on(make: Make) -> None:
    host = make()
    failed = host.invoke(b'{"raise": true}')
    assert failed.error == "Unhandled"
    assert not failed.is_timeout
    assert (told(failed)["errorType"], told(failed)["errorMessage"]) == ("ValueError", "as was asked for")
    assert "in handler" in "".join(told(failed)["stackTrace"])
    assert told(host.invoke(b"{}"))["calls"] == 2


def test_a_process_that_is_gone_is_started_anew(make: Make) -> None:
    host = make()
    failed = host.invoke(b'{"exit": true}')
    assert (failed.error, told(failed)["errorType"]) == ("Unhandled", "Runtime.ExitError")
    assert told(host.invoke(b"{}"))["calls"] == 1


def test_who_takes_too_long_is_ended(make: Make) -> None:
    host = make(timeout_s=0.5)
    failed = host.invoke(b'{"sleep": true}')
    assert failed.is_timeout
    assert told(failed)["errorType"] == "Sandbox.Timedout"
    assert told(failed)["errorMessage"].endswith("Task timed out after 0.50 seconds")
    assert told(host.invoke(b"{}"))["calls"] == 1


def test_six_megabytes_are_the_most_in_both_directions(make: Make) -> None:
    host = make()
    assert told(host.invoke(json.dumps({"raise": "x" * MOST_BYTES}).encode()))["errorType"] == (
        "RequestEntityTooLarge"
    )
    assert host.invoke(b'{"large": %d}' % (MOST_BYTES - 2)).error is None
    assert told(host.invoke(b'{"large": %d}' % (MOST_BYTES - 1)))["errorType"] == (
        "Function.ResponseSizeTooLarge"
    )


@pytest.mark.parametrize(
    ("source", "handler", "kind"),
    [
        ("import nothing_of_that_name", "handlers.handler", "ModuleNotFoundError"),
        (HANDLER, "handlers.other", "AttributeError"),
        (HANDLER, "elsewhere.handler", "ModuleNotFoundError"),
        ("import os; os._exit(1)", "handlers.handler", "Runtime.ExitError"),
    ],
)
def test_a_handler_that_cannot_be_imported_is_told(make: Make, source: str, handler: str, kind: str) -> None:
    failed = make(source, handler).invoke(b"{}")
    assert (failed.error, told(failed)["errorType"]) == ("Unhandled", kind)
