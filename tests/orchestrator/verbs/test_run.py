"""A run to its end: done once, taken up again, let go or cancelled when the time is over, and its failure told."""

from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from benchmarks.orchestrator_chaos.scenarios import cancel_command
from benchmarks.orchestrator_chaos.simulation import DAY_S
from local_aws.emr.simulated_runner import StepPlan
from orchestrator.aws.objects import Objects
from orchestrator.engine.drive import CancelledError, Progress, Rules
from orchestrator.engine.edge import Edge
from orchestrator.engine.records import JobRecord, RunRecord, State
from orchestrator.errors import TimedOutError, UsageError
from orchestrator.verbs import run as verb
from orchestrator.verbs.run import FailedJob, OnTimeout
from tests.orchestrator.verbs.stands import QUICK, Stand

FAILING = [StepPlan("readings", (1, 1), exit_code=1), QUICK]


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    """Give a user with files."""
    return Stand(tmp_path)


def run_it(
    stand: Stand, edge: Edge, what: str, for_s: float, on_timeout: OnTimeout, **further: Any
) -> RunRecord:
    made = stand.planned(edge, what, **further)
    until = edge.clock.now() + for_s
    record = verb.begin(edge, stand.lake, made, edge.clock.now() + DAY_S)
    return verb.drive(edge, record, Rules(), until, on_timeout)


def run(
    stand: Stand,
    what: str = "two.yaml",
    for_s: float = DAY_S,
    on_timeout: OnTimeout = OnTimeout.LEAVE,
    **further: Any,
) -> RunRecord:
    found = stand.do(lambda edge: run_it(stand, edge, what, for_s, on_timeout, **further))
    assert isinstance(found, RunRecord)
    return found


def read(stand: Stand, run_id: str) -> RunRecord:
    found = stand.do(lambda edge: verb.attach(edge, run_id, edge.clock.now() + 60))
    assert isinstance(found, RunRecord)
    return found


@pytest.mark.parametrize("cluster", [None, "long.yaml"])
def test_a_rerun_of_a_finished_run_writes_nothing_anywhere(stand: Stand, cluster: str | None) -> None:
    record = run(stand, cluster=cluster)
    assert record.state is State.SUCCEEDED
    puts, state = stand.lake.asked, dict(stand.simulation.s3.objects)
    calls = [
        stand.calls(name) for name in ("RunJobFlow", "AddJobFlowSteps", "TerminateJobFlows", "CancelSteps")
    ]
    assert run(stand, cluster=cluster) == record
    assert (stand.lake.asked, stand.simulation.s3.objects) == (puts, state)
    assert calls == [
        stand.calls(name) for name in ("RunJobFlow", "AddJobFlowSteps", "TerminateJobFlows", "CancelSteps")
    ]


def test_other_inputs_make_another_run(stand: Stand) -> None:
    first = run(stand)
    stand.lake.objects["s3://lake/raw/new"] = b"new"
    assert run(stand).run_id != first.run_id
    assert stand.calls("RunJobFlow") == 2


def test_when_the_time_is_over_the_run_goes_on_and_is_taken_up(stand: Stand) -> None:
    with pytest.raises(TimedOutError) as raised:
        run(stand, for_s=120)
    [run_id] = [
        key.removeprefix("_state/runs/").removesuffix(".json")
        for key in stand.simulation.s3.objects
        if key.startswith("_state/runs/")
    ]
    assert str(raised.value) == (
        f"run {run_id}: not over when the time was; it goes on: wait again with orchestrator run --attach {run_id}, "
        f"end it with orchestrator cancel {run_id}"
    )
    assert read(stand, run_id).state is State.RUNNING
    assert run(stand).state is State.SUCCEEDED
    assert stand.calls("RunJobFlow") == 1


def test_or_it_is_cancelled(stand: Stand) -> None:
    with pytest.raises(
        TimedOutError, match=r"run r\w+: not over in time, and cancelled \(--on-timeout cancel\)"
    ):
        run(stand, for_s=120, on_timeout=OnTimeout.CANCEL)
    [cluster] = stand.simulation.emr.world.clusters.values()
    assert cluster.status.state == "TERMINATED"
    again = run(stand)
    assert (again.state, again.jobs["readings"].attempt) == (State.SUCCEEDED, 3)


def test_who_waits_hears_of_a_cancelling(stand: Stand) -> None:
    run_id = stand.plan("two.yaml").plan.run_id
    user = stand.simulation.actor(
        "user", lambda edge: run_it(stand, edge, "two.yaml", DAY_S, OnTimeout.LEAVE)
    )
    other = stand.simulation.actor("other", partial(cancel_command, run_id), begins_at=200)
    stand.simulation.play([user, other])
    assert isinstance(user.error, CancelledError)
    assert f"run {run_id} was cancelled" in str(user.error)


def test_progress_is_told(stand: Stand) -> None:
    told: list[Progress] = []

    def command(edge: Edge) -> RunRecord:
        made = stand.planned(edge, "two.yaml")
        until = edge.clock.now() + DAY_S
        record = verb.begin(edge, stand.lake, made, until)
        return verb.drive(edge, record, Rules(on_progress=told.append), until)

    record = stand.do(command)
    assert {each.run_id for each in told} == {record.run_id}
    assert told[0].cluster == "STARTING"
    assert (told[-1].cluster, told[-1].jobs) == (
        "TERMINATED",
        {"readings": "COMPLETED", "hourly": "COMPLETED"},
    )


def test_a_job_that_failed_is_told_with_its_reason_and_what_to_do(tmp_path: Path) -> None:
    stand = Stand(tmp_path, list(FAILING))
    record = run(stand)
    assert (record.state, record.jobs["readings"].state) == (State.FAILED, State.FAILED)
    assert record.jobs["hourly"].state in {State.CANCELLED, State.SKIPPED}
    [job] = stand.do(
        lambda edge: verb.failed_jobs(edge, Objects(stand.lake, edge.clock), record, edge.clock.now() + 60)
    )
    assert isinstance(job, FailedJob)
    assert (job.job, job.step_id, job.lines) == ("readings", record.jobs["readings"].step_id, ())
    assert job.reason.startswith("job readings: ")
    assert "s3://state/logs/" in job.logs
    assert job.next_step
    assert verb.advice(record) == ""


def test_a_run_without_a_job_that_failed_is_advised_by_its_cluster(stand: Stand) -> None:
    plan = stand.plan("two.yaml").plan

    def advice(reason: str | None) -> str:
        made = RunRecord(
            plan=plan, state=State.FAILED, nonce="", began_at=0, cluster_id="j-1", reason=reason, jobs={}
        )
        return verb.advice(made)

    assert advice(None) == ""
    told = advice("cluster j-1: VALIDATION_ERROR: Insufficient instance capacity")
    assert told
    assert told != advice("cluster j-1: USER_REQUEST: Terminated by user request")


def test_a_job_without_a_step_is_told_with_why(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    record = run(stand)
    lost = {"readings": JobRecord(state=State.FAILED, reason="EMR said no")}
    failed = msgspec.structs.replace(record, jobs=lost)
    [job] = stand.do(
        lambda edge: verb.failed_jobs(edge, Objects(stand.lake, edge.clock), failed, edge.clock.now() + 60)
    )
    assert job == FailedJob("readings", None, "EMR said no", (), "it has no step", "")


def test_what_was_never_begun_cannot_be_taken_up(stand: Stand) -> None:
    with pytest.raises(UsageError, match="run r0: the state has no such run"):
        read(stand, "r0")
