"""A request in which no rule finds anything, changes to it, and what the rules then say."""

from copy import deepcopy
from typing import Any

from orchestrator.config.limits import Limits
from orchestrator.config.shape import check_shape
from orchestrator.findings import dotted_path
from orchestrator.rules import RULES, check

LIMITS = Limits(max_lifetime_hours=12)
FLEETS = "Instances.InstanceFleets"
NOTHING: Any = ...  # takes a value away

SPOT_TYPES = ["m5.xlarge", "m5a.xlarge", "m5d.xlarge", "m6i.xlarge", "m6a.xlarge"]
FAULTLESS: dict[str, Any] = {
    "Name": "nightly",
    "ReleaseLabel": "emr-7.14.0",
    "LogUri": "s3://bucket/logs/",
    "Applications": [{"Name": "Spark"}],
    "JobFlowRole": "EMR_EC2_DefaultRole",
    "ServiceRole": "EMR_DefaultRole",
    "SecurityConfiguration": "encrypted",
    "Instances": {
        "KeepJobFlowAliveWhenNoSteps": True,
        "Ec2SubnetIds": ["subnet-a", "subnet-b"],
        "InstanceFleets": [
            {
                "InstanceFleetType": "MASTER",
                "TargetOnDemandCapacity": 1,
                "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}],
                "LaunchSpecifications": {"OnDemandSpecification": {"AllocationStrategy": "lowest-price"}},
            },
            {
                "InstanceFleetType": "CORE",
                "TargetOnDemandCapacity": 8,
                "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge", "WeightedCapacity": 4}],
                "LaunchSpecifications": {"OnDemandSpecification": {"AllocationStrategy": "lowest-price"}},
            },
            {
                "InstanceFleetType": "TASK",
                "TargetSpotCapacity": 8,
                "InstanceTypeConfigs": [{"InstanceType": each, "WeightedCapacity": 4} for each in SPOT_TYPES],
                "LaunchSpecifications": {
                    "SpotSpecification": {
                        "TimeoutDurationMinutes": 20,
                        "TimeoutAction": "SWITCH_TO_ON_DEMAND",
                        "AllocationStrategy": "price-capacity-optimized",
                    }
                },
            },
        ],
    },
    "ManagedScalingPolicy": {
        "ComputeLimits": {
            "UnitType": "InstanceFleetUnits",
            "MinimumCapacityUnits": 8,
            "MaximumCapacityUnits": 64,
        }
    },
    "AutoTerminationPolicy": {"IdleTimeout": 3600},
    "Steps": [
        {
            "Name": "step",
            "ActionOnFailure": "CONTINUE",
            "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["spark-submit"]},
        }
    ],
    "Configurations": [
        {
            "Classification": "spark-defaults",
            "Properties": {
                "spark.executor.cores": "2",
                "spark.executor.memory": "4g",
                "spark.executor.memoryOverhead": "1g",
                "spark.pyspark.python": "/usr/bin/python3.11",
            },
        },
        {
            "Classification": "yarn-site",
            "Properties": {
                "yarn.node-labels.enabled": "true",
                "yarn.node-labels.am.default-node-label-expression": "ON_DEMAND",
            },
        },
    ],
    "Tags": [{"Key": "for-use-with-amazon-emr-managed-policies", "Value": "true"}],
}
GROUPS: dict[str, Any] = {
    "InstanceFleets": NOTHING,
    "Ec2SubnetIds": ["subnet-a"],
    "InstanceGroups": [
        {"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1},
        {"InstanceRole": "CORE", "InstanceType": "m5.xlarge", "InstanceCount": 2},
    ],
}


def changed(changes: dict[str, Any], of_groups: bool = False) -> dict[str, Any]:
    """Return the faultless request with changes, by dotted path; `*` stands for `Instances.InstanceFleets`."""
    request = deepcopy(FAULTLESS)
    if of_groups:
        _set(request, "ManagedScalingPolicy.ComputeLimits.UnitType", "Instances")
        for name, value in GROUPS.items():
            _set(request, f"Instances.{name}", deepcopy(value))
    for path, value in changes.items():
        change(request, path, value)
    return request


def change(request: dict[str, Any], path: str, value: Any) -> None:
    """Change a request by a dotted path, as in `changed`."""
    _set(request, path.replace("*", FLEETS), deepcopy(value))


def _set(request: dict[str, Any], path: str, value: Any) -> None:
    *way, last = (int(part) if part.isdigit() else part for part in path.split("."))
    here: Any = request
    for part in way:
        here = here[part] if isinstance(part, int) else here.setdefault(part, {})
    if value is NOTHING:
        del here[last]
    elif isinstance(here, list) and last == len(here):
        here.append(value)
    else:
        here[last] = value


def told(request: dict[str, Any], limits: Limits = LIMITS) -> list[str]:
    """Say what the rules find: a line each, which begins with the level; the shape has nothing against it."""
    shaped = check_shape(request)
    assert shaped.problems == ()
    assert len(RULES) > 50
    return [
        f"{each.level} {dotted_path(each.path).replace(FLEETS, '*')}: {each.problem}"
        + ("" if each.value is None else f", got {each.value}")
        + f"; expected {each.expected}"
        for each in check(shaped.request, limits)
    ]


def spot_spec(**spec: Any) -> dict[str, Any]:
    """Return launch specifications of Spot Instances."""
    return {"SpotSpecification": {"TimeoutDurationMinutes": 20, "TimeoutAction": "TERMINATE_CLUSTER", **spec}}
