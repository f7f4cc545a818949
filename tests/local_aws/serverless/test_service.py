"""Applications and job runs hear of each other."""

from benchmarks.serverless_chaos.requests import worker
from local_aws.serverless.simulated_runner import AttemptPlan
from tests.local_aws.serverless.laptop import HOUR, MINUTE, Laptop


def test_an_application_that_stops_gives_its_workers_to_those_that_wait() -> None:
    laptop = Laptop(AttemptPlan("", minutes=(60, 60)))
    pool = laptop.started(initialCapacity={"DRIVER": worker(4, 16, 4)})
    waiting = laptop.run(laptop.started(), seconds=2 * MINUTE)
    assert laptop.states(waiting) == ["PENDING"]
    laptop.call("StopApplication", applicationId=pool)
    laptop.advance(MINUTE)
    assert laptop.states(waiting) == ["SCHEDULED"]
    laptop.advance(2 * HOUR)
    assert laptop.states(waiting) == ["SUCCESS"]
