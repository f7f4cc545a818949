"""What clusters share."""

from local_aws.emr.entities import Status
from tests.local_aws.emr.launching import Laptop


def test_durations_are_drawn_between_two_and_the_same_for_the_same_thing() -> None:
    world, other = Laptop("a").emr.world, Laptop("b").emr.world
    drawn = [world.draw((10, 20), "x", number) for number in range(100)]
    assert all(10 <= one < 20 for one in drawn)
    assert len(set(drawn)) > 5
    assert drawn == [world.draw((10, 20), "x", number) for number in range(100)]
    assert drawn != [other.draw((10, 20), "x", number) for number in range(100)]
    assert world.draw((7, 7), "x") == 7


def test_a_change_is_traced_with_its_instant_and_reason() -> None:
    world, status = Laptop().emr.world, Status("STARTING", 0)
    world.change(status, "j-1", "TERMINATING", "USER_REQUEST", "Terminated by user request")
    world.change(status, "j-1", "TERMINATED")
    assert (status.state, status.code, status.message) == ("TERMINATED", None, None)
    assert world.trace == [
        f"{world.now} j-1 TERMINATING USER_REQUEST Terminated by user request",
        f"{world.now} j-1 TERMINATED - -",
    ]
