"""What is tried again, how long, and what is never done twice."""

import random
from collections.abc import Callable, Sequence

import pytest
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.aws.faults import RefusedCallError, UnknownOutcomeError
from orchestrator.aws.limiter import Limiter
from orchestrator.aws.retrying import LONGEST_WAIT_S, Retrying
from orchestrator.errors import TimedOutError
from tests.orchestrator.aws.pretended import BEGINNING, LongestWaits, StillClock, client_error

THROTTLED = client_error("ThrottlingException", "Rate exceeded")
BROKEN = client_error("InternalFailure", status=500)
LOST = ConnectionClosedError(endpoint_url="e")
AWAY = EndpointConnectionError(endpoint_url="e")
REFUSED = client_error("ValidationException", "no")


class Script:
    """A call that goes as it is told: it raises, or returns `done` in the end."""

    def __init__(self, goes: Sequence[Exception]) -> None:
        """Make it."""
        self.goes, self.calls = list(goes), 0

    def __call__(self) -> str:
        """Do it."""
        self.calls += 1
        if self.goes:
            raise self.goes.pop(0)
        return "done"


def retrying(clock: StillClock, limiter: Limiter | None = None) -> Retrying:
    return Retrying("EMR", clock, LongestWaits(), limiter)


def test_a_read_is_tried_until_it_is_answered_with_waits_that_double_up_to_a_limit() -> None:
    clock, script = StillClock(), Script([THROTTLED, BROKEN, LOST, AWAY, THROTTLED, BROKEN, LOST])
    assert retrying(clock).read("ListClusters", script, BEGINNING + 3600) == "done"
    assert clock.slept == [1, 2, 4, 8, 16, LONGEST_WAIT_S, LONGEST_WAIT_S]


def test_a_write_is_tried_again_where_it_was_not_carried_out() -> None:
    clock, script = StillClock(), Script([THROTTLED, AWAY, THROTTLED])
    assert retrying(clock).write("RunJobFlow", script, BEGINNING + 3600) == "done"
    assert script.calls == 4


@pytest.mark.parametrize("fault", [BROKEN, LOST])
def test_a_write_whose_outcome_is_unknown_is_not_repeated(fault: Exception) -> None:
    script = Script([fault])
    with pytest.raises(UnknownOutcomeError, match="EMR RunJobFlow: no answer came"):
        retrying(StillClock()).write("RunJobFlow", script, BEGINNING + 3600)
    assert script.calls == 1


@pytest.mark.parametrize("how", ["read", "write"])
def test_a_refusal_is_final(how: str) -> None:
    script = Script([REFUSED])
    call: Callable[..., str] = getattr(retrying(StillClock()), how)
    with pytest.raises(RefusedCallError, match="ValidationException: no"):
        call("RunJobFlow", script, BEGINNING + 3600)
    assert script.calls == 1


@pytest.mark.parametrize(("left_s", "calls"), [(0.5, 1), (1, 1), (1.5, 2), (3, 2), (3.5, 3)])
def test_no_wait_goes_beyond_the_deadline(left_s: float, calls: int) -> None:
    clock, script = StillClock(), Script([THROTTLED] * 9)
    with pytest.raises(TimedOutError) as raised:
        retrying(clock).read("ListClusters", script, BEGINNING + left_s)
    assert script.calls == calls
    assert clock.now() < BEGINNING + left_s
    assert str(raised.value).startswith("EMR ListClusters: throttled until the time was over (ClientError: ")
    assert "run the same command again, it takes up where this one ended" in str(raised.value)


def test_a_turn_that_comes_too_late_is_not_waited_for() -> None:
    clock, script = StillClock(), Script([])
    limiter = Limiter(clock, 1.0)
    limiter.drain("ListSteps")
    with pytest.raises(TimedOutError, match=r"not called: its turn would have come 2 s later.*--timeout"):
        retrying(clock, limiter).read("ListSteps", script, BEGINNING + 2)
    assert script.calls == 0
    assert retrying(clock, limiter).read("ListSteps", script, BEGINNING + 2.1) == "done"


def test_throttling_drains_the_bucket_of_the_operation() -> None:
    clock = StillClock()
    limiter = Limiter(clock, 1.0)
    retrying(clock, limiter).read("ListSteps", Script([THROTTLED]), BEGINNING + 60)
    assert clock.now() - BEGINNING == pytest.approx(2.0)  # a second's back-off, and a second for the token


@settings(max_examples=100)
@given(
    goes=st.lists(st.sampled_from([THROTTLED, BROKEN, LOST, AWAY, REFUSED]), max_size=12),
    seed=st.integers(0, 9),
    left_s=st.floats(0, 200),
)
def test_a_write_is_carried_out_at_most_once_and_everything_ends_in_time(
    goes: list[Exception], seed: int, left_s: float
) -> None:
    clock, script = StillClock(), Script(goes)
    edge = Retrying("EMR", clock, random.Random(seed))  # noqa: S311 - repeatable, no secret
    outcome = "done"
    try:
        edge.write("RunJobFlow", script, BEGINNING + left_s)
    except (RefusedCallError, UnknownOutcomeError, TimedOutError) as error:
        outcome = type(error).__name__
    met = goes[: script.calls]
    maybe_done = sum(each in (BROKEN, LOST) for each in met) + (outcome == "done")
    assert maybe_done <= 1
    assert (maybe_done == 1) == (outcome in {"done", "UnknownOutcomeError"})
    assert clock.now() <= BEGINNING + left_s
