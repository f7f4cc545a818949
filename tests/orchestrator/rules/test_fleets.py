"""Instance fleets: what passes at the edge, and what is told one beyond."""

from typing import Any

import pytest

from orchestrator.catalog import instance_types
from tests.orchestrator.rules.holding import NOTHING, SPOT_TYPES, changed, spot_spec, told

FOUR_VCPUS = [
    name
    for name, each in instance_types().items()
    if (each.vcpus, each.architectures) == (4, frozenset({"x86_64"})) and each.memory_mib >= 16 * 1024
]


@pytest.mark.parametrize(
    ("changes", "findings"),
    [
        (
            {"ReleaseLabel": "emr-5.0.3", "ManagedScalingPolicy": NOTHING, "AutoTerminationPolicy": NOTHING},
            [
                "ERROR *: instance fleets with an older release; expected 4.8.0 or later, not 5.0.x",
                (
                    "ERROR *[0].LaunchSpecifications: an allocation strategy with an older release; expected "
                    "5.12.1 or later"
                ),
                (
                    "ERROR *[1].LaunchSpecifications: an allocation strategy with an older release; expected "
                    "5.12.1 or later"
                ),
                (
                    "ERROR *[2].LaunchSpecifications: an allocation strategy with an older release; expected "
                    "5.12.1 or later"
                ),
                (
                    "WARNING AutoTerminationPolicy: kept alive, and nothing ends it when it is idle; expected"
                    " AutoTerminationPolicy with IdleTimeout, or limits.idle_timeout_seconds"
                ),
            ],
        ),
        (
            {
                "ReleaseLabel": "emr-5.12.0",
                "ManagedScalingPolicy": NOTHING,
                "AutoTerminationPolicy": NOTHING,
                "*.0.LaunchSpecifications": NOTHING,
                "*.2.LaunchSpecifications": NOTHING,
            },
            [
                (
                    "ERROR *[1].LaunchSpecifications: an allocation strategy with an older release; expected "
                    "5.12.1 or later"
                ),
                (
                    "WARNING *[2].LaunchSpecifications: the task fleet waits for Spot without an end; "
                    "expected SpotSpecification with TimeoutDurationMinutes and TimeoutAction: "
                    "SWITCH_TO_ON_DEMAND"
                ),
                (
                    "WARNING AutoTerminationPolicy: kept alive, and nothing ends it when it is idle; expected"
                    " AutoTerminationPolicy with IdleTimeout, or limits.idle_timeout_seconds"
                ),
            ],
        ),
        (
            {"*.2.InstanceFleetType": "CORE"},
            [
                "ERROR *[2].InstanceFleetType: a second fleet of a role, got 'CORE'; expected one a role",
                (
                    "WARNING *[2].TargetSpotCapacity: core nodes on Spot, got 8; expected On-Demand, and Spot"
                    " for task nodes"
                ),
            ],
        ),
        (
            {"*.0.InstanceFleetType": "TASK"},
            [
                "ERROR *[2].InstanceFleetType: a second fleet of a role, got 'TASK'; expected one a role",
                "ERROR *: no primary fleet; expected one with InstanceFleetType: MASTER",
            ],
        ),
        (
            {"*.1.InstanceFleetType": "TASK", "*.2.InstanceFleetType": "TASK"},
            [
                "ERROR *[2].InstanceFleetType: a second fleet of a role, got 'TASK'; expected one a role",
                "ERROR *: a task fleet without a core fleet; expected one with InstanceFleetType: CORE",
            ],
        ),
        ({"*": []}, ["ERROR *: no primary fleet; expected one with InstanceFleetType: MASTER"]),
        (
            {"*.0.TargetOnDemandCapacity": 2},
            [
                (
                    "ERROR *[0]: a primary fleet of another target than 1, got 2; expected "
                    "TargetOnDemandCapacity: 1, or TargetSpotCapacity: 1"
                )
            ],
        ),
        (
            {
                "*.0.TargetSpotCapacity": 1,
                "*.0.LaunchSpecifications": spot_spec(AllocationStrategy="lowest-price"),
            },
            [
                (
                    "ERROR *[0]: a primary fleet of another target than 1, got 2; expected "
                    "TargetOnDemandCapacity: 1, or TargetSpotCapacity: 1"
                ),
                (
                    "WARNING *[0].TargetSpotCapacity: primary nodes on Spot, got 1; expected On-Demand, and "
                    "Spot for task nodes"
                ),
            ],
        ),
        (
            {"*.1.TargetOnDemandCapacity": 0},
            [
                (
                    "ERROR *[1]: the core fleet has no target, got 0; expected 1 or more for "
                    "TargetOnDemandCapacity or TargetSpotCapacity"
                )
            ],
        ),
        ({"*.1.TargetOnDemandCapacity": 1}, []),
        (
            {"*.1.InstanceTypeConfigs": []},
            ["ERROR *[1].InstanceTypeConfigs: the core fleet has no instance types; expected at least one"],
        ),
        (
            {"*.1.InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}] * 2},
            [
                (
                    "ERROR *[1].InstanceTypeConfigs[1].InstanceType: the type stands there twice, got "
                    "'m5.xlarge'; expected each type once a fleet"
                )
            ],
        ),
        (
            {
                "*.2.InstanceTypeConfigs": [
                    {"InstanceType": name, "WeightedCapacity": 4} for name in (*SPOT_TYPES, "m7i.xlarge")
                ]
            },
            [],
        ),
        (
            {
                "*.2.InstanceTypeConfigs": [
                    {"InstanceType": name, "WeightedCapacity": 4} for name in (*SPOT_TYPES, "m7i.xlarge")
                ],
                "*.0.LaunchSpecifications": NOTHING,
            },
            [
                (
                    "ERROR *[2].InstanceTypeConfigs: the task fleet has too many instance types, got 6; "
                    "expected at most 5; 30 where every fleet of the cluster names an AllocationStrategy"
                )
            ],
        ),
        ({"*.2.InstanceTypeConfigs": [{"InstanceType": name} for name in list(FOUR_VCPUS)[:30]]}, []),
        (
            {"*.2.InstanceTypeConfigs": [{"InstanceType": name} for name in list(FOUR_VCPUS)[:31]]},
            [
                (
                    "ERROR *[2].InstanceTypeConfigs: the task fleet has too many instance types, got 31; "
                    "expected at most 30"
                )
            ],
        ),
        ({"*.0.InstanceTypeConfigs.0.WeightedCapacity": 1}, []),
        (
            {"*.0.InstanceTypeConfigs.0.WeightedCapacity": 2},
            [
                (
                    "ERROR *[0].InstanceTypeConfigs[0].WeightedCapacity: a weight in the primary fleet, got "
                    "2; expected 1"
                )
            ],
        ),
        (
            {"*.1.InstanceTypeConfigs.0.WeightedCapacity": 0},
            ["ERROR *[1].InstanceTypeConfigs[0].WeightedCapacity: no weight, got 0; expected 1 or more"],
        ),
    ],
)
def test_rules_tell_what_is_wrong_and_nothing_else(changes: dict[str, Any], findings: list[str]) -> None:
    assert told(changed(changes)) == findings
