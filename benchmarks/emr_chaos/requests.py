"""Requests to launch clusters, and parts of them."""

from collections.abc import Sequence
from typing import Any

TYPES = [
    {"InstanceType": "m5.xlarge", "WeightedCapacity": 1},
    {"InstanceType": "r5.2xlarge", "WeightedCapacity": 2},
]


def fleet(role: str, on_demand: int = 0, spot: int = 0, **further: Any) -> dict[str, Any]:
    """Ask for a fleet."""
    types = TYPES[:1] if role == "MASTER" else TYPES
    return {
        "InstanceFleetType": role,
        "TargetOnDemandCapacity": on_demand,
        "TargetSpotCapacity": spot,
        "InstanceTypeConfigs": types,
        **further,
    }


def spot_timeout(action: str, minutes: int = 10) -> dict[str, Any]:
    """Say what a fleet does where Spot gives too little."""
    told = {"TimeoutDurationMinutes": minutes, "TimeoutAction": action}
    return {"LaunchSpecifications": {"SpotSpecification": told}}


FLEETS = [fleet("MASTER", 1), fleet("CORE", 2)]


def step(name: str = "step", action: str = "CONTINUE") -> dict[str, Any]:
    """Ask for a step."""
    jar = {"Jar": "command-runner.jar", "Args": ["spark-submit", "s3://bucket/job.py"]}
    return {"Name": name, "ActionOnFailure": action, "HadoopJarStep": jar}


def launch_request(
    name: str = "cluster",
    fleets: Sequence[dict[str, Any]] = FLEETS,
    steps: Sequence[dict[str, Any]] = (),
    *,
    keep: bool = True,
    instances: dict[str, Any] | None = None,
    **further: Any,
) -> dict[str, Any]:
    """Ask for a cluster."""
    return {
        "Name": name,
        "ReleaseLabel": "emr-7.14.0",
        "JobFlowRole": "EMR_EC2_DefaultRole",
        "ServiceRole": "EMR_DefaultRole",
        "Instances": {
            "InstanceFleets": list(fleets),
            "KeepJobFlowAliveWhenNoSteps": keep,
            **(instances or {}),
        },
        "Steps": list(steps),
        **further,
    }
