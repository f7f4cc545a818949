"""Instance groups and counts: what passes at the edge, and what is told one beyond."""

from typing import Any

import pytest

from tests.orchestrator.rules.holding import NOTHING, changed, told


@pytest.mark.parametrize(
    ("changes", "findings"),
    [
        ({}, []),
        (
            {"Instances.InstanceGroups.1.InstanceRole": "MASTER"},
            [
                (
                    "ERROR Instances.InstanceGroups[1].InstanceRole: a second group of a role, got 'MASTER'; "
                    "expected one"
                ),
                (
                    "ERROR Instances.InstanceGroups[1].InstanceCount: a primary group of another size, got 2;"
                    " expected 1 or 3"
                ),
            ],
        ),
        (
            {"Instances.InstanceGroups.0.InstanceRole": "TASK"},
            ["ERROR Instances.InstanceGroups: no primary group; expected one with InstanceRole: MASTER"],
        ),
        (
            {
                "Instances.InstanceGroups": [
                    {"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1},
                    {"InstanceRole": "TASK", "InstanceType": "m5.xlarge", "InstanceCount": 1},
                ]
            },
            [
                (
                    "ERROR Instances.InstanceGroups: task groups without a core group; expected one with "
                    "InstanceRole: CORE"
                )
            ],
        ),
        (
            {"Instances.InstanceGroups": []},
            ["ERROR Instances.InstanceGroups: no primary group; expected one with InstanceRole: MASTER"],
        ),
        ({"Instances.InstanceGroups.1.InstanceCount": 2000}, []),
        (
            {"Instances.InstanceGroups.1.InstanceCount": 2001},
            [
                (
                    "ERROR Instances.InstanceGroups[1].InstanceCount: too many instances, got 2001; expected "
                    "at most 2,000"
                )
            ],
        ),
        (
            {"Instances.InstanceGroups.1.InstanceCount": 0},
            ["ERROR Instances.InstanceGroups[1].InstanceCount: no instance, got 0; expected 1 or more"],
        ),
        ({"Instances.InstanceGroups.0.InstanceCount": 3}, []),
        (
            {"Instances.InstanceGroups.0.InstanceCount": 2},
            [
                (
                    "ERROR Instances.InstanceGroups[0].InstanceCount: a primary group of another size, got 2;"
                    " expected 1 or 3"
                )
            ],
        ),
        (
            {
                "Instances.InstanceGroups.0.InstanceCount": 3,
                "ReleaseLabel": "emr-5.22.0",
                "ManagedScalingPolicy": NOTHING,
                "AutoTerminationPolicy": NOTHING,
            },
            [
                (
                    "ERROR Instances.InstanceGroups[0].InstanceCount: three primary nodes with an older "
                    "release, got 3; expected 1, or release 5.23.0 or later"
                ),
                (
                    "WARNING AutoTerminationPolicy: kept alive, and nothing ends it when it is idle; expected"
                    " AutoTerminationPolicy with IdleTimeout, or limits.idle_timeout_seconds"
                ),
            ],
        ),
        (
            {"Instances.Ec2SubnetIds": ["subnet-a", "subnet-b"]},
            [
                (
                    "ERROR Instances.Ec2SubnetIds: several subnets without instance fleets, got ['subnet-a', "
                    "'subnet-b']; expected one subnet"
                )
            ],
        ),
        (
            {"Instances.InstanceGroups.1.Market": "ON_DEMAND", "Instances.InstanceGroups.1.BidPrice": "0.1"},
            [
                (
                    "ERROR Instances.InstanceGroups[1].BidPrice: a bid for On-Demand Instances, got '0.1'; "
                    "expected Market: SPOT, or no bid"
                )
            ],
        ),
        (
            {
                "Instances.InstanceGroups": NOTHING,
                "Instances.InstanceCount": 3,
                "Instances.MasterInstanceType": "m5.xlarge",
                "Instances.SlaveInstanceType": "m5.xlarge",
            },
            [],
        ),
        (
            {"Instances.InstanceGroups": NOTHING, "Instances.InstanceCount": 2},
            [
                (
                    "ERROR Instances.MasterInstanceType: counts without it; expected all of InstanceCount, "
                    "MasterInstanceType, SlaveInstanceType"
                ),
                (
                    "ERROR Instances.SlaveInstanceType: more than one instance without it; expected an "
                    "instance type"
                ),
            ],
        ),
        (
            {
                "Instances.InstanceGroups": NOTHING,
                "Instances.InstanceCount": 0,
                "Instances.MasterInstanceType": "m5.xlarge",
            },
            ["ERROR Instances.InstanceCount: no instance, got 0; expected 1 or more"],
        ),
        (
            {
                "Instances.InstanceGroups": [
                    {"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1},
                    {"InstanceRole": "CORE", "InstanceType": "m5.xlarge", "InstanceCount": 2},
                ]
                + [{"InstanceRole": "TASK", "InstanceType": "m5.xlarge", "InstanceCount": 1}] * 48
            },
            [],
        ),
        (
            {
                "Instances.InstanceGroups": [
                    {"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1},
                    {"InstanceRole": "CORE", "InstanceType": "m5.xlarge", "InstanceCount": 2},
                ]
                + [{"InstanceRole": "TASK", "InstanceType": "m5.xlarge", "InstanceCount": 1}] * 49
            },
            ["ERROR Instances.InstanceGroups: too many task groups, got 49; expected at most 48"],
        ),
    ],
)
def test_groups_tell_what_is_wrong_and_nothing_else(changes: dict[str, Any], findings: list[str]) -> None:
    assert told(changed(changes, of_groups=True)) == findings
