"""How fast the embedded EMR is: `scripts/bench local_emr`.

A simulated day of busy clusters, in cluster-hours a second of CPU; and calls a second of DescribeCluster by boto3 over
HTTP, ours and moto's in turns, each server in a thread of this process.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Annotated, Any, Final

import typer
from moto.moto_server.werkzeug_app import create_backend_app

from local_aws.clients import client as client_of
from local_aws.emr.emulator import Emr
from local_aws.emr.simulated_runner import SimulatedRunner, StepPlan
from local_aws.emr.world import World
from local_aws.emr_server import EmrServer
from local_aws.loopback import Loopback

HOURS: Final = 24
CALLS: Final = 200


def main(
    clusters: Annotated[int, typer.Option(min=1, help="How many clusters are busy for a day.")] = 50,
    rounds: Annotated[int, typer.Option(min=1, help="How often calls are measured, in turns.")] = 5,
) -> None:
    """Print the speed of the simulation, and of calls with their ratio to moto's."""
    seconds, lines = simulate(clusters)
    hours = clusters * HOURS
    typer.echo(
        f"{clusters} busy clusters for a day: {seconds:.2f} s CPU, {hours / seconds:,.0f} cluster-hours a second"
    )
    typer.echo(f"{lines:,} lines of trace, {lines / seconds:,.0f} a second")
    ours, theirs = calls(rounds)
    typer.echo(f"DescribeCluster over HTTP: {CALLS / ours:,.0f} calls a second, moto {CALLS / theirs:,.0f}")
    typer.echo(f"ratio: {theirs / ours:.2f} times as fast as moto")


def simulate(clusters: int) -> tuple[float, int]:
    """Let clusters with Spot fleets, managed scaling and two steps at once be busy for a day; count CPU and trace."""

    def runner(world: World) -> SimulatedRunner:
        return SimulatedRunner(world, [StepPlan("", minutes=(5, 30), demand=6)])

    emr = Emr(runner)
    emr.quotas = None
    for number in range(clusters):
        emr.call("RunJobFlow", request(f"c{number}"))
    begun = time.process_time()
    emr.advance(HOURS * 3600)
    return time.process_time() - begun, len(emr.world.trace)


def request(name: str) -> dict[str, Any]:
    """Ask for a cluster that has work for more than a day."""
    types = [{"InstanceType": "m5.xlarge"}, {"InstanceType": "r5.2xlarge", "WeightedCapacity": 2}]
    limits = {"UnitType": "InstanceFleetUnits", "MinimumCapacityUnits": 2, "MaximumCapacityUnits": 20}
    step = {
        "Name": "step",
        "ActionOnFailure": "CONTINUE",
        "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["spark-submit", "s3://bucket/job.py"]},
    }
    fleets = [
        {"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1, "InstanceTypeConfigs": types[:1]},
        {"InstanceFleetType": "CORE", "TargetOnDemandCapacity": 2, "InstanceTypeConfigs": types},
        {"InstanceFleetType": "TASK", "TargetSpotCapacity": 8, "InstanceTypeConfigs": types},
    ]
    return {
        "Name": name,
        "ReleaseLabel": "emr-7.14.0",
        "JobFlowRole": "EMR_EC2_DefaultRole",
        "ServiceRole": "EMR_DefaultRole",
        "Instances": {"InstanceFleets": fleets, "KeepJobFlowAliveWhenNoSteps": True},
        "Steps": [step] * 250,
        "StepConcurrencyLevel": 2,
        "ManagedScalingPolicy": {"ComputeLimits": {**limits, "MaximumOnDemandCapacityUnits": 4}},
    }


def calls(rounds: int) -> tuple[float, float]:
    """Describe a cluster again and again, by turns on either server; return the medians of CPU seconds."""
    emr = Emr(SimulatedRunner)
    emr.quotas = None
    ours = EmrServer(emr, lambda: emr.world.now)
    try:
        with moto_server() as theirs:
            found = [(time_calls(ours.url), time_calls(theirs)) for _ in range(rounds)]
    finally:
        ours.close()
    return median(one for one, _ in found), median(other for _, other in found)


@contextmanager
def moto_server() -> Iterator[str]:
    """Serve moto's EMR, and nothing else of it, for as long as the block lasts."""
    server = Loopback(create_backend_app("emr"), "moto")
    server.start()
    try:
        yield server.url
    finally:
        server.close()


def time_calls(url: str) -> float:
    """Launch a cluster and describe it; return the CPU seconds of the descriptions."""
    client = client_of(url, "emr")
    cluster = client.run_job_flow(**request("described"))["JobFlowId"]
    begun = time.process_time()
    for _ in range(CALLS):
        client.describe_cluster(ClusterId=cluster)
    taken = time.process_time() - begun
    client.close()
    return taken


if __name__ == "__main__":
    typer.run(main)
