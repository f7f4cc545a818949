"""Each law is seen to break."""

from functools import partial

import pytest

from benchmarks.emr_chaos.requests import launch_request
from benchmarks.emr_chaos.requests import step as any_step
from benchmarks.orchestrator_chaos import laws
from benchmarks.orchestrator_chaos.scenarios import run_command, start_command
from benchmarks.orchestrator_chaos.simulation import Simulation, given_cluster, plan_of, planned_job
from benchmarks.orchestrator_chaos.stage import Actor
from orchestrator.engine import leases
from orchestrator.engine.documents import encode
from orchestrator.engine.leases import Lease
from orchestrator.identity import Token, named
from orchestrator.plans import Plan, step_of

TOKEN = Token("0123456789abcdef0123")


def plan(simulation: Simulation) -> tuple[Plan, str]:
    request = launch_request("long", StepConcurrencyLevel=9)
    cluster = str(simulation.emr.call("RunJobFlow", request)["JobFlowId"])
    jobs = [planned_job("a", "run", "s3://lake/a"), planned_job("b", "run", "s3://lake/b", follows=["a"])]
    return plan_of("run", jobs, given_cluster(cluster)), cluster


def add(simulation: Simulation, cluster: str, *steps: dict[str, object]) -> None:
    simulation.emr.call("AddJobFlowSteps", {"JobFlowId": cluster, "Steps": list(steps)})


def test_nothing_is_broken_where_all_is_well() -> None:
    simulation = Simulation()
    made, _ = plan(simulation)
    actor = simulation.actor("user", partial(run_command, made))
    simulation.play([actor])
    assert laws.broken(simulation, [actor]) == []


def test_an_error_is_told() -> None:
    simulation = Simulation()
    actor = Actor("user", lambda _actor: None, simulation.stage, error=ValueError("why"))
    assert laws.broken(simulation, [actor]) == ["user ended with ValueError: why"]


@pytest.mark.parametrize("what", ["cluster", "step"])
def test_what_is_there_twice_is_told(what: str) -> None:
    simulation = Simulation()
    name = named("x", TOKEN)
    if what == "cluster":
        for _ in range(2):
            simulation.emr.call("RunJobFlow", launch_request(name))
    else:
        _, cluster = plan(simulation)
        add(simulation, cluster, any_step(name), any_step(name))
    assert f"2 times there: {name}" in laws.broken(simulation, [])


def test_a_cluster_that_nobody_knows_is_told_as_long_as_it_lives() -> None:
    simulation = Simulation()
    cluster = simulation.emr.call("RunJobFlow", launch_request(named("x", TOKEN)))["JobFlowId"]
    assert laws.broken(simulation, []) == [f"lives, and nobody knows: {cluster} x ({TOKEN})"]
    simulation.emr.call("TerminateJobFlows", {"JobFlowIds": [cluster]})
    simulation.emr.advance(3600)
    assert laws.broken(simulation, []) == []


def test_steps_that_write_one_table_at_once_or_out_of_order_are_told() -> None:
    simulation = Simulation()
    made, cluster = plan(simulation)
    simulation.play([simulation.actor("user", partial(start_command, made))])
    first, second = made.jobs
    add(simulation, cluster, step_of(first, 2), step_of(second, 1))
    simulation.emr.advance(3600)
    assert sorted(laws.broken(simulation, [])) == [
        f"{made.run_id}: b began before a was done",
        f"s3://lake/a: written at once by {step_of(first, 1)['Name']} and {step_of(first, 2)['Name']}",
    ]


def test_what_begins_after_the_end_is_told() -> None:
    simulation = Simulation()
    made, cluster = plan(simulation)
    simulation.play([simulation.actor("user", partial(run_command, made))])
    simulation.emr.advance(60)
    add(simulation, cluster, step_of(made.jobs[1], 2))
    assert laws.broken(simulation, []) == [
        f"{made.run_id}: {step_of(made.jobs[1], 2)['Name']} began after the run had succeeded"
    ]


def test_a_table_that_a_run_holds_after_its_end_is_told() -> None:
    simulation = Simulation()
    made, _ = plan(simulation)
    simulation.play([simulation.actor("user", partial(run_command, made))])
    lease = Lease("s3://lake/a", made.run_id, 1, 1, 0, "1")
    simulation.s3.objects[f"_state/{leases.key_of(lease.table)}"] = encode(lease)
    assert laws.broken(simulation, []) == [f"s3://lake/a: held by {made.run_id}, which is over"]
