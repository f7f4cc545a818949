"""Launch and resize of instance fleets, and their sizes: what passes at the edge, and what is told one beyond."""

from typing import Any

import pytest

from tests.orchestrator.rules.holding import NOTHING, changed, told


@pytest.mark.parametrize(
    ("changes", "findings"),
    [
        ({"*.2.LaunchSpecifications.SpotSpecification.TimeoutDurationMinutes": 5}, []),
        ({"*.2.LaunchSpecifications.SpotSpecification.TimeoutDurationMinutes": 1440}, []),
        (
            {"*.2.LaunchSpecifications.SpotSpecification.TimeoutDurationMinutes": 4},
            [
                (
                    "ERROR *[2].LaunchSpecifications.SpotSpecification.TimeoutDurationMinutes: time-out out "
                    "of range, got 4; expected 5 to 1,440 minutes (1 day)"
                )
            ],
        ),
        (
            {"*.2.LaunchSpecifications.SpotSpecification.TimeoutDurationMinutes": 1441},
            [
                (
                    "ERROR *[2].LaunchSpecifications.SpotSpecification.TimeoutDurationMinutes: time-out out "
                    "of range, got 1441; expected 5 to 1,440 minutes (1 day)"
                )
            ],
        ),
        (
            {"*.2.LaunchSpecifications.SpotSpecification.BlockDurationMinutes": 60},
            [
                (
                    "ERROR *[2].LaunchSpecifications.SpotSpecification.BlockDurationMinutes: there are no "
                    "Spot blocks any more, got 60; expected not given"
                )
            ],
        ),
        (
            {
                "*.2.ResizeSpecifications": {
                    "SpotResizeSpecification": {"TimeoutDurationMinutes": 5},
                    "OnDemandResizeSpecification": {"TimeoutDurationMinutes": 10080},
                }
            },
            [],
        ),
        (
            {
                "*.2.ResizeSpecifications": {
                    "SpotResizeSpecification": {"TimeoutDurationMinutes": 4},
                    "OnDemandResizeSpecification": {"TimeoutDurationMinutes": 10081},
                }
            },
            [
                (
                    "ERROR *[2].ResizeSpecifications.SpotResizeSpecification.TimeoutDurationMinutes: time-out"
                    " out of range, got 4; expected 5 to 10,080 minutes (7 days)"
                ),
                (
                    "ERROR *[2].ResizeSpecifications.OnDemandResizeSpecification.TimeoutDurationMinutes: "
                    "time-out out of range, got 10081; expected 5 to 10,080 minutes (7 days)"
                ),
            ],
        ),
        (
            {
                "*.2.LaunchSpecifications.SpotSpecification.AllocationStrategy": "capacity-optimized-prioritized",
                "*.2.InstanceTypeConfigs.0.Priority": 0.0,
            },
            [],
        ),
        (
            {
                "*.2.LaunchSpecifications.SpotSpecification.AllocationStrategy": "capacity-optimized-prioritized"
            },
            [
                (
                    "ERROR *[2].LaunchSpecifications.SpotSpecification.AllocationStrategy: no type has a "
                    "priority, got 'capacity-optimized-prioritized'; expected Priority on at least one "
                    "instance type"
                )
            ],
        ),
        (
            {"*.1.LaunchSpecifications.OnDemandSpecification.AllocationStrategy": "prioritized"},
            [
                (
                    "ERROR *[1].LaunchSpecifications.OnDemandSpecification.AllocationStrategy: no type has a "
                    "priority, got 'prioritized'; expected Priority on at least one instance type"
                )
            ],
        ),
        (
            {
                "*.1.LaunchSpecifications.OnDemandSpecification.CapacityReservationOptions": {
                    "UsageStrategy": "use-capacity-reservations-first"
                }
            },
            [],
        ),
        (
            {
                "*.1.LaunchSpecifications.OnDemandSpecification": {
                    "AllocationStrategy": "prioritized",
                    "CapacityReservationOptions": {"UsageStrategy": "use-capacity-reservations-first"},
                },
                "*.1.InstanceTypeConfigs.0.Priority": 1,
            },
            [
                (
                    "ERROR *[1].LaunchSpecifications.OnDemandSpecification.AllocationStrategy: capacity "
                    "reservations with another strategy, got 'prioritized'; expected lowest-price"
                )
            ],
        ),
        ({"*.1.TargetOnDemandCapacity": 16000}, []),
        (
            {"*.1.TargetOnDemandCapacity": 16001},
            [
                (
                    "ERROR *[1]: the core fleet is too large, got 'at least 4001 instances'; expected at most"
                    " 4,000 instances"
                )
            ],
        ),
        ({"*.1.TargetOnDemandCapacity": 8000, "*.1.LaunchSpecifications": NOTHING}, []),
        (
            {"*.1.TargetOnDemandCapacity": 8001, "*.1.LaunchSpecifications": NOTHING},
            [
                (
                    "ERROR *[1]: the core fleet is too large, got 'at least 2001 instances'; expected at most"
                    " 2,000 instances"
                )
            ],
        ),
    ],
)
def test_rules_tell_what_is_wrong_and_nothing_else(changes: dict[str, Any], findings: list[str]) -> None:
    assert told(changed(changes)) == findings
