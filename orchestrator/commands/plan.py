"""The command `orchestrator plan`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from orchestrator.commands.asking import Cluster, Job, Key, Var, edge_of, planned
from orchestrator.commands.context import context
from orchestrator.commands.options import Bucket, Local, Output, OutputFormat, Profile, Region, Timeout
from orchestrator.commands.printing import print_document, print_rows, say
from orchestrator.config.variables import parse_variables
from orchestrator.plans import ClusterKind, encode
from orchestrator.verbs.plan import Asked, Planned


def plan(  # noqa: PLR0913 - the options of a command are its parameters
    what: Annotated[
        str,
        typer.Argument(help="A cluster's file, a pipeline, PIPELINE:JOB, or a plan's file.", metavar="WHAT"),
    ],
    *,
    job: Job = None,
    cluster: Cluster = None,
    key: Key = None,
    var: Var = [],  # noqa: B006 - typer copies it
    out: Annotated[
        Path | None, typer.Option(help="Write the plan there; launch and run carry out exactly that.")
    ] = None,
    output: Output = OutputFormat.TABLE,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    bucket: Bucket = None,
    timeout: Timeout = 300.0,
) -> None:
    """Show what launch or run would do, in a line per thing, and do nothing."""
    found = context(local, profile, region, bucket)
    edge, until = edge_of(found), found.until(timeout)
    made = planned(found, edge, Asked(what, job, cluster, key, parse_variables(var)), until)
    if out is not None:
        out.write_bytes(encode(made.plan))
        say(f"{out}: written; orchestrator {'run' if made.plan.jobs else 'launch'} {out} carries it out")
    if output is OutputFormat.JSON:
        print_document(_told(made))
        return
    print_rows(list(rows(made)), ["what", "which", "how"], output)


def _told(made: Planned) -> dict[str, Any]:
    """Return the plan as it is printed: without lists of inputs, which --out writes."""
    bare = [msgspec.structs.replace(each, text=None) for each in made.plan.uploads]
    document: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(made.plan, uploads=bare))
    return document


def rows(made: Planned) -> Iterator[dict[str, Any]]:
    """Tell what would happen, in the order in which it would."""
    plan_ = made.plan
    for warning in plan_.warnings:
        yield {"what": "warning", "which": "", "how": warning}
    if plan_.jobs:
        record = made.standing.record
        how = "a new run" if record is None else f"there already: {record.state}"
        yield {"what": "run", "which": plan_.run_id, "how": f"{how}; key {plan_.key}"}
    for upload in plan_.uploads:
        yield {"what": "upload", "which": upload.uri, "how": "where it is not yet"}
    yield _cluster(made)
    for job in plan_.jobs:
        after = f"after {', '.join(job.follows)}; " if job.follows else ""
        done = made.standing.record is not None and job.name in made.standing.record.done
        how = "done already" if done else f"{after}run id {job.run_id}, up to {job.retries} retries"
        yield {
            "what": "step",
            "which": job.name,
            "how": f"{how}: {' '.join(job.step['HadoopJarStep']['Args'])}",
        }


def _cluster(made: Planned) -> dict[str, Any]:
    cluster = made.plan.cluster
    if made.standing.cluster_id is not None:
        how = cluster.why if cluster.kind is ClusterKind.GIVEN else f"it lives; {cluster.why}"
        return {"what": "use cluster", "which": made.standing.cluster_id, "how": how}
    assert cluster.request is not None  # noqa: S101 - only a cluster that was named has none
    request = cluster.request
    fleets = ", ".join(
        f"{fleet['InstanceFleetType']} {fleet.get('TargetOnDemandCapacity', 0)} On-Demand + "
        f"{fleet.get('TargetSpotCapacity', 0)} Spot of {len(fleet.get('InstanceTypeConfigs', []))} types"
        for fleet in request["Instances"].get("InstanceFleets", [])
    )
    return {
        "what": "launch cluster",
        "which": request["Name"],
        "how": "; ".join(filter(None, [cluster.why, request.get("ReleaseLabel", ""), fleets])),
    }
