"""Single steps are cancelled where they are ours, and EMR's answer is told."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.emr_chaos.requests import launch_request, step
from benchmarks.orchestrator_chaos.simulation import DAY_S
from orchestrator.aws.faults import RefusedCallError
from orchestrator.engine.edge import Edge
from orchestrator.errors import UsageError
from orchestrator.identity import Token, named
from orchestrator.verbs.cancel import CancelledStep, cancel_steps
from tests.orchestrator.verbs.stands import Stand

OURS = named("readings", Token("a" * 20))


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    """Give a user with files."""
    return Stand(tmp_path)


def cluster_with(stand: Stand, *names: str, after_s: float = 0) -> tuple[str, list[str]]:
    request = launch_request("cluster", steps=[step(name) for name in names])
    cluster = stand.simulation.emr.call("RunJobFlow", request)["JobFlowId"]
    stand.simulation.emr.advance(after_s)
    return str(cluster), [each.id for each in stand.simulation.emr.cluster(str(cluster)).steps]


def cancel(stand: Stand, cluster: str, *ids: str) -> Any:
    def command(edge: Edge) -> list[CancelledStep]:
        return cancel_steps(edge.emr, cluster, ids, edge.clock.now() + 60)

    return stand.do(command)


def test_a_step_of_ours_is_cancelled_and_others_go_on(stand: Stand) -> None:
    cluster, (ours, other) = cluster_with(stand, OURS, "other")
    [told] = cancel(stand, cluster, ours)
    assert told == CancelledStep(ours, OURS, "PENDING")
    assert told.action == "is ending"
    stand.simulation.emr.advance(DAY_S)
    steps = {each.id: each.status.state for each in stand.simulation.emr.cluster(cluster).steps}
    assert steps == {ours: "CANCELLED", other: "COMPLETED"}


def test_a_step_that_is_over_stays_as_it_is(stand: Stand) -> None:
    cluster, (ours,) = cluster_with(stand, OURS, after_s=DAY_S)
    [told] = cancel(stand, cluster, ours)
    assert (told.state, told.error, told.action) == ("COMPLETED", None, "has ended")
    assert stand.calls("CancelSteps") == 0


def test_a_step_of_somebody_else_is_refused_and_then_none_is_cancelled(stand: Stand) -> None:
    cluster, (ours, other) = cluster_with(stand, OURS, "other")
    with pytest.raises(UsageError) as raised:
        cancel(stand, cluster, ours, other)
    assert str(raised.value) == (
        f"{other}: 'other' is not ours: expected a token at the end of its name; nothing was cancelled; "
        "aws emr cancel-steps ends what is not"
    )
    assert stand.calls("CancelSteps") == 0


@pytest.mark.parametrize(("cluster", "step_id"), [(None, "s-NONE"), ("j-NONE", "s-NONE")])
def test_what_is_not_there_is_refused(stand: Stand, cluster: str | None, step_id: str) -> None:
    there, _ = cluster_with(stand, OURS)
    where = cluster or there
    with pytest.raises(
        UsageError, match=f"{step_id}: cluster {where} has no such step .*; nothing was cancelled"
    ):
        cancel(stand, where, step_id)


def test_what_emr_answers_is_told(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster, (ours,) = cluster_with(stand, OURS)

    def answer(edge: Edge) -> Any:
        answers = [{"StepId": ours, "Status": "FAILED", "Reason": "no interrupts here"}]
        monkeypatch.setattr(edge.emr, "cancel_steps", lambda *_: answers)
        return cancel_steps(edge.emr, cluster, [ours], edge.clock.now() + 60)

    [told] = stand.do(answer)
    assert (told.error, told.action) == ("no interrupts here", "goes on")


def test_a_refusal_of_aws_is_one(stand: Stand) -> None:
    cluster, (ours,) = cluster_with(stand, OURS)
    stand.refuse("DescribeStep")
    with pytest.raises(RefusedCallError):
        cancel(stand, cluster, ours)
