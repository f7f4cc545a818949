"""Calls at random: each kind of call and fault does what it says, and what is refused must leave no trace."""

import pytest

from benchmarks.emr_chaos.chaos import Chaos
from benchmarks.emr_chaos.laws import BrokenLawError
from local_aws.api.errors import validation
from local_aws.emr import emulator
from local_aws.emr.account import Account, Request

LAUNCH: tuple[object, ...] = ("launch", [], True, "SWITCH_TO_ON_DEMAND")


def outcomes(*calls: tuple[object, ...]) -> dict[str, str]:
    chaos = Chaos("a")
    for what, *given in calls:
        chaos.do(str(what), *given)
    return dict(chaos.outcomes.keys())


def test_what_became_of_each_call_is_counted() -> None:
    assert outcomes(("terminate", 0), ("lose", 0, 0), ("advance", 1)) == {
        "terminate": "refused",
        "lose": "nothing to do",
        "advance": "done",
    }
    told = outcomes(
        LAUNCH, ("advance", 3600), ("look", 0), ("unset", 0), ("interrupt", 0, 1), ("keep", 0, False)
    )
    assert set(told.values()) == {"done"}


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [("throttled", "throttled"), ("server_error", "server error"), ("lost_answer", "answer lost")],
)
def test_faults_of_calls_are_told_apart(kind: str, outcome: str) -> None:
    assert outcomes(("fault", kind, 1.0), LAUNCH)["launch SWITCH_TO_ON_DEMAND"] == outcome


def test_an_answer_that_the_model_does_not_have_breaks_a_law(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(emulator.OPERATIONS, "ListClusters", lambda *_: {"Clusters": [{"State": 1}]})
    with pytest.raises(BrokenLawError, match="ListClusters gave what the model does not have"):
        Chaos("a").call("ListClusters")


def test_a_refusal_that_does_something_breaks_a_law(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(account: Account, _request: Request) -> None:
        account.world.say("s-1", "RUNNING")
        raise validation("No.")

    monkeypatch.setitem(emulator.OPERATIONS, "ListClusters", refuse)
    with pytest.raises(BrokenLawError, match="ListClusters was refused, and did something"):
        Chaos("a").call("ListClusters")


def test_a_sequence_ends_settled_two_months_later() -> None:
    chaos = Chaos("a")
    chaos.play([("add", 0, []), ("resize", 0, "CORE", 3, None), ("odd", "ListClusters", 0, 0, 0)])
    assert chaos.laws.reached["cluster", "RUNNING", "WAITING"] == 1
    assert chaos.outcomes["resize CORE", "done"] == 1
