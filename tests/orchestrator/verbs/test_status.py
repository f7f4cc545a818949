"""How far runs are, by what AWS says now, whether somebody waits for them or not."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.orchestrator_chaos.simulation import DAY_S
from local_aws.emr.simulated_runner import StepPlan
from orchestrator.aws.faults import RefusedCallError
from orchestrator.engine.drive import Rules
from orchestrator.engine.edge import Edge
from orchestrator.engine.records import State
from orchestrator.errors import UsageError
from orchestrator.verbs.launch import launch
from orchestrator.verbs.run import attach, drive
from orchestrator.verbs.status import Seen, runs, status
from tests.orchestrator.verbs.stands import QUICK, Stand


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    """Give a user with files."""
    return Stand(tmp_path)


def begun(stand: Stand, what: str = "two.yaml", **further: Any) -> str:
    """Begin a run, and let nobody wait for it."""

    def command(edge: Edge) -> str:
        made = stand.planned(edge, what, **further)
        return str(launch(edge, stand.lake, made, edge.clock.now() + DAY_S).run_id)

    return str(stand.do(command))


def seen(stand: Stand, run_id: str) -> Seen:
    found = stand.do(lambda edge: status(edge, run_id, edge.clock.now() + 60))
    assert isinstance(found, Seen)
    return found


def states(found: Seen) -> dict[str, str]:
    return {name: str(job.state) for name, job in found.record.jobs.items()}


def test_a_run_is_told_as_it_goes_on_though_nobody_waits(stand: Stand) -> None:
    run_id = begun(stand)
    first = seen(stand, run_id)
    assert (first.state, first.cluster, first.why, first.is_over) == ("running", "STARTING", None, False)
    [cluster] = stand.simulation.emr.world.clusters.values()
    while cluster.steps[0].status.state != "RUNNING":
        stand.simulation.emr.advance(1)
    running = seen(stand, run_id)
    assert (running.state, running.cluster) == ("running", "RUNNING")
    assert states(running) == {"readings": "running", "hourly": "submitted"}
    stand.simulation.emr.advance(DAY_S)
    ended = seen(stand, run_id)
    assert (ended.state, ended.cluster, ended.why, ended.is_over) == ("succeeded", "TERMINATED", None, True)
    assert {job.step_id for job in ended.record.jobs.values()} == {step.id for step in cluster.steps}


def test_nothing_is_written(stand: Stand) -> None:
    run_id = begun(stand)
    before = dict(stand.simulation.s3.objects)
    stand.simulation.emr.advance(DAY_S)
    seen(stand, run_id)
    assert stand.simulation.s3.objects == before


def test_a_run_whose_cluster_ended_while_nobody_waited_has_stopped(tmp_path: Path) -> None:
    stand = Stand(tmp_path, [StepPlan("hourly", (1, 1), exit_code=1), QUICK])
    run_id = begun(stand)
    stand.simulation.emr.advance(DAY_S)
    found = seen(stand, run_id)
    assert (found.state, found.cluster, found.is_over) == ("stopped", "TERMINATED_WITH_ERRORS", False)
    assert states(found) == {"readings": "succeeded", "hourly": "failed"}
    assert str(found.why).startswith(f"cluster {found.record.cluster_id}: STEP_FAILURE: ")
    record = stand.do(
        lambda edge: drive(
            edge, attach(edge, run_id, edge.clock.now() + 60), Rules(), edge.clock.now() + DAY_S
        )
    )
    assert record.state is State.FAILED
    over = seen(stand, run_id)
    assert (over.state, over.cluster, over.is_over) == ("failed", None, True)


def test_on_a_shared_cluster_what_nobody_has_submitted_waits(stand: Stand) -> None:
    long = stand.do(
        lambda edge: (
            launch(edge, stand.lake, stand.planned(edge, "long.yaml"), edge.clock.now() + DAY_S).cluster_id
        )
    )
    run_id = begun(stand, cluster=long)
    stand.simulation.emr.advance(3600)
    found = seen(stand, run_id)
    assert (found.state, found.cluster) == ("running", "WAITING")
    assert states(found) == {"readings": "succeeded", "hourly": "waiting"}
    stand.simulation.emr.call("TerminateJobFlows", {"JobFlowIds": [long]})
    stand.simulation.emr.advance(3600)
    assert seen(stand, run_id).state == "stopped"


def test_a_cluster_that_emr_has_forgotten_is_told(stand: Stand) -> None:
    run_id = begun(stand)
    [cluster] = list(stand.simulation.emr.world.clusters)
    del stand.simulation.emr.account.machines[cluster]
    found = seen(stand, run_id)
    assert (found.state, found.cluster) == ("stopped", "FORGOTTEN")
    assert found.why == f"cluster {cluster}: EMR does not know it (any more)"


def test_another_refusal_is_one(stand: Stand) -> None:
    run_id = begun(stand)
    stand.refuse("DescribeCluster")
    with pytest.raises(RefusedCallError):
        seen(stand, run_id)


def test_runs_are_listed_the_newest_first_with_a_look_at_each_cluster(stand: Stand) -> None:
    long = stand.do(
        lambda edge: (
            launch(edge, stand.lake, stand.planned(edge, "long.yaml"), edge.clock.now() + DAY_S).cluster_id
        )
    )
    begun_runs = []
    for key in ("a", "b", "c"):
        begun_runs.append(begun(stand, "two.yaml:readings", cluster=long, key=key))
        stand.simulation.emr.advance(3600)
    described, listed = stand.calls("DescribeCluster"), stand.calls("ListSteps")
    found, count = stand.do(lambda edge: runs(edge, edge.clock.now() + 60))
    assert ([each.record.run_id for each in found], count) == (begun_runs[::-1], 3)
    assert {each.state for each in found} == {"succeeded"}
    assert (stand.calls("DescribeCluster") - described, stand.calls("ListSteps") - listed) == (1, 1)
    newest, count = stand.do(lambda edge: runs(edge, edge.clock.now() + 60, 2))
    assert ([each.record.run_id for each in newest], count) == (begun_runs[:0:-1], 3)


def test_no_runs_are_none(stand: Stand) -> None:
    assert stand.do(lambda edge: runs(edge, edge.clock.now() + 60)) == ([], 0)


def test_an_unknown_run_is_refused(stand: Stand) -> None:
    with pytest.raises(
        UsageError, match="run r0: the state has no such run; `orchestrator status` names those"
    ):
        seen(stand, "r0")
