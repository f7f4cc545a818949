"""Calls at random: each kind of call and fault does what it says, and what is refused must leave no trace."""

from typing import Any

import pytest

from benchmarks.emr_chaos.laws import BrokenLawError
from benchmarks.serverless_chaos.chaos import Chaos
from local_aws.api.errors import validation
from local_aws.serverless import emulator
from local_aws.serverless.account import Request
from local_aws.serverless.service import Service

STARTED: tuple[tuple[Any, ...], ...] = (("create", 0, ""), ("advance", 5), ("start", 0), ("advance", 120))
RUNNING: tuple[tuple[Any, ...], ...] = (*STARTED, ("run", 0, "long", 0, ""), ("advance", 300))


def outcomes(*calls: tuple[Any, ...]) -> dict[str, str]:
    chaos = Chaos("a")
    for what, *given in calls:
        chaos.do(str(what), *given)
    return dict(chaos.outcomes.keys())


def test_what_became_of_each_call_is_counted() -> None:
    assert outcomes(("stop", 0), ("tag", 0), ("cancel", 0, None), ("vcpus", 1)) == {
        "stop": "refused",
        "tag": "refused",
        "cancel": "refused",
        "vcpus": "done",
    }
    told = outcomes(*RUNNING, ("look", 0), ("tag", 0), ("cancel", 0, 15), ("advance", 600), ("stop", 0))
    assert set(told.values()) == {"done"}
    assert set(outcomes(*STARTED[:2], ("update", 0, 1), ("delete", 0)).values()) == {"done"}


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [("throttled", "throttled"), ("server_error", "server error"), ("lost_answer", "answer lost")],
)
def test_faults_of_calls_are_told_apart(kind: str, outcome: str) -> None:
    assert outcomes(("fault", kind, 1.0), ("create", 0, "same"))["create same"] == outcome


def test_an_answer_that_the_model_does_not_have_breaks_a_law(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(emulator.OPERATIONS, "ListApplications", lambda *_: {"applications": [{"id": 1}]})
    with pytest.raises(BrokenLawError, match="ListApplications gave what the model does not have"):
        Chaos("a").call("ListApplications")


def test_a_refusal_that_does_something_breaks_a_law(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(service: Service, _request: Request) -> None:
        service.world.say("00a", "RUNNING")
        raise validation("No.")

    monkeypatch.setitem(emulator.OPERATIONS, "ListApplications", refuse)
    with pytest.raises(BrokenLawError, match="ListApplications was refused, and did something"):
        Chaos("a").call("ListApplications")


def test_a_token_that_makes_two_things_breaks_a_law() -> None:
    chaos = Chaos("a")
    for what, *given in (*STARTED, ("run", 0, "good", 0, "same")):
        chaos.do(what, *given)
    chaos.serverless.service.tokens._known.clear()
    with pytest.raises(BrokenLawError, match="was made with the token of"):
        chaos.do("run", 0, "good", 0, "same")


def test_a_token_that_refuses_its_own_request_breaks_a_law(monkeypatch: pytest.MonkeyPatch) -> None:
    chaos = Chaos("a")
    chaos.do("create", 0, "same")
    monkeypatch.setattr("local_aws.serverless.tokens._print", lambda _: "another")
    with pytest.raises(BrokenLawError, match="the same request with its token was refused"):
        chaos.do("create", 0, "same")


def test_a_sequence_ends_settled_two_weeks_later() -> None:
    chaos = Chaos("a")
    chaos.play([("run", 0, "shaky", 1, ""), ("advance", 600)])
    assert chaos.laws.reached["job run", "RUNNING", "PENDING"] == 1
    assert chaos.laws.reached["application", "STOPPING", "STOPPED"] == 1
