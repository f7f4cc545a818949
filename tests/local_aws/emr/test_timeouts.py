"""What comes where capacity is missing while a cluster is launched."""

import pytest

from tests.local_aws.emr.launching import FLEETS, Laptop, fleet, resize, short, spot_timeout, targets

WITH_ERRORS = "TERMINATED_WITH_ERRORS"


@pytest.fixture
def laptop() -> Laptop:
    return Laptop()


def test_spot_that_is_missing_becomes_on_demand_after_the_time_out(laptop: Laptop) -> None:
    short(laptop, left=1)
    only = [{"InstanceType": "m5.xlarge"}]
    core = fleet("CORE", spot=4, InstanceTypeConfigs=only, **spot_timeout("SWITCH_TO_ON_DEMAND", 10))
    cluster = laptop.launch(FLEETS[0], core)
    laptop.emr.advance(9 * 60)
    assert targets(laptop, cluster, "CORE") == (0, 4, 0, 1)
    assert laptop.status(cluster)[0] == "STARTING"
    laptop.emr.advance(20 * 60)
    assert targets(laptop, cluster, "CORE") == (3, 1, 3, 1)
    assert laptop.status(cluster)[0] == "WAITING"


@pytest.mark.parametrize("left", [0, 3])
def test_spot_that_is_missing_ends_the_cluster_after_the_time_out_where_it_is_to(
    laptop: Laptop, left: int
) -> None:
    short(laptop, left=left)
    only = [{"InstanceType": "m5.xlarge"}]
    core = fleet("CORE", spot=4, InstanceTypeConfigs=only, **spot_timeout("TERMINATE_CLUSTER", 5))
    cluster = laptop.launch(FLEETS[0], core, hours=1)
    assert laptop.status(cluster)[:2] == (WITH_ERRORS, "INSTANCE_FLEET_TIMEOUT")


def test_spot_that_comes_back_before_the_time_out_is_taken(laptop: Laptop) -> None:
    shortage = short(laptop, ends_at=laptop.emr.world.now + 6 * 60_000)
    assert shortage.ends_at is not None
    core = fleet("CORE", spot=4, **spot_timeout("TERMINATE_CLUSTER", 10))
    cluster = laptop.launch(FLEETS[0], core, hours=1)
    assert laptop.status(cluster)[0] == "WAITING"
    assert targets(laptop, cluster, "CORE")[3] >= 4


def test_a_launch_without_on_demand_capacity_is_given_up(laptop: Laptop) -> None:
    short(laptop, "ON_DEMAND")
    cluster = laptop.launch(hours=1)
    state, code, message = laptop.status(cluster)
    assert (state, code) == (WITH_ERRORS, "INTERNAL_ERROR")
    zone = laptop.emr.cluster(cluster).zone
    assert str(message).startswith(f"EC2 is out of capacity for m5.xlarge in availability zone {zone}. ")
    error = "INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY_AZ"
    page = f"https://docs.aws.amazon.com/emr/latest/ManagementGuide/{error}.html"
    data = [{"instance-type": "m5.xlarge"}, {"availability-zone": zone}, {"public-doc": page}]
    (listed,) = laptop.call("ListClusters")["Clusters"]
    for told in (listed, laptop.call("DescribeCluster", ClusterId=cluster)["Cluster"]):
        assert told["Status"]["ErrorDetails"] == [
            {"ErrorCode": error, "ErrorData": data, "ErrorMessage": message}
        ]


@pytest.mark.parametrize("action", ["SWITCH_TO_ON_DEMAND", "TERMINATE_CLUSTER"])
def test_a_launch_time_out_says_nothing_to_a_fleet_that_was_resized(laptop: Laptop, action: str) -> None:
    shortage = short(laptop)
    cluster = laptop.launch(*FLEETS, fleet("TASK", spot=2, **spot_timeout(action, 60)), hours=0.5)
    resize(laptop, cluster, "TASK", 0, 5)
    laptop.emr.advance(3600)
    assert laptop.status(cluster)[0] == "WAITING"
    assert targets(laptop, cluster, "TASK") == (0, 5, 0, 0)
    laptop.emr.world.supply.shortages.remove(shortage)
    laptop.emr.advance(1800)
    assert targets(laptop, cluster, "TASK")[3] >= 5


def test_on_demand_that_is_missing_after_a_switch_ends_the_launch_too(laptop: Laptop) -> None:
    short(laptop)
    types = frozenset({"r5.2xlarge"})
    short(laptop, "ON_DEMAND", instance_types=types)
    only = [{"InstanceType": "r5.2xlarge"}]
    core = fleet("CORE", spot=2, InstanceTypeConfigs=only, **spot_timeout("SWITCH_TO_ON_DEMAND", 10))
    cluster = laptop.launch(FLEETS[0], core, hours=1)
    assert laptop.status(cluster)[:2] == (WITH_ERRORS, "INTERNAL_ERROR")
