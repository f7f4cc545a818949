"""What a critical review has shown to go wrong, each as it was shown."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from benchmarks.emr_chaos.requests import launch_request
from benchmarks.emr_chaos.requests import step as any_step
from benchmarks.orchestrator_chaos import laws
from benchmarks.orchestrator_chaos.calls import Fault, Script
from benchmarks.orchestrator_chaos.memory_s3 import MemoryS3
from benchmarks.orchestrator_chaos.scenarios import cancel_command, read_record, run_command
from benchmarks.orchestrator_chaos.simulation import (
    BOUNDS,
    DAY_S,
    Circumstances,
    Simulation,
    given_cluster,
    own_cluster,
    plan_of,
    planned_job,
)
from local_aws.emr.simulated_runner import StepPlan
from orchestrator.aws.faults import RefusedCallError
from orchestrator.engine import running
from orchestrator.engine.documents import encode
from orchestrator.engine.drive import Rules
from orchestrator.engine.edge import Edge
from orchestrator.engine.polling import Poller
from orchestrator.engine.records import State
from orchestrator.plans import Plan
from orchestrator.verdicts import Verdict

TABLE = "s3://lake/table"


def nightly(retries: int = 0) -> Plan:
    jobs = [planned_job("readings", "nightly", TABLE, action="TERMINATE_CLUSTER", retries=retries)]
    return plan_of("nightly", jobs, own_cluster("nightly", jobs))


def judged(most_retries: int, plan: Plan, edge: Edge) -> Any:
    until = edge.clock.now() + DAY_S
    verdict = Verdict("any", is_retryable=True, most_retries=most_retries, next_step="")
    record = running.begin(edge, plan, until)
    poller = Poller(edge.emr, edge.clock, edge.bounds.poll_s)
    return running.run(edge, poller, record, Rules(lambda _: verdict), until)


@pytest.mark.parametrize("seed", range(6))
def test_two_who_judge_a_failure_otherwise_do_not_end_the_run_under_each_other(seed: int) -> None:
    simulation = Simulation(Circumstances(str(seed), steps=[StepPlan("-1[)]$", minutes=(1, 1), exit_code=1)]))
    plan = nightly(retries=3)
    users = [
        simulation.actor("patient", partial(judged, 3, plan)),
        simulation.actor("strict", partial(judged, 0, plan), begins_at=seed),
    ]
    simulation.play(users)
    assert laws.broken(simulation, users) == []
    record = read_record(simulation, plan.run_id)
    assert record is not None
    # Whoever came first has decided, and the other one saw that.
    launched = len(simulation.emr.world.clusters)
    assert (record.state, launched) in {(State.SUCCEEDED, 2), (State.FAILED, 1)}
    assert {user.result.state for user in users} == {record.state}


def test_who_may_not_look_fails_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    script: Script = {("user", "run_job_flow#0"): Fault.CRASH_AFTER}
    simulation, plan = Simulation(script=script), nightly()
    user = simulation.actor("user", partial(run_command, plan))

    def other(edge: Edge) -> Any:
        monkeypatch.setattr(edge.emr, "clusters", _refuse)
        return run_command(plan, edge)

    # The second one comes while the first is dead, and may not list clusters.
    stranger = simulation.actor("stranger", other, begins_at=5)
    user.patience_s = 1000
    simulation.play([user, stranger])
    assert isinstance(stranger.error, RefusedCallError)
    assert user.result.state is State.SUCCEEDED
    assert laws.broken(simulation, [user]) == []


def _refuse(*_args: Any, **_kwargs: Any) -> Any:
    raise RefusedCallError("EMR ListClusters: AccessDeniedException: no", "AccessDeniedException", "no")


def test_a_run_that_waits_for_room_can_be_cancelled_and_begins_nothing_afterwards() -> None:
    simulation = Simulation(Circumstances(steps=[StepPlan("", minutes=(600, 600))]))
    request = launch_request("long", steps=[any_step(f"step {number}") for number in range(256)])
    cluster = simulation.emr.call("RunJobFlow", request)["JobFlowId"]
    plan = plan_of("run", [planned_job("a", "run", TABLE)], given_cluster(cluster))
    user = simulation.actor("user", partial(run_command, plan))
    canceller = simulation.actor("canceller", partial(cancel_command, plan.run_id), begins_at=3600)
    simulation.play([user, canceller])
    assert [user.error, canceller.error] == [None, None]
    assert canceller.result is not None
    assert (
        simulation.emr.world.now / 1000 - simulation.emr.cluster(cluster).status.created_at / 1000 < 2 * 3600
    )
    simulation.emr.advance(DAY_S)
    assert len(simulation.emr.cluster(cluster).steps) == 256


class SlowS3(MemoryS3):
    """Answers a while late, once it is told to."""

    wait: Callable[[], None] = staticmethod(lambda: None)

    def get_object(self, **asked: Any) -> dict[str, Any]:
        self.wait()
        return super().get_object(**asked)


def test_a_slow_look_before_the_call_makes_no_call_after_its_claim() -> None:
    simulation, plan = Simulation(), nightly()
    s3 = simulation.s3 = SlowS3()
    slow = simulation.actor("slow", partial(run_command, plan))
    quick = simulation.actor("quick", partial(run_command, plan), begins_at=1)

    def wait() -> None:
        calls = simulation.wires["slow"].calls
        if simulation.stage.current is slow and "run_job_flow" not in calls and 4 <= len(calls) <= 12:
            slow.sleep(BOUNDS.claim_s / 2)

    s3.wait = wait
    simulation.play([slow, quick])
    assert laws.broken(simulation, [slow, quick]) == []


def test_a_detached_run_whose_jobs_are_all_done_ends() -> None:
    simulation, plan = Simulation(), nightly()
    simulation.play([simulation.actor("user", partial(run_command, plan))])
    record = read_record(simulation, plan.run_id)
    assert record is not None

    def start(edge: Edge) -> Any:
        again = replace(
            record, state=State.RUNNING, ended_at=None, cluster_id=None, attempt=3, first_attempt=3
        )
        simulation.s3.objects[f"_state/runs/{plan.run_id}.json"] = encode(again)
        return running.start(edge, Poller(edge.emr, edge.clock), again, edge.clock.now() + 60)

    actor = simulation.actor("again", start)
    simulation.play([actor])
    assert actor.error is None
    assert actor.result.state is State.SUCCEEDED
