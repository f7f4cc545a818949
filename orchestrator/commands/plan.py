"""The command `orchestrator plan`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from orchestrator.aws.serverless_words import is_request
from orchestrator.commands.asking import ANOTHER, Cluster, Job, Key, Var, edge_of, planned
from orchestrator.commands.context import context
from orchestrator.commands.dollars import document_of, estimated
from orchestrator.commands.options import Bucket, Local, Output, OutputFormat, Profile, Region, Timeout
from orchestrator.commands.printing import print_document, print_rows, say
from orchestrator.config.variables import parse_variables
from orchestrator.engine.records import State
from orchestrator.errors import UsageError
from orchestrator.planning.dollars import Estimate, estimate
from orchestrator.plans import ClusterKind, PlannedJob, encode
from orchestrator.verbs.plan import Asked, Planned, looks_like_a_plan

_HOW: Final = {
    State.SUCCEEDED: f"has succeeded already, nothing would be done; {ANOTHER}",
    State.FAILED: "has failed, and would be run again",
    State.CANCELLED: "was cancelled, and would be run again",
}
_OURS: Final = ("--manifest=", "--inputs-from=")


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
    minutes: Annotated[
        float | None,
        typer.Option(help="On EMR Serverless: how long each job takes, for the dollars.", min=0),
    ] = None,
    timeout: Timeout = 300.0,
) -> None:
    """Show what launch or run would do, in a line per thing, and do nothing."""
    found = context(local, profile, region, bucket)
    edge, until = edge_of(found), found.until(timeout)
    made = planned(found, edge, Asked(what, job, cluster, key, parse_variables(var)), until)
    if out is not None:
        _write(out, made)
    record = made.standing.record
    dollars = estimate(made.plan, found.account.region, minutes, record.done if record else ())
    if output is OutputFormat.JSON:
        print_document({**_told(made), **({"dollars": document_of(dollars)} if dollars else {})})
        return
    print_rows(list(rows(made, dollars)), ["what", "which", "how"], output)


def _write(out: Path, made: Planned) -> None:
    try:
        if out.is_file() and not looks_like_a_plan(out.read_bytes()):
            raise UsageError(f"--out {out}: it is there, and no plan: expected a new file, or a plan's")
        out.write_bytes(encode(made.plan))
    except OSError as fault:
        raise UsageError(f"--out {out}: cannot be written: {fault.strerror}") from fault
    say(f"{out}: written; orchestrator {'run' if made.plan.jobs else 'launch'} {out} carries it out")


def _told(made: Planned) -> dict[str, Any]:
    """Return the plan as it is printed: without lists of inputs, which --out writes."""
    bare = [msgspec.structs.replace(each, text=None) for each in made.plan.uploads]
    document: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(made.plan, uploads=bare))
    return document


def rows(made: Planned, dollars: Estimate | None = None) -> Iterator[dict[str, Any]]:
    """Tell what would happen, in the order in which it would, and on EMR Serverless what it costs."""
    plan_, record = made.plan, made.standing.record
    if plan_.jobs:
        how = "a new run" if record is None else _HOW.get(record.state, "there already, and taken up")
        yield {"what": "run", "which": plan_.run_id, "how": f"{how}; key {plan_.key}"}
    if made.standing.has_succeeded:
        return
    for warning in plan_.warnings if made.launches else ():
        yield {"what": "warning", "which": "", "how": warning}
    for upload in plan_.uploads:
        yield {"what": "upload", "which": upload.uri, "how": "where it is not yet"}
    yield _cluster(made)
    for job in plan_.jobs:
        done = record is not None and job.name in record.done
        yield {"what": "step", "which": job.name, "how": "done already" if done else _step(job)}
    if is_request(plan_.cluster.request or {}):
        yield {"what": "dollars", "which": "", "how": estimated(dollars)}


def _step(job: PlannedJob) -> str:
    """Tell the entry file and the job's own flags; the whole list of arguments is in the JSON."""
    after = f"after {', '.join(job.follows)}; " if job.follows else ""
    args = _arguments(job.step)
    entry = next((at for at, each in enumerate(args) if each.endswith(".py")), 0)
    # Where its manifest and the list of its inputs lie is the orchestrator's own business.
    flags = [each for each in args[entry + 1 :] if not each.startswith(_OURS)]
    return f"{after}up to {job.retries} retries: {' '.join([args[entry].rpartition('/')[2], *flags])}"


def _arguments(step: Mapping[str, Any]) -> list[str]:
    """Return the arguments of a step, or the entry point and arguments of a job run."""
    if not is_request(step):
        return [str(each) for each in step["HadoopJarStep"]["Args"]]
    submit = step["jobDriver"]["sparkSubmit"]
    return [str(submit["entryPoint"]), *map(str, submit["entryPointArguments"])]


def _application(request: Mapping[str, Any], why: str) -> dict[str, Any]:
    most = request.get("maximumCapacity") or {}
    bound = ", ".join(str(most[name]) for name in ("cpu", "memory", "disk") if name in most)
    parts = [
        why,
        str(request.get("releaseLabel", "")),
        str(request.get("architecture", "")),
        f"at most {bound}" if bound else "no maximumCapacity",
    ]
    return {"what": "create application", "which": request["name"], "how": "; ".join(filter(None, parts))}


def _cluster(made: Planned) -> dict[str, Any]:
    cluster = made.plan.cluster
    if made.standing.cluster_id is not None:
        how = cluster.why if cluster.kind is ClusterKind.GIVEN else f"it lives; {cluster.why}"
        how = "; ".join(filter(None, [how, made.standing.state, made.standing.unlike]))
        return {"what": "use cluster", "which": made.standing.cluster_id, "how": how}
    assert cluster.request is not None  # noqa: S101 - only a cluster that was named has none
    request = cluster.request
    if is_request(request):
        return _application(request, cluster.why)
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
