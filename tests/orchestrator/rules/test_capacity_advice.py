"""Advice about instances: when it is given, and when not."""

from typing import Any

import pytest

from tests.orchestrator.rules.holding import NOTHING, changed, spot_spec, told


@pytest.mark.parametrize(
    ("changes", "findings"),
    [
        (
            {
                "*.1.TargetOnDemandCapacity": 0,
                "*.1.TargetSpotCapacity": 1,
                "*.1.LaunchSpecifications": spot_spec(AllocationStrategy="lowest-price"),
            },
            [
                (
                    "WARNING *[1].TargetSpotCapacity: core nodes on Spot, got 1; expected On-Demand, and Spot"
                    " for task nodes"
                ),
                (
                    "WARNING *[1].InstanceTypeConfigs: few types in the core fleet, which is on Spot, got 1; "
                    "expected at least 5, best 10 or more"
                ),
            ],
        ),
        (
            {"*.2.InstanceTypeConfigs.4": NOTHING},
            [
                (
                    "WARNING *[2].InstanceTypeConfigs: few types in the task fleet, which is on Spot, got 4; "
                    "expected at least 5, best 10 or more"
                )
            ],
        ),
        (
            {"*.2.LaunchSpecifications": {}},
            [
                (
                    "WARNING *[2].LaunchSpecifications: the task fleet waits for Spot without an end; "
                    "expected SpotSpecification with TimeoutDurationMinutes and TimeoutAction: "
                    "SWITCH_TO_ON_DEMAND"
                )
            ],
        ),
        ({"*.2.InstanceTypeConfigs.4": {"InstanceType": "m5.2xlarge", "WeightedCapacity": 8}}, []),
        (
            {"*.2.InstanceTypeConfigs.4": {"InstanceType": "m5.2xlarge", "WeightedCapacity": 4}},
            [
                (
                    "WARNING *[2].InstanceTypeConfigs[4].WeightedCapacity: the weight does not follow the 8 "
                    "vCPUs of m5.2xlarge, got 4; expected 8, as other types weigh 1 a vCPU"
                )
            ],
        ),
        (
            {"*.2.InstanceTypeConfigs.4": {"InstanceType": "m6g.xlarge", "WeightedCapacity": 4}},
            [
                (
                    "WARNING *[2].InstanceTypeConfigs: the task fleet mixes architectures, got 'm6g.xlarge "
                    "(arm64), m6i.xlarge (x86_64)'; expected one architecture in a fleet"
                )
            ],
        ),
        (
            {"*.2.InstanceTypeConfigs.4": {"InstanceType": "m5.xlrge", "WeightedCapacity": 4}},
            [
                (
                    "WARNING *[2].InstanceTypeConfigs[4].InstanceType: not among the instance types of "
                    "2025-05-28, got 'm5.xlrge'; expected a type of EC2 in the Region; did you mean "
                    "m5.xlarge?"
                )
            ],
        ),
        (
            {"*.2.InstanceTypeConfigs.4": {"InstanceType": "c5.xlarge", "WeightedCapacity": 4}},
            [
                (
                    "WARNING *[2].InstanceTypeConfigs[4].InstanceType: c5.xlarge has memory for 1 executors, "
                    "and vCPUs for 2, got '2 cores and 5,120 MiB with overhead'; expected types with 2,560 "
                    "MiB for YARN a vCPU"
                )
            ],
        ),
        ({"*.2.InstanceTypeConfigs.4": {"InstanceType": "r5.xlarge", "WeightedCapacity": 4}}, []),
        (
            {
                "Configurations.0.Properties": {
                    "spark.executor.cores": "2",
                    "spark.executor.memory": "20g",
                    "spark.pyspark.python": "python3.11",
                }
            },
            [
                (
                    "WARNING *[1].InstanceTypeConfigs[0].InstanceType: no executor fits on m5.xlarge, which "
                    "has 4 vCPUs and 12,288 MiB for YARN, got '2 cores and 22,528 MiB with overhead'; "
                    "expected a larger type, or smaller executors in spark-defaults"
                ),
                (
                    "WARNING *[2].InstanceTypeConfigs[0].InstanceType: no executor fits on m5.xlarge, which "
                    "has 4 vCPUs and 12,288 MiB for YARN, got '2 cores and 22,528 MiB with overhead'; "
                    "expected a larger type, or smaller executors in spark-defaults"
                ),
                (
                    "WARNING *[2].InstanceTypeConfigs[1].InstanceType: no executor fits on m5a.xlarge, which "
                    "has 4 vCPUs and 12,288 MiB for YARN, got '2 cores and 22,528 MiB with overhead'; "
                    "expected a larger type, or smaller executors in spark-defaults"
                ),
                (
                    "WARNING *[2].InstanceTypeConfigs[2].InstanceType: no executor fits on m5d.xlarge, which "
                    "has 4 vCPUs and 12,288 MiB for YARN, got '2 cores and 22,528 MiB with overhead'; "
                    "expected a larger type, or smaller executors in spark-defaults"
                ),
                (
                    "WARNING *[2].InstanceTypeConfigs[3].InstanceType: no executor fits on m6i.xlarge, which "
                    "has 4 vCPUs and 12,288 MiB for YARN, got '2 cores and 22,528 MiB with overhead'; "
                    "expected a larger type, or smaller executors in spark-defaults"
                ),
                (
                    "WARNING *[2].InstanceTypeConfigs[4].InstanceType: no executor fits on m6a.xlarge, which "
                    "has 4 vCPUs and 12,288 MiB for YARN, got '2 cores and 22,528 MiB with overhead'; "
                    "expected a larger type, or smaller executors in spark-defaults"
                ),
            ],
        ),
        (
            {"Instances.Ec2SubnetIds": ["subnet-a"]},
            [
                (
                    "WARNING Instances.Ec2SubnetIds: only one subnet, got ['subnet-a']; expected a subnet in "
                    "each zone"
                )
            ],
        ),
        (
            {"Instances.Ec2SubnetIds": NOTHING},
            ["WARNING Instances.Ec2SubnetIds: no subnet; expected a subnet in each zone"],
        ),
        (
            {"Instances.Ec2SubnetIds": [], "Instances.Ec2SubnetId": "subnet-a"},
            ["WARNING Instances.Ec2SubnetIds: only one subnet; expected a subnet in each zone"],
        ),
    ],
)
def test_rules_tell_what_is_wrong_and_nothing_else(changes: dict[str, Any], findings: list[str]) -> None:
    assert told(changed(changes)) == findings
