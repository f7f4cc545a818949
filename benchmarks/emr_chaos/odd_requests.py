"""Requests of every operation, and what becomes of them when one value is another."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Final

from benchmarks.emr_chaos.requests import fleet, launch_request, spot_timeout, step

# Numbers stay small: so many instances are bought one by one.
VALUES: Final[tuple[Any, ...]] = (
    *(None, True, -1, 0, 1, 7, 300, 1.5),
    *("", "x", "0", "SPOT", "TASK", "j-1", "x" * 300, "\x00", "$`|"),
    *([], {}, [{}], [None], {"Name": "x"}),
)
_LIMITS: Final = {"UnitType": "InstanceFleetUnits", "MinimumCapacityUnits": 1, "MaximumCapacityUnits": 9}
_LAUNCH: Final = launch_request(
    fleets=[fleet("MASTER", 1), fleet("CORE", 2), fleet("TASK", 1, 2, **spot_timeout("SWITCH_TO_ON_DEMAND"))],
    steps=[step()],
    instances={"Ec2SubnetIds": ["subnet-1"], "TerminationProtected": False, "Ec2KeyName": "key"},
    Applications=[{"Name": "Spark"}],
    AutoTerminationPolicy={"IdleTimeout": 3600},
    BootstrapActions=[{"Name": "a", "ScriptBootstrapAction": {"Path": "s3://b/a.sh", "Args": ["x"]}}],
    Configurations=[{"Classification": "spark", "Properties": {"x": "y"}, "Configurations": []}],
    LogUri="s3://logs/",
    ManagedScalingPolicy={"ComputeLimits": _LIMITS},
    StepConcurrencyLevel=2,
    Tags=[{"Key": "a", "Value": "b"}],
)
# CLUSTER, STEP and FLEET stand for what there is.
SAMPLES: Final[dict[str, dict[str, Any]]] = {
    "AddInstanceFleet": {"ClusterId": "CLUSTER", "InstanceFleet": fleet("TASK", 1)},
    "AddJobFlowSteps": {"JobFlowId": "CLUSTER", "Steps": [step(), step("bad")]},
    "AddTags": {"ResourceId": "CLUSTER", "Tags": [{"Key": "a", "Value": "b"}]},
    "CancelSteps": {
        "ClusterId": "CLUSTER",
        "StepIds": ["STEP"],
        "StepCancellationOption": "TERMINATE_PROCESS",
    },
    "CreateSecurityConfiguration": {"Name": "s", "SecurityConfiguration": "{}"},
    "DeleteSecurityConfiguration": {"Name": "s"},
    "DescribeCluster": {"ClusterId": "CLUSTER"},
    "DescribeReleaseLabel": {"ReleaseLabel": "emr-7.14.0"},
    "DescribeSecurityConfiguration": {"Name": "s"},
    "DescribeStep": {"ClusterId": "CLUSTER", "StepId": "STEP"},
    "GetAutoTerminationPolicy": {"ClusterId": "CLUSTER"},
    "GetManagedScalingPolicy": {"ClusterId": "CLUSTER"},
    "ListBootstrapActions": {"ClusterId": "CLUSTER", "Marker": None},
    "ListClusters": {
        "ClusterStates": ["WAITING"],
        "CreatedAfter": 0,
        "CreatedBefore": 10**10,
        "Marker": None,
    },
    "ListInstanceFleets": {"ClusterId": "CLUSTER", "Marker": None},
    "ListInstanceGroups": {"ClusterId": "CLUSTER", "Marker": None},
    "ListInstances": {"ClusterId": "CLUSTER", "InstanceFleetType": "CORE", "InstanceStates": ["RUNNING"]},
    "ListReleaseLabels": {"Filters": {"Prefix": "emr-7"}},
    "ListSecurityConfigurations": {"Marker": None},
    "ListSteps": {"ClusterId": "CLUSTER", "StepStates": ["PENDING"]},
    "ModifyCluster": {"ClusterId": "CLUSTER", "StepConcurrencyLevel": 3},
    "ModifyInstanceFleet": {
        "ClusterId": "CLUSTER",
        "InstanceFleet": {
            "InstanceFleetId": "FLEET",
            "TargetOnDemandCapacity": 2,
            "TargetSpotCapacity": 1,
            "ResizeSpecifications": {"SpotResizeSpecification": {"TimeoutDurationMinutes": 20}},
        },
    },
    "PutAutoTerminationPolicy": {"ClusterId": "CLUSTER", "AutoTerminationPolicy": {"IdleTimeout": 3600}},
    "PutManagedScalingPolicy": {"ClusterId": "CLUSTER", "ManagedScalingPolicy": {"ComputeLimits": _LIMITS}},
    "RemoveAutoTerminationPolicy": {"ClusterId": "CLUSTER"},
    "RemoveManagedScalingPolicy": {"ClusterId": "CLUSTER"},
    "RemoveTags": {"ResourceId": "CLUSTER", "TagKeys": ["a"]},
    "RunJobFlow": _LAUNCH,
    "SetKeepJobFlowAliveWhenNoSteps": {"JobFlowIds": ["CLUSTER"], "KeepJobFlowAliveWhenNoSteps": True},
    "SetTerminationProtection": {"JobFlowIds": ["CLUSTER"], "TerminationProtected": False},
    "TerminateJobFlows": {"JobFlowIds": ["CLUSTER"]},
}


def odd_request(operation: str, named: dict[str, str], place: int, value: int) -> dict[str, Any]:
    """Make an operation's request with one of its values replaced, of both the so manieth; place 0 changes nothing."""
    request: dict[str, Any] = _named(SAMPLES[operation], named)
    places = list(_places(request))
    if place:
        holder, key = places[place % len(places)]
        holder[key] = deepcopy(VALUES[value % len(VALUES)])
    return request


def _named(value: Any, named: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _named(below, named) for key, below in value.items()}
    if isinstance(value, list):
        return [_named(below, named) for below in value]
    return named.get(value, value) if isinstance(value, str) else value


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Go through all that a value holds, at any depth: what holds it, and under which key."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    for key in keys:
        yield value, key
        yield from _places(value[key])
