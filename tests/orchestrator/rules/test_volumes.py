"""EBS volumes and bids: what passes at the edge, and what is told one beyond."""

from typing import Any

import pytest

from tests.orchestrator.rules.holding import changed, told


def _ebs(*, EbsOptimized: bool = False, VolumesPerInstance: int = 1, **volume: Any) -> dict[str, Any]:  # noqa: N803 - AWS's names
    specification = {"VolumeType": "gp3", "SizeInGB": 64, **volume}
    device = {"VolumesPerInstance": VolumesPerInstance, "VolumeSpecification": specification}
    return {"EbsOptimized": EbsOptimized, "EbsBlockDeviceConfigs": [device]}


@pytest.mark.parametrize(
    ("changes", "findings"),
    [
        ({"*.1.InstanceTypeConfigs.0.EbsConfiguration": _ebs(VolumesPerInstance=25)}, []),
        (
            {"*.1.InstanceTypeConfigs.0.EbsConfiguration": _ebs(VolumesPerInstance=26)},
            [
                (
                    "ERROR *[1].InstanceTypeConfigs[0].EbsConfiguration: too many volumes, got 26; expected "
                    "at most 25 an instance"
                )
            ],
        ),
        (
            {"*.1.InstanceTypeConfigs.0.EbsConfiguration": _ebs(VolumesPerInstance=0)},
            [
                (
                    "ERROR "
                    "*[1].InstanceTypeConfigs[0].EbsConfiguration.EbsBlockDeviceConfigs[0].VolumesPerInstance:"
                    " no volume, got 0; expected 1 or more"
                )
            ],
        ),
        (
            {"*.1.InstanceTypeConfigs.0.EbsConfiguration": _ebs(VolumeType="io2")},
            [
                (
                    "ERROR "
                    "*[1].InstanceTypeConfigs[0].EbsConfiguration.EbsBlockDeviceConfigs[0].VolumeSpecification.VolumeType:"
                    " not a volume type, got 'io2'; expected one of gp3, gp2, io1, st1, sc1, standard"
                )
            ],
        ),
        ({"*.1.InstanceTypeConfigs.0.EbsConfiguration": _ebs(SizeInGB=1)}, []),
        ({"*.1.InstanceTypeConfigs.0.EbsConfiguration": _ebs(SizeInGB=1024)}, []),
        (
            {"*.1.InstanceTypeConfigs.0.EbsConfiguration": _ebs(SizeInGB=0)},
            [
                (
                    "ERROR "
                    "*[1].InstanceTypeConfigs[0].EbsConfiguration.EbsBlockDeviceConfigs[0].VolumeSpecification.SizeInGB:"
                    " the wrong size, got 0; expected 1 to 1,024 GiB"
                )
            ],
        ),
        (
            {"*.1.InstanceTypeConfigs.0.EbsConfiguration": _ebs(SizeInGB=1025)},
            [
                (
                    "ERROR "
                    "*[1].InstanceTypeConfigs[0].EbsConfiguration.EbsBlockDeviceConfigs[0].VolumeSpecification.SizeInGB:"
                    " the wrong size, got 1025; expected 1 to 1,024 GiB"
                )
            ],
        ),
        ({"*.1.InstanceTypeConfigs.0.EbsConfiguration": _ebs(SizeInGB=10, EbsOptimized=True)}, []),
        (
            {"*.1.InstanceTypeConfigs.0.EbsConfiguration": _ebs(SizeInGB=9, EbsOptimized=True)},
            [
                (
                    "ERROR "
                    "*[1].InstanceTypeConfigs[0].EbsConfiguration.EbsBlockDeviceConfigs[0].VolumeSpecification.SizeInGB:"
                    " the wrong size, got 9; expected 10 to 1,024 GiB"
                )
            ],
        ),
        ({"*.1.InstanceTypeConfigs.0.EbsConfiguration": _ebs(VolumeType="io1", Iops=100)}, []),
        ({"*.1.InstanceTypeConfigs.0.EbsConfiguration": _ebs(VolumeType="io1", Iops=20000)}, []),
        (
            {"*.1.InstanceTypeConfigs.0.EbsConfiguration": _ebs(VolumeType="io1")},
            [
                (
                    "ERROR "
                    "*[1].InstanceTypeConfigs[0].EbsConfiguration.EbsBlockDeviceConfigs[0].VolumeSpecification.Iops:"
                    " io1 without IOPS; expected 100 to 20,000"
                )
            ],
        ),
        (
            {"*.1.InstanceTypeConfigs.0.EbsConfiguration": _ebs(VolumeType="io1", Iops=99)},
            [
                (
                    "ERROR "
                    "*[1].InstanceTypeConfigs[0].EbsConfiguration.EbsBlockDeviceConfigs[0].VolumeSpecification.Iops:"
                    " IOPS out of range, got 99; expected 100 to 20,000"
                )
            ],
        ),
        (
            {"*.1.InstanceTypeConfigs.0.EbsConfiguration": _ebs(VolumeType="io1", Iops=20001)},
            [
                (
                    "ERROR "
                    "*[1].InstanceTypeConfigs[0].EbsConfiguration.EbsBlockDeviceConfigs[0].VolumeSpecification.Iops:"
                    " IOPS out of range, got 20001; expected 100 to 20,000"
                )
            ],
        ),
        (
            {"*.1.InstanceTypeConfigs.0.EbsConfiguration": _ebs(VolumeType="gp2", Iops=100)},
            [
                (
                    "ERROR "
                    "*[1].InstanceTypeConfigs[0].EbsConfiguration.EbsBlockDeviceConfigs[0].VolumeSpecification.Iops:"
                    " IOPS for gp2, got 100; expected none, or the type io1 or gp3"
                )
            ],
        ),
        ({"*.1.InstanceTypeConfigs.0.EbsConfiguration": _ebs(Throughput=125)}, []),
        ({"*.1.InstanceTypeConfigs.0.EbsConfiguration": _ebs(Throughput=1000)}, []),
        (
            {"*.1.InstanceTypeConfigs.0.EbsConfiguration": _ebs(Throughput=124)},
            [
                (
                    "ERROR "
                    "*[1].InstanceTypeConfigs[0].EbsConfiguration.EbsBlockDeviceConfigs[0].VolumeSpecification.Throughput:"
                    " throughput out of range, got 124; expected 125 to 1,000 MiB/s"
                )
            ],
        ),
        (
            {"*.1.InstanceTypeConfigs.0.EbsConfiguration": _ebs(Throughput=1001)},
            [
                (
                    "ERROR "
                    "*[1].InstanceTypeConfigs[0].EbsConfiguration.EbsBlockDeviceConfigs[0].VolumeSpecification.Throughput:"
                    " throughput out of range, got 1001; expected 125 to 1,000 MiB/s"
                )
            ],
        ),
        (
            {"*.1.InstanceTypeConfigs.0.EbsConfiguration": _ebs(VolumeType="gp2", Throughput=125)},
            [
                (
                    "ERROR "
                    "*[1].InstanceTypeConfigs[0].EbsConfiguration.EbsBlockDeviceConfigs[0].VolumeSpecification.Throughput:"
                    " throughput for gp2, got 125; expected none, or the type gp3"
                )
            ],
        ),
        ({"*.2.InstanceTypeConfigs.0.BidPrice": "0.123"}, []),
        (
            {"*.2.InstanceTypeConfigs.0.BidPrice": "0.1234"},
            [
                (
                    "ERROR *[2].InstanceTypeConfigs[0].BidPrice: too many decimals, got '0.1234'; expected at"
                    " most 3"
                )
            ],
        ),
        (
            {"*.2.InstanceTypeConfigs.0.BidPrice": "0"},
            [
                (
                    "ERROR *[2].InstanceTypeConfigs[0].BidPrice: not above 0, got '0'; expected US dollars, "
                    "such as '0.12'"
                )
            ],
        ),
        (
            {"*.2.InstanceTypeConfigs.0.BidPrice": "-1"},
            [
                (
                    "ERROR *[2].InstanceTypeConfigs[0].BidPrice: not above 0, got '-1'; expected US dollars, "
                    "such as '0.12'"
                )
            ],
        ),
        (
            {"*.2.InstanceTypeConfigs.0.BidPrice": "ten"},
            [
                (
                    "ERROR *[2].InstanceTypeConfigs[0].BidPrice: not a price, got 'ten'; expected US dollars,"
                    " such as '0.12'"
                )
            ],
        ),
        (
            {
                "*.2.InstanceTypeConfigs.0.BidPrice": "0.1",
                "*.2.InstanceTypeConfigs.0.BidPriceAsPercentageOfOnDemandPrice": 100.0,
            },
            [
                (
                    "ERROR *[2].InstanceTypeConfigs[0].BidPrice: two bids, got '0.1'; expected one of "
                    "BidPrice and BidPriceAsPercentageOfOnDemandPrice"
                )
            ],
        ),
    ],
)
def test_rules_tell_what_is_wrong_and_nothing_else(changes: dict[str, Any], findings: list[str]) -> None:
    assert told(changed(changes)) == findings
