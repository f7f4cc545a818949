"""How a call at random ended, and what no call may do."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.emr_chaos.calling import call, outcome_of
from benchmarks.emr_chaos.laws import BrokenLawError
from local_aws.api.errors import AwsError
from local_aws.emr.faults import LostAnswerError


def raising(error: Exception) -> Callable[[], object]:
    def do() -> object:
        raise error

    return do


@pytest.mark.parametrize(
    ("do", "expected"),
    [
        (lambda: None, "done"),
        (lambda: False, "nothing to do"),
        (raising(LostAnswerError("x")), "answer lost"),
        (raising(AwsError("InternalFailure", "x", 500)), "server error"),
        (raising(AwsError("ThrottlingException", "x")), "throttled"),
        (raising(AwsError("ValidationException", "x")), "refused"),
    ],
)
def test_a_thing_ends_in_one_of_these_ways(do: Callable[[], object], expected: str) -> None:
    assert outcome_of(do) == expected


def test_what_nobody_expects_is_raised() -> None:
    with pytest.raises(KeyError):
        outcome_of(raising(KeyError("x")))


class Service:
    """Answers or refuses, and writes so many lines."""

    def __init__(self, told: dict[str, Any] | AwsError, lines: int = 1) -> None:
        """Say what is told."""
        self.told, self.lines = told, lines
        self.world: Any = SimpleNamespace(trace=[])

    def call(self, _name: str, _request: Mapping[str, Any], /) -> dict[str, Any]:
        """Carry it out."""
        self.world.trace += ["line"] * self.lines
        if isinstance(self.told, AwsError):
            raise self.told
        return self.told


def test_an_answer_is_as_the_model_has_it() -> None:
    assert call(Service({"Clusters": []}), "emr", "ListClusters", {}) == {"Clusters": []}
    with pytest.raises(BrokenLawError, match="ListClusters gave what the model does not have"):
        call(Service({"Clusters": 1}), "emr", "ListClusters", {})
    with pytest.raises(BrokenLawError, match="ListJobRuns gave what the model does not have"):
        call(Service({"Clusters": []}), "emr-serverless", "ListJobRuns", {})


def test_one_that_is_refused_has_done_nothing_but_where_it_may() -> None:
    refusal = AwsError("ValidationException", "no")
    with pytest.raises(AwsError, match="no"):
        call(Service(refusal), "emr", "ListClusters", {})
    with pytest.raises(BrokenLawError, match="ListClusters was refused, and did something"):
        call(Service(refusal, lines=2), "emr", "ListClusters", {})
    with pytest.raises(AwsError, match="no"):
        call(Service(refusal, lines=2), "emr", "ListClusters", {}, is_whole=False)
