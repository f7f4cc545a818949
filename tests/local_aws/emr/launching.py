"""An embedded EMR for tests, and requests to launch clusters."""

from typing import Any

import pytest

from benchmarks.emr_chaos.requests import FLEETS, fleet, launch_request, spot_timeout, step
from local_aws.api.errors import AwsError
from local_aws.api.shapes import operation, output_faults
from local_aws.emr.emulator import Emr
from local_aws.emr.simulated_runner import BootstrapPlan, SimulatedRunner, StepPlan
from local_aws.emr.supply import Shortage

__all__ = ["FLEETS", "HOUR", "Laptop", "fleet", "launch_request", "spot_timeout", "step"]

HOUR = 3600


class Laptop:
    """An EMR whose calls are not limited, and whose answers are held against the model."""

    def __init__(self, seed: str = "0") -> None:
        """Begin without clusters."""
        self.emr = Emr(self._runner, seed=seed)
        self.emr.quotas = None

    def _runner(self, world: Any) -> SimulatedRunner:
        self.runner = SimulatedRunner(world)
        return self.runner

    def plan(self, *plans: StepPlan | BootstrapPlan) -> None:
        """Say how steps and bootstrap actions go."""
        for plan in plans:
            if isinstance(plan, StepPlan):
                self.runner.steps.append(plan)
            else:
                self.runner.bootstraps.append(plan)

    def call(self, name: str, **request: Any) -> dict[str, Any]:
        """Call an operation."""
        answer = self.emr.call(name, request)
        model = operation(name)
        assert model is not None
        assert output_faults(model, answer) == []
        return answer

    def refused(self, name: str, **request: Any) -> tuple[str, str]:
        """Call an operation that is refused; return the error's code and message."""
        with pytest.raises(AwsError) as raised:
            self.call(name, **request)
        return raised.value.code, raised.value.message

    def launch(self, *fleets: dict[str, Any], hours: float = 0, **further: Any) -> str:
        """Launch a cluster, and let some time pass."""
        request = launch_request(fleets=fleets or FLEETS, **further)
        job_flow_id: str = self.call("RunJobFlow", **request)["JobFlowId"]
        self.emr.advance(hours * HOUR)
        return job_flow_id

    def status(self, cluster_id: str) -> tuple[str, str | None, str | None]:
        """Return a cluster's state, and the code and message of the reason for it."""
        told = self.call("DescribeCluster", ClusterId=cluster_id)["Cluster"]["Status"]
        reason = told["StateChangeReason"]
        return told["State"], reason.get("Code"), reason.get("Message")

    def steps(self, cluster_id: str) -> list[str]:
        """Return the states of a cluster's steps, in the order of their submission."""
        told = self.call("ListSteps", ClusterId=cluster_id)["Steps"]
        return [found["Status"]["State"] for found in reversed(told)]

    def fleets(self, cluster_id: str) -> dict[str, dict[str, Any]]:
        """Return a cluster's fleets by role."""
        told = self.call("ListInstanceFleets", ClusterId=cluster_id)["InstanceFleets"]
        return {found["InstanceFleetType"]: found for found in told}

    def states(self, of: str) -> list[str]:
        """Return the states that a thing went through, by the trace."""
        lines = [line.split(" ") for line in self.emr.world.trace]
        return [parts[2] for parts in lines if parts[1] == of]

    def until_ready(self, cluster_id: str) -> None:
        """Let time pass until a cluster is ready, or has ended."""
        for _ in range(120):
            if self.status(cluster_id)[0] not in ("STARTING", "BOOTSTRAPPING"):
                return
            self.emr.advance(60)
        raise AssertionError(f"{cluster_id} is not ready after two hours: {self.status(cluster_id)}")


def short(laptop: Laptop, market: str = "SPOT", left: int = 0, **further: Any) -> Shortage:
    """Let EC2 give no more than some instances from now on."""
    shortage = Shortage(market, laptop.emr.world.now, left=left, **further)
    laptop.emr.world.supply.shortages.append(shortage)
    return shortage


def targets(laptop: Laptop, cluster: str, role: str) -> tuple[int, int, int, int]:
    found = laptop.fleets(cluster)[role]
    return (
        found["TargetOnDemandCapacity"],
        found["TargetSpotCapacity"],
        found["ProvisionedOnDemandCapacity"],
        found["ProvisionedSpotCapacity"],
    )


def resize(laptop: Laptop, cluster: str, role: str, on_demand: int, spot: int, **further: Any) -> None:
    change = {
        "InstanceFleetId": laptop.fleets(cluster)[role]["Id"],
        "TargetOnDemandCapacity": on_demand,
        "TargetSpotCapacity": spot,
        **further,
    }
    laptop.call("ModifyInstanceFleet", ClusterId=cluster, InstanceFleet=change)
