"""What clusters and fleets count."""

import pytest

from local_aws.emr.entities import ON_DEMAND, SPOT, Cluster, Collection, Instance, Status, Step


def instance(state: str, market: str = SPOT, weight: int = 2) -> Instance:
    return Instance("ci-1", "if-1", "TASK", "m5.xlarge", market, weight, "us-east-1a", Status(state, 0))


def test_units_are_those_of_instances_that_are_there_or_to_come() -> None:
    fleet = Collection("if-1", "TASK", {}, False, Status("RUNNING", 0), on_demand_target=1, spot_target=7)
    fleet.instances = [instance("RUNNING"), instance("AWAITING_FULFILLMENT"), instance("TERMINATED")]
    assert (fleet.units(SPOT), fleet.units(ON_DEMAND), len(fleet.live)) == (4, 0, 2)
    assert (fleet.missing(SPOT), fleet.missing(ON_DEMAND)) == (3, 1)
    assert not fleet.is_fulfilled
    fleet.given_up = {SPOT, ON_DEMAND}
    assert fleet.is_fulfilled
    fleet.spot_target = 2
    assert fleet.missing(SPOT) == 0


@pytest.mark.parametrize(
    ("state", "is_active"),
    [
        ("PENDING", True),
        ("RUNNING", True),
        ("CANCEL_PENDING", True),
        ("COMPLETED", False),
        ("INTERRUPTED", False),
    ],
)
def test_steps_count_until_they_have_ended(state: str, is_active: bool) -> None:
    assert Step("s-1", {"ActionOnFailure": "CONTINUE"}, Status(state, 0)).is_active == is_active


def test_a_cluster_finds_what_is_its_own() -> None:
    fleet = Collection("if-1", "TASK", {}, False, Status("RUNNING", 0), instances=[instance("RUNNING")])
    step = Step("s-1", {"ActionOnFailure": "CONTINUE"}, Status("PENDING", 0))
    status = Status("RUNNING", 0)
    cluster = Cluster("j-1", {"Name": "x"}, status, True, False, 1, {}, steps=[step], collections=[fleet])
    assert cluster.name == "x"
    assert cluster.has_fleets
    assert cluster.step("s-1") is step
    assert cluster.step("s-2") is None
    assert cluster.collection("TASK") is fleet
    assert cluster.collection("CORE") is None
    assert cluster.instances == fleet.instances
    assert not cluster.is_ending
    cluster.status.state = "TERMINATING"
    assert cluster.is_ending
