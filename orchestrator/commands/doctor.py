"""The command `orchestrator doctor`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from orchestrator.checkout import ROOT
from orchestrator.commands.asking import Var
from orchestrator.commands.context import Context, context
from orchestrator.commands.options import Bucket, Local, Output, OutputFormat, Profile, Region
from orchestrator.commands.printing import print_document, print_rows, say
from orchestrator.config.pipeline import Pipeline
from orchestrator.config.variables import parse_variables
from orchestrator.doctor.checks import State
from orchestrator.doctor.pipeline_policy import Place, buckets_read, pipeline_statements
from orchestrator.doctor.policy import UNCONFIRMED, bucket_statements, policy_statements
from orchestrator.doctor.serverless_policy import serverless_statements
from orchestrator.findings import refuse_errors
from orchestrator.logs.places import folder_of
from orchestrator.planning.files import job_name, load_files, with_followers
from orchestrator.verbs import doctor as verb

_ClusterFile = Annotated[
    Path | None,
    typer.Option(
        help="The cluster's file whose release, roles, subnets and LogUri are checked.",
        show_default="the pipeline's, or cluster_configs/base.yaml",
    ),
]
_Pipeline = Annotated[
    str | None,
    typer.Option(
        help="A pipeline (its file or its name) whose queues, inputs and what follows its runs are needed too."
    ),
]
_Release = Annotated[str | None, typer.Option(help="Another release label than the file's.")]
_Role = Annotated[str | None, typer.Option(help="Another service role of EMR than the file's.")]
_NodeProfile = Annotated[str | None, typer.Option(help="Another instance profile of nodes than the file's.")]
_Subnets = Annotated[list[str] | None, typer.Option(help="A subnet of clusters; may be given again.")]
_LogUri = Annotated[str | None, typer.Option(help="Where EMR puts logs.")]
_Reads = Annotated[
    list[str] | None, typer.Option(help="A bucket with inputs; may be given again.", metavar="BUCKET")
]
_Policy = Annotated[bool, typer.Option("--policy", help="Print the caller's policy instead, as JSON.")]

_BASE: Final = ROOT / "cluster_configs" / "base.yaml"


def doctor(  # noqa: PLR0913 - the options of a command are its parameters
    *,
    cluster: _ClusterFile = None,
    pipeline: _Pipeline = None,
    var: Var = [],  # noqa: B006 - typer copies it
    release: _Release = None,
    service_role: _Role = None,
    instance_profile: _NodeProfile = None,
    subnet: _Subnets = None,
    log_uri: _LogUri = None,
    reads: _Reads = None,
    policy: _Policy = False,
    output: Output = OutputFormat.TABLE,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    bucket: Bucket = None,
) -> None:
    """Check all that a run needs, and say of what is missing how to mend it; exit 2 where something is missing."""
    found = context(local, profile, region, bucket)
    options: dict[str, Any] = {
        "service_role": service_role,
        "instance_profile": instance_profile,
        "log_uri": log_uri,
    }
    options |= {"release_label": release, "subnet_ids": subnet, "reads": reads}
    pipelines, wanted = _wanted(found.bucket, pipeline, cluster, parse_variables(var), options)
    if policy:
        print_document(_policy(found, wanted, pipelines))
        say(UNCONFIRMED)
        return
    checks = verb.doctor(found.account, wanted)
    print_rows([vars(each) for each in checks], ["state", "name", "found", "mend"], output)
    counts = {state: sum(each.state is state for each in checks) for state in State}
    say(", ".join(f"{count} {state}" for state, count in counts.items()))
    if not verb.is_well(checks):
        raise typer.Exit(2)


def _wanted(
    bucket: str, named: str | None, file: Path | None, variables: dict[str, Any], options: dict[str, Any]
) -> tuple[list[Pipeline], verb.Wanted]:
    """Read from a cluster's file what it is launched with, and from a pipeline what it needs; options win."""
    path = None if named is None else job_name(named).path
    pipeline, config = load_files(path, file or (_BASE if path is None else None), variables, bucket)
    if pipeline is not None:
        refuse_errors(pipeline.findings)
        if config is None:
            _, config = load_files(None, _BASE, {}, bucket)
    assert config is not None  # noqa: S101 - a file was named
    refuse_errors(config.findings)
    pipelines = [] if pipeline is None else with_followers(pipeline, bucket)
    triggers = [each.trigger for each in pipelines if each.trigger is not None]
    found = (
        verb.wanted_by_application(bucket, config)
        if config.is_serverless
        else verb.wanted_by(bucket, config.request)
    )
    wanted = replace(
        found,
        reads=buckets_read(pipelines),
        queues=[name for each in triggers for name in (each.queue, each.dead_letter_queue)],
    )
    given = {name: value for name, value in options.items() if value}
    given["reads"] = [*wanted.reads, *given.get("reads", [])]
    return pipelines, replace(wanted, **given)


def _policy(found: Context, wanted: verb.Wanted, pipelines: list[Pipeline]) -> dict[str, Any]:
    logs = folder_of(wanted.log_uri) if wanted.log_uri else None
    partition = verb.partition_of(found.account)
    names = [wanted.service_role, wanted.instance_profile] if wanted.job_role is None else []
    number = ""
    if pipelines or not all(name.startswith("arn:") for name in names):
        number = found.account.client("sts").get_caller_identity()["Account"]
    # A name stands for the role in the caller's account.
    roles = [
        name if name.startswith("arn:") else f"arn:{partition}:iam::{number}:role/{name}" for name in names
    ]
    reads = [*wanted.reads, *([logs.bucket] if logs else [])]
    place = Place(partition, found.account.region, number, found.bucket)
    policy = policy_statements(found.owner, found.bucket, roles, reads, partition)
    of_target = policy["Statement"]
    if wanted.job_role is not None:
        of_target = [
            *serverless_statements(found.owner, wanted.job_role, partition),
            *bucket_statements(found.bucket, reads, partition),
        ]
    return {**policy, "Statement": [*of_target, *pipeline_statements(pipelines, place)]}
