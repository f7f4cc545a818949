"""Managed scaling, auto-termination and limits: what passes at the edge, and what is told one beyond."""

from typing import Any

import pytest

from tests.orchestrator.rules.holding import NOTHING, changed, told


@pytest.mark.parametrize(
    ("changes", "findings"),
    [
        (
            {"ReleaseLabel": "emr-5.29.0", "AutoTerminationPolicy": NOTHING},
            [
                (
                    "ERROR ManagedScalingPolicy: managed scaling with an older release; expected 5.30.0 or "
                    "later, not 6.0.x"
                ),
                (
                    "WARNING AutoTerminationPolicy: kept alive, and nothing ends it when it is idle; expected"
                    " AutoTerminationPolicy with IdleTimeout, or limits.idle_timeout_seconds"
                ),
            ],
        ),
        ({"ReleaseLabel": "emr-5.30.0"}, []),
        (
            {"ManagedScalingPolicy": {}},
            [
                (
                    "ERROR ManagedScalingPolicy.ComputeLimits: managed scaling without limits; expected "
                    "UnitType and capacity units"
                )
            ],
        ),
        (
            {"ManagedScalingPolicy.ComputeLimits.UnitType": "Instances"},
            [
                (
                    "ERROR ManagedScalingPolicy.ComputeLimits.UnitType: the wrong units for instance fleets, "
                    "got 'Instances'; expected InstanceFleetUnits"
                )
            ],
        ),
        ({"ManagedScalingPolicy.ComputeLimits.MinimumCapacityUnits": 1}, []),
        (
            {"ManagedScalingPolicy.ComputeLimits.MinimumCapacityUnits": 0},
            [
                (
                    "ERROR ManagedScalingPolicy.ComputeLimits.MinimumCapacityUnits: too small, got 0; "
                    "expected 1 or more"
                )
            ],
        ),
        ({"ManagedScalingPolicy.ComputeLimits.MinimumCapacityUnits": 64}, []),
        (
            {"ManagedScalingPolicy.ComputeLimits.MinimumCapacityUnits": 65},
            [
                (
                    "ERROR ManagedScalingPolicy.ComputeLimits.MinimumCapacityUnits: above the maximum, got "
                    "65; expected at most MaximumCapacityUnits, 64"
                )
            ],
        ),
        (
            {
                "ManagedScalingPolicy.ComputeLimits.MaximumCoreCapacityUnits": 64,
                "ManagedScalingPolicy.ComputeLimits.MaximumOnDemandCapacityUnits": 0,
            },
            [],
        ),
        (
            {
                "ManagedScalingPolicy.ComputeLimits.MaximumCoreCapacityUnits": 65,
                "ManagedScalingPolicy.ComputeLimits.MaximumOnDemandCapacityUnits": -1,
            },
            [
                (
                    "ERROR ManagedScalingPolicy.ComputeLimits.MaximumCoreCapacityUnits: above the maximum, "
                    "got 65; expected at most MaximumCapacityUnits, 64"
                ),
                (
                    "ERROR ManagedScalingPolicy.ComputeLimits.MaximumOnDemandCapacityUnits: below 0, got -1; "
                    "expected 0 or more"
                ),
            ],
        ),
        (
            {
                "ManagedScalingPolicy.ScalingStrategy": "ADVANCED",
                "ManagedScalingPolicy.UtilizationPerformanceIndex": 75,
            },
            [],
        ),
        (
            {
                "ManagedScalingPolicy.ScalingStrategy": "ADVANCED",
                "ManagedScalingPolicy.UtilizationPerformanceIndex": 76,
            },
            [
                (
                    "ERROR ManagedScalingPolicy.UtilizationPerformanceIndex: not an index, got 76; expected "
                    "one of 1, 25, 50, 75, 100"
                )
            ],
        ),
        (
            {"ManagedScalingPolicy.UtilizationPerformanceIndex": 75},
            [
                (
                    "ERROR ManagedScalingPolicy.UtilizationPerformanceIndex: without ScalingStrategy: "
                    "ADVANCED, got 75; expected ScalingStrategy: ADVANCED"
                )
            ],
        ),
        ({"AutoTerminationPolicy.IdleTimeout": 60}, []),
        (
            {"AutoTerminationPolicy.IdleTimeout": 59},
            [
                (
                    "ERROR AutoTerminationPolicy.IdleTimeout: time-out out of range, got 59; expected 60 to "
                    "604,800 seconds (7 days)"
                )
            ],
        ),
        (
            {"AutoTerminationPolicy.IdleTimeout": 604801},
            [
                (
                    "ERROR AutoTerminationPolicy.IdleTimeout: time-out out of range, got 604801; expected 60 "
                    "to 604,800 seconds (7 days)"
                ),
                (
                    "WARNING AutoTerminationPolicy.IdleTimeout: longer than the cluster lives, got '604801 "
                    "seconds'; expected less than limits.max_lifetime_hours, 12 hours"
                ),
            ],
        ),
        (
            {"AutoTerminationPolicy": {}, "ReleaseLabel": "emr-6.0.0", "ManagedScalingPolicy": NOTHING},
            [
                (
                    "ERROR AutoTerminationPolicy: auto-termination with an older release; expected 5.30.0 or "
                    "later, not 6.0.x"
                )
            ],
        ),
        (
            {"Instances.TerminationProtected": True},
            [
                (
                    "ERROR limits.max_lifetime_hours: a limit that cannot be kept: EMR refuses to end a "
                    "protected cluster, got 12; expected no limit, or TerminationProtected: false"
                )
            ],
        ),
    ],
)
def test_rules_tell_what_is_wrong_and_nothing_else(changes: dict[str, Any], findings: list[str]) -> None:
    assert told(changed(changes)) == findings


@pytest.mark.parametrize(
    ("on_demand", "market", "findings"),
    [
        (10, "ON_DEMAND", []),
        (
            9,
            "ON_DEMAND",
            [
                (
                    "ERROR ManagedScalingPolicy.ComputeLimits.MaximumCoreCapacityUnits: "
                    "core nodes are On-Demand, got 10; expected at most MaximumOnDemandCapacityUnits, 9"
                )
            ],
        ),
        (9, "SPOT", []),
    ],
)
def test_core_groups_on_demand_scale_within_the_limit_of_on_demand(
    on_demand: int, market: str, findings: list[str]
) -> None:
    changes = {"MaximumCoreCapacityUnits": 10, "MaximumOnDemandCapacityUnits": on_demand}
    limits = {f"ManagedScalingPolicy.ComputeLimits.{name}": value for name, value in changes.items()}
    request = changed({**limits, "Instances.InstanceGroups.1.Market": market}, of_groups=True)
    assert [each for each in told(request) if each.startswith("ERROR")] == findings
