"""Send once more what was put aside on the road, after a fix.

`python -m ingestion.replay firehose|quarantine s3://BUCKET/PREFIX --stream NAME [--yes]`. Without --yes it only tells
what there is, by reason. Results go to standard output, the rest to standard error. Exit 0 done, 1 something could not
be read or sent, 2 wrong usage, 3 AWS refused.
"""

import random
import sys
from enum import StrEnum
from typing import Annotated, Any, NoReturn
from urllib.parse import urlsplit

import msgspec
import typer
from botocore.exceptions import BotoCoreError, ClientError

from ingestion.devices.errors import SimulationError, UsageError
from ingestion.devices.running import EXIT_FAILED, EXIT_USAGE, ResultFormat, print_table
from ingestion.replaying.replay import Replay, Replayed
from ingestion.sending.sender import Sender
from orchestrator.aws.clients import READING, WRITING, account, local_account
from orchestrator.aws.clock import SystemClock
from orchestrator.aws.faults import refusal
from orchestrator.errors import OrchestratorError


class Kind(StrEnum):
    """What is replayed."""

    FIREHOSE = "firehose"
    QUARANTINE = "quarantine"


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def replay(  # noqa: PLR0913 - the options of a command are its parameters
    kind: Annotated[
        Kind, typer.Argument(help="Firehose's processing-failed/, or the quarantine of a job's table.")
    ],
    place: Annotated[str, typer.Argument(help="Where its objects lie.", metavar="s3://BUCKET/PREFIX")],
    *,
    stream: Annotated[str, typer.Option(help="The Kinesis stream that takes them.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only tell what there is.")] = False,
    rate: Annotated[float, typer.Option(min=0, help="Messages a second; 0: as many as it takes.")] = 0.0,
    result: Annotated[
        ResultFormat, typer.Option("--result", "-o", help="How to print the result.")
    ] = ResultFormat.TABLE,
    local: Annotated[bool, typer.Option("--local", help="Use the embedded AWS of this machine.")] = False,
    profile: Annotated[str | None, typer.Option(help="The AWS profile.")] = None,
    region: Annotated[str | None, typer.Option(help="The AWS Region.")] = None,
) -> None:
    """Send what was put aside once more, each message once: what was replayed is marked below _replayed/."""
    try:
        bucket, prefix = _place(place)
        where = local_account() if local else account(profile, region)
        clock, s3 = SystemClock(), where.client("s3", READING)
        sender = None
        if yes:
            draws = random.Random()  # noqa: S311 - waits, not secrets
            sender = Sender(where.client("kinesis", WRITING), stream, clock, draws, rate)
        told = Replay(s3, bucket, prefix, str(kind)).run(sender, stream, clock.now)
    except (ClientError, BotoCoreError) as error:
        _end(refusal("S3", place, error), 0)
    except UsageError as error:
        _end(error, EXIT_USAGE)
    except SimulationError as error:
        _end(error, EXIT_FAILED)
    except OrchestratorError as error:
        _end(error, 0)
    _print(told, result, is_done=yes)
    raise typer.Exit(EXIT_FAILED if told.unread or told.damaged else 0)


def _place(text: str) -> tuple[str, str]:
    parts = urlsplit(text)
    if parts.scheme != "s3" or not parts.netloc:
        raise UsageError(f"{text}: expected s3://BUCKET/PREFIX")
    return parts.netloc, text.split("://", 1)[1].partition("/")[2]


def _end(error: Exception, code: int) -> NoReturn:
    sys.stderr.write(f"Error: {error}\n")
    raise typer.Exit(code or getattr(error, "exit_code", EXIT_FAILED))


def _print(told: Replayed, result: ResultFormat, *, is_done: bool) -> None:
    document: dict[str, Any] = {
        "objects": told.objects,
        "replayed_before": told.marked_before,
        "messages": told.messages,
        "sent_before": told.sent_before,
        "sent": told.sent,
        "reasons": dict(sorted(told.reasons.items())),
        "unread": len(told.unread),
        "damaged": len(told.damaged),
    }
    for each in told.unread:
        sys.stderr.write(f"{each.source_object}, position {each.position}: {each.text}; it stays there\n")
    for text in told.damaged:
        sys.stderr.write(f"{text}\n")
    if not is_done and told.messages:
        sys.stderr.write("nothing was sent; do it: --yes\n")
    if result is ResultFormat.JSON:
        sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
    else:
        print_table("replayed" if is_done else "to be replayed", document)


if __name__ == "__main__":
    app()
