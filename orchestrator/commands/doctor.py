"""The command `orchestrator doctor`."""

from typing import Annotated, Any

import typer

from orchestrator.commands.context import context
from orchestrator.commands.options import Bucket, Local, Output, OutputFormat, Profile, Region
from orchestrator.commands.printing import print_document, print_rows, say
from orchestrator.doctor.checks import State
from orchestrator.doctor.policy import policy_statements
from orchestrator.verbs import doctor as verb


def doctor(  # noqa: PLR0913 - the options of a command are its parameters
    *,
    release: Annotated[
        str | None, typer.Option(help="The EMR release label; by default the catalog's.")
    ] = None,
    service_role: Annotated[str, typer.Option(help="EMR's service role.")] = verb.SERVICE_ROLE,
    instance_profile: Annotated[
        str, typer.Option(help="The nodes' instance profile.")
    ] = verb.INSTANCE_PROFILE,
    subnet: Annotated[
        list[str] | None, typer.Option(help="A subnet of clusters; may be given again.")
    ] = None,
    log_uri: Annotated[str | None, typer.Option(help="Where EMR puts logs.")] = None,
    policy: Annotated[
        bool, typer.Option("--policy", help="Print the caller's policy instead, as JSON.")
    ] = False,
    output: Output = OutputFormat.TABLE,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    bucket: Bucket = None,
) -> None:
    """Check all that a run needs, and say of what is missing how to mend it; exit 2 where something is missing."""
    found = context(local, profile, region, bucket)
    if policy:
        print_document(
            policy_statements(
                found.owner, found.bucket, _roles(found.account, service_role, instance_profile)
            )
        )
        return
    wanted = verb.Wanted(found.bucket, release, service_role, instance_profile, tuple(subnet or ()), log_uri)
    checks = verb.doctor(found.account, wanted)
    print_rows([vars(each) for each in checks], ["state", "name", "found", "mend"], output)
    counts = {state: sum(each.state is state for each in checks) for state in State}
    say(", ".join(f"{count} {state}" for state, count in counts.items()))
    if not verb.is_well(checks):
        raise typer.Exit(2)


def _roles(account: Any, *names: str) -> list[str]:
    """Return the ARNs of roles; a name stands for the role in the caller's account."""
    if all(name.startswith("arn:") for name in names):
        return list(names)
    number = account.client("sts").get_caller_identity()["Account"]
    return [name if name.startswith("arn:") else f"arn:aws:iam::{number}:role/{name}" for name in names]
