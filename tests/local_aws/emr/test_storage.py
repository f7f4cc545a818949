"""The EBS volumes of instances."""

from typing import Any

import pytest

from local_aws.emr.entities import Collection, Status
from local_aws.emr.storage import attached_devices, block_devices
from tests.local_aws.emr.launching import FLEETS, Laptop, fleet

GP3, GP2 = ({"VolumeType": kind, "SizeInGB": 64} for kind in ("gp3", "gp2"))
EBS: dict[str, Any] = {
    "EbsConfiguration": {
        "EbsBlockDeviceConfigs": [
            {"VolumeSpecification": GP3, "VolumesPerInstance": 2},
            {"VolumeSpecification": GP2},
        ]
    }
}


@pytest.fixture
def laptop() -> Laptop:
    return Laptop()


def count(laptop: Laptop, instance_type: str, release: str = "emr-7.14.0", **config: Any) -> int:
    cluster = laptop.emr.cluster(laptop.launch(ReleaseLabel=release))
    group = {"InstanceType": instance_type, **config}
    made = Collection("ig-1", "CORE", group, True, Status("RUNNING", 0))
    return len(attached_devices(cluster, made, instance_type))


def test_volumes_are_named_one_by_one() -> None:
    assert block_devices({}) == []
    assert block_devices(EBS) == [
        {"VolumeSpecification": GP3, "Device": "/dev/sdb"},
        {"VolumeSpecification": GP3, "Device": "/dev/sdc"},
        {"VolumeSpecification": GP2, "Device": "/dev/sdd"},
    ]


@pytest.mark.parametrize(
    ("instance_type", "volumes"),
    [("m5.large", 1), ("m5.xlarge", 2), ("r5.2xlarge", 4), ("c5.24xlarge", 4), ("m7g.12xlarge", 4)],
)
def test_by_default_an_instance_has_more_volumes_the_larger_it_is(
    laptop: Laptop, instance_type: str, volumes: int
) -> None:
    assert count(laptop, instance_type) == volumes
    assert count(laptop, instance_type, "emr-5.21.0") == 1


@pytest.mark.parametrize(
    "instance_type", ["m5d.xlarge", "c6gd.xlarge", "i3.xlarge", "i3en.xlarge", "g4dn.xlarge", "m3.xlarge"]
)
def test_an_instance_with_storage_of_its_own_has_the_volumes_that_are_asked_for_alone(
    laptop: Laptop, instance_type: str
) -> None:
    assert count(laptop, instance_type) == 0
    assert count(laptop, instance_type, **EBS) == 3


def test_instances_are_listed_with_their_volumes_once_they_are_provisioned(laptop: Laptop) -> None:
    types = [{"InstanceType": "m5.xlarge", **EBS}, {"InstanceType": "m5.2xlarge"}]
    cluster = laptop.launch(*FLEETS, fleet("TASK", 2, InstanceTypeConfigs=types))
    laptop.emr.advance(3)
    told = laptop.call("ListInstances", ClusterId=cluster)["Instances"]
    assert {len(one["EbsVolumes"]) for one in told} == {0}
    laptop.until_ready(cluster)
    told = laptop.call("ListInstances", ClusterId=cluster, InstanceFleetType="TASK")["Instances"]
    volumes = [volume for one in told for volume in one["EbsVolumes"]]
    assert [volume["Device"] for volume in volumes] == ["/dev/sdb", "/dev/sdc", "/dev/sdd"] * 2
    assert all(volume["VolumeId"].startswith("vol-0") for volume in volumes)
    assert len({volume["VolumeId"] for volume in volumes}) == 6
