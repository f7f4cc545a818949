"""How clusters and steps ended, in words and in what follows."""

from typing import Any

import botocore.session
import pytest

from orchestrator.engine.judging import (
    LAUNCH_TIMEOUT,
    TIME_LIMIT,
    Failure,
    cluster_failure,
    judge,
    state_of,
    step_failure,
)
from orchestrator.engine.records import State


def step(state: str, **details: str) -> dict[str, Any]:
    return {"Id": "s-1", "Name": "readings", "Status": {"State": state, "FailureDetails": details}}


def test_every_state_of_a_step_is_known() -> None:
    model = botocore.session.get_session().get_service_model("emr")
    states = model.shape_for("StepState").enum  # type: ignore[attr-defined] # of string shapes
    assert {state: state_of(step(state)) for state in states} == {
        "PENDING": State.SUBMITTED,
        "CANCEL_PENDING": State.RUNNING,
        "RUNNING": State.RUNNING,
        "COMPLETED": State.SUCCEEDED,
        "CANCELLED": State.CANCELLED,
        "FAILED": State.FAILED,
        "INTERRUPTED": State.FAILED,
    }


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        (
            step_failure("a", "j-1", step("FAILED", Reason="Unknown Error.", Message="boom")),
            "job a: Unknown Error.: boom",
        ),
        (step_failure("a", "j-1", step("INTERRUPTED")), "job a: INTERRUPTED"),
        (
            cluster_failure(
                "j-1", {"State": "TERMINATED", "StateChangeReason": {"Code": "X", "Message": "y"}}
            ),
            "cluster j-1: X: y",
        ),
        (cluster_failure("j-1", {"State": "TERMINATED"}), "cluster j-1: TERMINATED"),
    ],
)
def test_a_failure_is_a_line(failure: Failure, text: str) -> None:
    assert str(failure) == text


@pytest.mark.parametrize(
    ("failure", "lines", "kind"),
    [
        (Failure("job a", TIME_LIMIT, "", "j-1", "s-1"), [], "too long"),
        (Failure("cluster j-1", LAUNCH_TIMEOUT, "", "j-1"), [], "no capacity"),
        (Failure("cluster j-1", "VALIDATION_ERROR", "The subnet is gone", "j-1"), [], "refused"),
        (Failure("cluster j-1", "INTERNAL_ERROR", "EC2 is out of capacity for m5", "j-1"), [], "no capacity"),
        (Failure("job a", "Unknown Error.", "Container killed", "j-1", "s-1"), [], "out of memory"),
        (Failure("job a", "Unknown Error.", "", "j-1", "s-1"), [], "unknown"),
        (
            Failure("job a", "Unknown Error.", "", "j-1", "s-1"),
            ["Step failed with exitCode 2"],
            "wrong usage",
        ),
    ],
)
def test_a_failure_is_judged_by_what_is_known_of_it(failure: Failure, lines: list[str], kind: str) -> None:
    assert judge(failure, lines).kind == kind
