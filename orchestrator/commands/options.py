"""The options that commands share, each written once."""

from enum import StrEnum
from typing import Annotated

import typer

from orchestrator.commands.context import BUCKET_VARIABLE, LOCAL_BUCKET


class OutputFormat(StrEnum):
    """How a command prints its result."""

    TABLE = "table"
    JSON = "json"


Output = Annotated[OutputFormat, typer.Option("--output", "-o", help="How to print the result.")]
Local = Annotated[bool, typer.Option("--local", help="Use the embedded AWS of this machine.")]
Profile = Annotated[str | None, typer.Option(help="The AWS profile, as `aws` takes it.")]
Region = Annotated[str | None, typer.Option(help="The AWS Region; by default the profile's, or AWS_REGION.")]
Bucket = Annotated[
    str | None,
    typer.Option(
        envvar=BUCKET_VARIABLE,
        help=f"The bucket with our state: whose clusters are ours. With --local by default {LOCAL_BUCKET}.",
    ),
]
Timeout = Annotated[float, typer.Option(help="Seconds after which the command gives up.", min=0)]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without, the command only shows what it would do.")]
