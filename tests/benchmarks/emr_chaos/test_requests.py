"""Requests that the embedded EMR accepts."""

from benchmarks.emr_chaos.requests import FLEETS, fleet, launch_request, spot_timeout, step
from tests.local_aws.emr.launching import Laptop


def test_a_launch_is_accepted_with_fleets_steps_and_further_members() -> None:
    laptop = Laptop()
    task = fleet("TASK", 1, 2, **spot_timeout("SWITCH_TO_ON_DEMAND", 20))
    request = launch_request("name", [*FLEETS, task], [step("one", "CANCEL_AND_WAIT")], LogUri="s3://logs/")
    cluster = laptop.call("RunJobFlow", **request)["JobFlowId"]
    told = laptop.fleets(cluster)["TASK"]
    assert (told["TargetOnDemandCapacity"], told["TargetSpotCapacity"]) == (1, 2)
    assert told["LaunchSpecifications"]["SpotSpecification"]["TimeoutDurationMinutes"] == 20
    assert laptop.steps(cluster) == ["PENDING"]
