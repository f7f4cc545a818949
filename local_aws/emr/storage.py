"""The EBS volumes of instances: those that a fleet or a group asks for, or those that EMR attaches by default.

https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-storage.html: by default an instance without storage of
its own has 32 GiB in one volume, and from 5.22.0 on more, in several. The root volume is none of them.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from local_aws.emr.entities import Cluster, Collection, Json

# Families of EC2 with instance storage, beside those that have a d for it in their name: m5d, c6gd, g4dn.
_WITH_STORAGE: Final = re.compile(
    r"(c1|c3|cc2|cr1|d2|d3|d3en|dl1|f1|f2|g2|g5|g6|g6e|gr6|h1|hs1|i\d\w*|im4gn|is4gen|m1|m2|m3|p5|p5e|p5en|r3|trn1|trn1n|trn2"
    r"|x1|x1e|z1d)|[a-z]+\d[a-z]*d[a-z]*"
)
_FEW: Final = {"nano": 1, "micro": 1, "small": 1, "medium": 1, "large": 1, "xlarge": 2}
_MANY: Final = 4


def block_devices(config: Mapping[str, Any]) -> list[dict[str, Json]]:
    """Name the volumes that a group, or a type of a fleet, asks for, one by one."""
    configs: Iterable[Mapping[str, Any]] = config.get("EbsConfiguration", {}).get("EbsBlockDeviceConfigs", [])
    volumes = [one["VolumeSpecification"] for one in configs for _ in range(one.get("VolumesPerInstance", 1))]
    return [
        {"VolumeSpecification": volume, "Device": device}
        for volume, device in zip(volumes, _devices(len(volumes)), strict=True)
    ]


def attached_devices(cluster: Cluster, collection: Collection, instance_type: str) -> list[str]:
    """Name the devices of the volumes that a new instance has."""
    asked = [device for config in _configs(collection, instance_type) for device in block_devices(config)]
    if asked:
        return [str(one["Device"]) for one in asked]
    family, _, size = instance_type.partition(".")
    if _WITH_STORAGE.fullmatch(family):
        return []
    return _devices(_FEW.get(size, _MANY) if cluster.release.has_larger_default_volumes else 1)


def _configs(collection: Collection, instance_type: str) -> list[Mapping[str, Any]]:
    if collection.is_group:
        return [collection.config]
    found = [one for one in collection.config["InstanceTypeConfigs"] if one["InstanceType"] == instance_type]
    return found[:1]


def _devices(count: int) -> list[str]:
    return [f"/dev/sd{chr(ord('b') + number)}" for number in range(count)]
