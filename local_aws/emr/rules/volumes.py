"""Rules of the EBS volumes of instances, in fleets and in groups.

https://docs.aws.amazon.com/emr/latest/APIReference/API_EbsConfiguration.html and the shapes below it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from local_aws.emr import guesses
from local_aws.emr.rules.ranges import is_outside

# https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-storage.html
MOST_VOLUMES: Final = 25
_VOLUME_TYPES: Final = ("gp3", "gp2", "io1", "st1", "sc1", "standard")


def volume_faults(ebs: Mapping[str, Any]) -> Iterator[str]:
    """Say what is wrong with an `EbsConfiguration`; which IOPS gp3 may have EMR's documentation does not say."""
    least = 10 if ebs.get("EbsOptimized") else 1
    counts = [each.get("VolumesPerInstance") for each in ebs.get("EbsBlockDeviceConfigs") or ()]
    if sum(1 if count is None else count for count in counts) > MOST_VOLUMES:
        yield guesses.VOLUMES_TOO_MANY
    for each in ebs.get("EbsBlockDeviceConfigs") or ():
        volume, count = each["VolumeSpecification"], each.get("VolumesPerInstance")
        kind, throughput = volume["VolumeType"], volume.get("Throughput")
        if kind not in _VOLUME_TYPES:
            yield guesses.VOLUME_TYPE.format(type=kind)
        yield from _iops_faults(kind, volume.get("Iops"))
        if is_outside(volume["SizeInGB"], least, 1024):
            yield guesses.VOLUME_SIZE.format(least=least)
        if throughput is not None and kind != "gp3":
            yield guesses.VOLUME_THROUGHPUT_TYPE
        if is_outside(throughput, 125, 1000):
            yield guesses.VOLUME_THROUGHPUT
        if count is not None and count < 1:
            yield guesses.VOLUMES_PER_INSTANCE


def _iops_faults(kind: str, iops: int | None) -> Iterator[str]:
    if iops is None and kind == "io1":
        yield "IOPS setting is required for volume type."
    if iops is not None and kind not in {"io1", "gp3"}:
        yield "IOPS setting is not supported for volume type"
    if kind == "io1" and is_outside(iops, 100, float("inf")):
        yield "The iops is less than minimum value(100)."
    if kind == "io1" and is_outside(iops, 0, 20_000):
        yield "The iops is more than maximum value(20000)."
