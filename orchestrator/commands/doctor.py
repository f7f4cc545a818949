"""The command `orchestrator doctor`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from orchestrator.checkout import ROOT
from orchestrator.commands.asking import Var
from orchestrator.commands.context import Context, context
from orchestrator.commands.options import Bucket, Local, Output, OutputFormat, Profile, Region
from orchestrator.commands.printing import print_document, print_rows, say
from orchestrator.config.variables import parse_variables
from orchestrator.doctor.checks import State
from orchestrator.doctor.policy import UNCONFIRMED, policy_statements
from orchestrator.findings import refuse_errors
from orchestrator.logs.places import folder_of
from orchestrator.planning.files import load_files
from orchestrator.verbs import doctor as verb

_ClusterFile = Annotated[
    Path,
    typer.Option(
        help="The cluster's file whose release, roles, subnets and LogUri are checked.",
        show_default="cluster_configs/base.yaml",
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


def doctor(  # noqa: PLR0913 - the options of a command are its parameters
    *,
    cluster: _ClusterFile = ROOT / "cluster_configs" / "base.yaml",
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
    wanted = _wanted(found.bucket, cluster, parse_variables(var), options)
    if policy:
        print_document(_policy(found, wanted))
        say(UNCONFIRMED)
        return
    checks = verb.doctor(found.account, wanted)
    print_rows([vars(each) for each in checks], ["state", "name", "found", "mend"], output)
    counts = {state: sum(each.state is state for each in checks) for state in State}
    say(", ".join(f"{count} {state}" for state, count in counts.items()))
    if not verb.is_well(checks):
        raise typer.Exit(2)


def _wanted(bucket: str, file: Path, variables: dict[str, Any], options: dict[str, Any]) -> verb.Wanted:
    """Read from a cluster's file what it is launched with; options win."""
    _, config = load_files(None, file, variables, bucket)
    assert config is not None  # noqa: S101 - a file was named
    refuse_errors(config.findings)
    given = {name: value for name, value in options.items() if value}
    return replace(verb.wanted_by(bucket, config.request), **given)


def _policy(found: Context, wanted: verb.Wanted) -> dict[str, Any]:
    logs = folder_of(wanted.log_uri) if wanted.log_uri else None
    partition = verb.partition_of(found.account)
    roles = _roles(found.account, partition, wanted.service_role, wanted.instance_profile)
    reads = [*wanted.reads, *([logs.bucket] if logs else [])]
    return policy_statements(found.owner, found.bucket, roles, reads, partition)


def _roles(account: Any, partition: str, *names: str) -> list[str]:
    """Return the ARNs of roles; a name stands for the role in the caller's account."""
    if all(name.startswith("arn:") for name in names):
        return list(names)
    number = account.client("sts").get_caller_identity()["Account"]
    return [
        name if name.startswith("arn:") else f"arn:{partition}:iam::{number}:role/{name}" for name in names
    ]
