"""Operations on fleets, groups, instances and bootstrap actions."""

from typing import Any

import pytest

from local_aws.api.errors import AwsError
from tests.local_aws.emr.launching import FLEETS, Laptop, fleet, launch_request, spot_timeout


@pytest.fixture
def laptop() -> Laptop:
    return Laptop()


def refused(laptop: Laptop, name: str, **request: Any) -> str:
    code, message = laptop.refused(name, **request)
    assert code == "InvalidRequestException"
    return message


def of_groups(laptop: Laptop) -> str:
    request = launch_request()
    request["Instances"] = {
        "KeepJobFlowAliveWhenNoSteps": True,
        "MasterInstanceType": "m5.xlarge",
        "InstanceCount": 1,
    }
    cluster: str = laptop.call("RunJobFlow", **request)["JobFlowId"]
    return cluster


def test_a_fleet_is_told_with_all_that_was_asked_for(laptop: Laptop) -> None:
    types = [
        {
            "InstanceType": "m5.xlarge",
            "EbsConfiguration": {
                "EbsBlockDeviceConfigs": [
                    {"VolumeSpecification": {"VolumeType": "gp3", "SizeInGB": 64}, "VolumesPerInstance": 2}
                ]
            },
        },
        {"InstanceType": "r5.2xlarge", "WeightedCapacity": 2, "BidPrice": "0.4"},
    ]
    launch = spot_timeout("SWITCH_TO_ON_DEMAND", 30)
    task = fleet("TASK", 1, 4, Name="workers", InstanceTypeConfigs=types, **launch)
    cluster = laptop.launch(*FLEETS, task)
    told = laptop.fleets(cluster)["TASK"]
    assert (told["Name"], told["TargetOnDemandCapacity"], told["TargetSpotCapacity"]) == ("workers", 1, 4)
    assert told["LaunchSpecifications"] == launch["LaunchSpecifications"]
    assert told["Status"]["State"] == "PROVISIONING"
    volume = {"VolumeType": "gp3", "SizeInGB": 64}
    assert told["InstanceTypeSpecifications"] == [
        {
            "InstanceType": "m5.xlarge",
            "WeightedCapacity": 1,
            "BidPriceAsPercentageOfOnDemandPrice": 100.0,
            "Configurations": [],
            "EbsBlockDevices": [
                {"VolumeSpecification": volume, "Device": "/dev/sdb"},
                {"VolumeSpecification": volume, "Device": "/dev/sdc"},
            ],
        },
        {
            "InstanceType": "r5.2xlarge",
            "WeightedCapacity": 2,
            "BidPrice": "0.4",
            "Configurations": [],
            "EbsBlockDevices": [],
        },
    ]


def test_fleets_and_groups_exclude_each_other(laptop: Laptop) -> None:
    with_groups, with_fleets = of_groups(laptop), laptop.launch()
    assert refused(laptop, "ListInstanceFleets", ClusterId=with_groups) == (
        "Instance groups and instance fleets are mutually exclusive. The EMR cluster specified in the request uses "
        "instance groups. The ListInstanceFleets operation does not support clusters that use instance groups. Use "
        "the ListInstanceGroups operation instead."
    )
    assert refused(laptop, "ListInstanceGroups", ClusterId=with_fleets).startswith(
        "Instance fleets and instance groups are mutually exclusive."
    )
    for name, cluster, of in (
        ("ListInstanceFleets", with_groups, "GROUP"),
        ("ListInstanceGroups", with_fleets, "FLEET"),
    ):
        with pytest.raises(AwsError) as raised:
            laptop.call(name, ClusterId=cluster)
        assert raised.value.error_code == f"API_DOES_NOT_SUPPORT_INSTANCE_{of}_CLUSTERS"
    task = fleet("TASK", spot=1)
    assert "AddInstanceFleet" in refused(
        laptop, "AddInstanceFleet", ClusterId=with_groups, InstanceFleet=task
    )


def test_a_second_fleet_of_a_role_is_refused(laptop: Laptop) -> None:
    cluster = laptop.launch(*FLEETS, fleet("TASK", spot=1))
    for role in ("MASTER", "CORE", "TASK"):
        message = refused(laptop, "AddInstanceFleet", ClusterId=cluster, InstanceFleet=fleet(role, 1))
        assert message == (
            f"Multiple {role.lower()} instance groups supplied, you must specify exactly one {role.lower()} instance "
            "group"
        )
    assert len(laptop.fleets(cluster)) == 3


