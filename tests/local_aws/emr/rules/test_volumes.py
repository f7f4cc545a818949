"""Rules of EBS volumes."""

from typing import Any

import pytest

from local_aws.emr import guesses
from local_aws.emr.rules.volumes import volume_faults

Given = dict[str, Any]


def volume(count: int | None = None, is_optimized: bool = False, **changes: Any) -> Given:
    specification = {"VolumeType": "gp3", "SizeInGB": 100, **changes}
    device = {"VolumeSpecification": specification, "VolumesPerInstance": count}
    return {"EbsOptimized": is_optimized, "EbsBlockDeviceConfigs": [device]}


@pytest.mark.parametrize(
    "given",
    [
        {},
        *[volume(VolumeType=name) for name in ("gp2", "st1", "sc1", "standard")],
        *[volume(SizeInGB=size) for size in (1, 1024)],
        volume(SizeInGB=10, is_optimized=True, count=1),
        *[volume(Throughput=throughput) for throughput in (125, 1000)],
        *[volume(VolumeType="io1", Iops=iops) for iops in (100, 20_000)],
        volume(Iops=99),
        volume(25),
    ],
)
def test_good_volumes_pass(given: Given) -> None:
    assert list(volume_faults(given)) == []


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (volume(VolumeType="gp9"), guesses.VOLUME_TYPE.format(type="gp9")),
        (volume(VolumeType="io1"), "IOPS setting is required for volume type."),
        (volume(VolumeType="gp2", Iops=200), "IOPS setting is not supported for volume type"),
        (volume(VolumeType="io1", Iops=99), "The iops is less than minimum value(100)."),
        (volume(VolumeType="io1", Iops=20_001), "The iops is more than maximum value(20000)."),
        *[(volume(SizeInGB=size), guesses.VOLUME_SIZE.format(least=1)) for size in (0, 1025)],
        (volume(SizeInGB=9, is_optimized=True), guesses.VOLUME_SIZE.format(least=10)),
        (volume(VolumeType="gp2", Throughput=125), guesses.VOLUME_THROUGHPUT_TYPE),
        *[(volume(Throughput=value), guesses.VOLUME_THROUGHPUT) for value in (124, 1001)],
        (volume(26), guesses.VOLUMES_TOO_MANY),
        (volume(count=0), guesses.VOLUMES_PER_INSTANCE),
    ],
)
def test_a_wrong_volume_has_one_fault(given: Given, text: str) -> None:
    assert list(volume_faults(given)) == [text]
