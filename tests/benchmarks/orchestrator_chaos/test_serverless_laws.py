"""Each law of applications and job runs is seen to break."""

from functools import partial
from typing import Any

from benchmarks.orchestrator_chaos import serverless_laws
from benchmarks.orchestrator_chaos.scenarios import applied, run_command
from benchmarks.orchestrator_chaos.simulation import (
    Simulation,
    plan_of,
    planned_application,
    planned_job_run,
)
from orchestrator.plans import Plan, step_of


def one_job(run: str = "run") -> Plan:
    return plan_of(run, [planned_job_run("a", run, "s3://lake/a")], planned_application("app"))


def played(*plans: Plan) -> Simulation:
    simulation = Simulation()
    simulation.open_serverless()
    simulation.play([simulation.actor(each.run_id, partial(run_command, each)) for each in plans])
    return simulation


def call(simulation: Simulation, operation: str, **request: Any) -> Any:
    assert simulation.serverless is not None
    return simulation.serverless.call(operation, request)


def application(simulation: Simulation) -> str:
    return str(call(simulation, "ListApplications")["applications"][0]["id"])


def test_nothing_is_broken_where_all_is_well_or_nothing_is_there() -> None:
    simulation = Simulation()
    assert serverless_laws.broken(simulation) == []
    scene = applied(simulation, 2)
    simulation.play(scene.actors)
    assert [*serverless_laws.broken(simulation), *scene.broken(simulation)] == []


def test_what_is_there_twice_or_unknown_is_told() -> None:
    simulation = played()
    request = dict(planned_application("app").request or {})
    for token in ("one", "two"):
        call(simulation, "CreateApplication", **{**request, "clientToken": token})
    found = serverless_laws.broken(simulation)
    assert [line.split(":")[0] for line in found] == ["2 times there", *["there, and nobody knows"] * 2]


def test_what_begins_after_the_end_and_goes_on_is_told() -> None:
    plan = one_job()
    simulation = played(plan)
    simulation.emr.advance(600)
    late = {**step_of(plan.jobs[0], 9), "applicationId": application(simulation)}
    call(simulation, "StartJobRun", **late)
    found = serverless_laws.broken(simulation)
    assert any(f"{plan.run_id}: " in line and "began after the run had succeeded" in line for line in found)
    assert any(f"{plan.run_id}: " in line and "goes on after the run had succeeded" in line for line in found)


def test_two_that_write_at_once_are_told() -> None:
    plan = one_job()
    simulation = played(plan)
    for number in (8, 9):
        asked = {**step_of(plan.jobs[0], number), "applicationId": application(simulation)}
        call(simulation, "StartJobRun", **asked)
    simulation.emr.advance(3600)
    assert any(
        line.startswith("s3://lake/a: written at once by ") for line in serverless_laws.broken(simulation)
    )


def test_one_that_is_begun_before_those_it_follows_have_succeeded_is_told() -> None:
    first = planned_job_run("a", "run", "s3://lake/a")
    then = planned_job_run("b", "run", "s3://lake/b", follows=["a"])
    plan = plan_of("run", [first, then], planned_application("app"))
    simulation = played(plan)
    told = f"{plan.run_id}: b was begun before a had succeeded"
    assert told not in serverless_laws.broken(simulation)
    assert simulation.serverless is not None
    job_runs = simulation.serverless.service.account.job_runs.values()
    [of_a] = [one for one in job_runs if str(one.request["name"]).startswith("a ")]
    of_a.ended_at = simulation.emr.world.now
    assert told in serverless_laws.broken(simulation)
