"""What clusters share."""

from local_aws.emr.entities import Status
from tests.local_aws.emr.launching import Laptop


def test_a_change_is_traced_with_its_instant_and_reason() -> None:
    world, status = Laptop().emr.world, Status("STARTING", 0)
    world.change(status, "j-1", "TERMINATING", "USER_REQUEST", "Terminated by user request")
    world.change(status, "j-1", "TERMINATED")
    assert (status.state, status.code, status.message) == ("TERMINATED", None, None)
    assert world.trace == [
        f"{world.now} j-1 TERMINATING USER_REQUEST Terminated by user request",
        f"{world.now} j-1 TERMINATED - -",
    ]