def test_a_fleet_does_not_grow_beyond_its_limit(laptop: Laptop) -> None:
    cluster = laptop.launch(hours=1)
    many: dict[str, Any] = {"InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}]}
    message = refused(
        laptop, "AddInstanceFleet", ClusterId=cluster, InstanceFleet=fleet("TASK", 2001, **many)
    )
    assert "2000 instances" in message
    change = {
        "InstanceFleetId": laptop.fleets(cluster)["CORE"]["Id"],
        "TargetOnDemandCapacity": 0,
        "TargetSpotCapacity": 4001,
    }
    assert "2000 instances" in refused(laptop, "ModifyInstanceFleet", ClusterId=cluster, InstanceFleet=change)
    assert (
        "2000 instances"
        in laptop.refused("RunJobFlow", **launch_request(fleets=[FLEETS[0], fleet("CORE", 2001, **many)]))[1]
    )


def test_a_strategy_needs_a_release_also_where_its_fleet_is_added(laptop: Laptop) -> None:
    cluster = laptop.launch(ReleaseLabel="emr-5.12.0")
    launch = {"OnDemandSpecification": {"AllocationStrategy": "lowest-price"}}
    task = fleet("TASK", 1, LaunchSpecifications=launch)
    assert "Allocation strategies" in refused(
        laptop, "AddInstanceFleet", ClusterId=cluster, InstanceFleet=task
    )


def test_a_fleet_is_modified_while_its_cluster_works_and_with_both_targets(laptop: Laptop) -> None:
    cluster = laptop.launch(*FLEETS, fleet("TASK", spot=1))
    fleets = {role: found["Id"] for role, found in laptop.fleets(cluster).items()}

    def change(role: str, **config: Any) -> str:
        return refused(
            laptop,
            "ModifyInstanceFleet",
            ClusterId=cluster,
            InstanceFleet={"InstanceFleetId": fleets.get(role, role), **config},
        )

    both = {"TargetOnDemandCapacity": 1, "TargetSpotCapacity": 1}
    assert "running or waiting" in change("TASK", **both)
    laptop.until_ready(cluster)
    assert change("TASK", TargetSpotCapacity=2) == (
        "The instance fleet should have both targetOnDemandCapacity and targetSpotCapacity specified."
    )
    assert "master" in change("MASTER", **both)
    assert "if-X" in change("if-X", **both)
    types = [{"InstanceType": "c5.xlarge"}]
    given = {"InstanceFleetId": fleets["TASK"], "InstanceTypeConfigs": types}
    laptop.call("ModifyInstanceFleet", ClusterId=cluster, InstanceFleet=given)
    (told,) = laptop.fleets(cluster)["TASK"]["InstanceTypeSpecifications"]
    assert told["InstanceType"] == "c5.xlarge"


def test_instances_are_listed_by_fleet_role_and_state(laptop: Laptop) -> None:
    cluster = laptop.launch(*FLEETS, fleet("TASK", 250, InstanceTypeConfigs=[{"InstanceType": "m5.xlarge"}]))
    laptop.emr.advance(3)

    def count(**filters: Any) -> int:
        return len(laptop.call("ListInstances", ClusterId=cluster, **filters)["Instances"])

    assert count(InstanceFleetType="MASTER") == 1
    assert count(InstanceFleetId=laptop.fleets(cluster)["TASK"]["Id"]) == 200
    assert count(InstanceStates=["RUNNING"]) == 0
    first = laptop.call("ListInstances", ClusterId=cluster)
    rest = laptop.call("ListInstances", ClusterId=cluster, Marker=first["Marker"])
    found = [one["Id"] for one in first["Instances"] + rest["Instances"]]
    assert found == [one.id for one in laptop.emr.cluster(cluster).instances]
    assert len(found) > 250


def test_an_instance_that_has_ended_is_listed_for_thirty_days(laptop: Laptop) -> None:
    cluster = laptop.launch(hours=1)
    victim = laptop.emr.cluster(cluster).collections[1].instances[0]
    laptop.emr.lose(victim)
    for days, is_listed in ((29, True), (2, False)):
        laptop.emr.advance(days * 86400)
        told = laptop.call("ListInstances", ClusterId=cluster)["Instances"]
        assert (victim.id in [one["Id"] for one in told]) == is_listed
        assert len(told) > 1


def test_bootstrap_actions_are_listed(laptop: Laptop) -> None:
    actions = [
        {"Name": "a", "ScriptBootstrapAction": {"Path": "s3://b/a.sh", "Args": ["1"]}},
        {"Name": "b", "ScriptBootstrapAction": {"Path": "s3://b/b.sh"}},
    ]
    cluster = laptop.launch(BootstrapActions=actions)
    assert laptop.call("ListBootstrapActions", ClusterId=cluster) == {
        "BootstrapActions": [
            {"Name": "a", "ScriptPath": "s3://b/a.sh", "Args": ["1"]},
            {"Name": "b", "ScriptPath": "s3://b/b.sh", "Args": []},
        ]
    }
