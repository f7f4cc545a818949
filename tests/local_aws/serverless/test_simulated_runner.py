"""Attempts that only take their time."""

from local_aws.serverless.simulated_runner import AttemptPlan
from tests.local_aws.serverless.laptop import HOUR, MINUTE, Laptop


def test_the_first_plan_that_matches_counts() -> None:
    laptop = Laptop(AttemptPlan("^a", minutes=(1, 1)), AttemptPlan("b", exit_code=2))
    made = laptop.started()
    runs = [laptop.run(made, name) for name in ("ab", "cb", "c")]
    laptop.advance(2 * HOUR)
    assert laptop.states(*runs) == ["SUCCESS", "FAILED", "SUCCESS"]
    assert laptop.job_run(runs[0]).ran_for == MINUTE * 1000


def test_one_that_is_stopped_ends_once() -> None:
    laptop = Laptop(AttemptPlan("", minutes=(5, 5)))
    run = laptop.job_run(laptop.run(laptop.started(), seconds=3 * MINUTE))
    assert run.state == "RUNNING"
    laptop.runner.stop(run, 1, is_forced=True)
    laptop.runner.stop(run, 1, is_forced=False)
    laptop.advance(HOUR)
    assert laptop.history(run.id)[-2:] == ["RUNNING", "FAILED"]
    assert "ExitCode: 143" in run.details
