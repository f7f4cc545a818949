"""Steps that only take their time."""

from local_aws.emr.simulated_runner import BootstrapPlan, StepPlan
from tests.local_aws.emr.launching import Laptop, step

ACTION = {"Name": "a", "ScriptBootstrapAction": {"Path": "s3://b/a.sh"}}


def test_the_first_plan_that_matches_counts() -> None:
    laptop = Laptop()
    laptop.plan(StepPlan("^a", minutes=(1, 1)), StepPlan("^ab", exit_code=1), StepPlan("b", exit_code=2))
    cluster = laptop.launch(steps=[step("ab"), step("cb")], hours=3)
    assert laptop.steps(cluster) == ["COMPLETED", "FAILED"]
    first = laptop.emr.cluster(cluster).steps[0].status
    assert first.ended_at is not None
    assert first.started_at is not None
    assert first.ended_at - first.started_at == 60_000


def test_what_running_steps_ask_for_is_added_up() -> None:
    laptop = Laptop()
    laptop.plan(StepPlan("big", demand=30, minutes=(60, 60)), StepPlan("small", demand=2, minutes=(60, 60)))
    cluster = laptop.launch(steps=[step("big"), step("small"), step("small")], StepConcurrencyLevel=2)
    assert laptop.runner.demand(laptop.emr.cluster(cluster)) == 0
    laptop.until_ready(cluster)
    laptop.emr.advance(60)
    assert laptop.runner.demand(laptop.emr.cluster(cluster)) == 32


def test_a_bootstrap_action_fails_as_often_as_it_is_planned_to() -> None:
    laptop = Laptop()
    laptop.plan(BootstrapPlan(1, role="CORE", times=1))
    cluster = laptop.launch(BootstrapActions=[ACTION], hours=1)
    codes = [one.status.code for one in laptop.emr.cluster(cluster).instances]
    assert codes.count("BOOTSTRAP_FAILURE") == 1
    assert laptop.status(cluster)[0] == "WAITING"
