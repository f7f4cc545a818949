"""The commands `orchestrator local up|down|status`: options in, results out."""

import os
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from orchestrator.local import down as ending
from orchestrator.local import environment
from orchestrator.local import up as starting
from orchestrator.local.options import DEFAULT_PORT, Options
from orchestrator.local.place import Place, place_of
from orchestrator.local.server import Absent, Status, look
from orchestrator.waiting import Deadline

app = typer.Typer(
    no_args_is_help=True, help="The embedded AWS of this machine: start it, end it, look at it."
)


class EnvironmentFormat(StrEnum):
    """How `up` prints the environment."""

    ENV = "env"
    JSON = "json"


class Engine(StrEnum):
    """What steps of the embedded AWS run on."""

    LOCAL = "local"
    YARN = "yarn"


class StatusFormat(StrEnum):
    """How `status` prints."""

    TABLE = "table"
    JSON = "json"


Data = Annotated[
    Path | None,
    typer.Option(
        help="Folder of its files, each with a server of its own; by default ~/.local/state/emr-job-suite/local-aws.",
        file_okay=False,
    ),
]
Port = Annotated[
    int | None,
    typer.Option(help=f"Port on loopback, by default {DEFAULT_PORT}; 0 takes a free one.", min=0, max=65535),
]
Mib = Annotated[
    int | None,
    typer.Option(min=1024, help="MiB that steps and clusters have; by default 60 % of the machine's."),
]
Vcpus = Annotated[
    int | None,
    typer.Option(min=1, help="vCPUs that all EMR Serverless applications have together; by default 16."),
]
Timeout = Annotated[float, typer.Option(help="Seconds to wait at most.", min=0)]


@app.command()
def up(  # noqa: PLR0913 - the options of a command are its parameters
    *,
    port: Port = None,
    data: Data = None,
    foreground: Annotated[bool, typer.Option("--foreground", help="Stay; Ctrl-C ends it.")] = False,
    output: Annotated[EnvironmentFormat, typer.Option("--output", "-o", help="How to print.")] = (
        EnvironmentFormat.ENV
    ),
    seed: Annotated[
        str | None, typer.Option(help="What the market, its chances and ids are drawn from.")
    ] = None,
    speed: Annotated[float | None, typer.Option(help="How much faster than the clock time goes by.")] = None,
    log_delay: Annotated[float | None, typer.Option(help="Seconds until a step's logs are on S3.")] = None,
    faults: Annotated[
        Path | None, typer.Option(help="File with faults to inject.", exists=True, dir_okay=False)
    ] = None,
    engine: Annotated[
        Engine | None,
        typer.Option(help="What steps run on: Spark alone (local), or real HDFS and YARN of each cluster."),
    ] = None,
    memory: Mib = None,
    vcpus: Vcpus = None,
    timeout: Timeout = 60.0,
) -> None:
    """Start the embedded AWS and print the environment for its clients: eval "$(orchestrator local up)".

    One that runs already is used as it is. With --foreground the command stays until Ctrl-C,
    SIGTERM or the end of the server, with exit 0: that one is not for eval.
    """
    place = place_of(data, os.environ)
    options = Options(port, seed, speed, log_delay, faults, engine, memory, vcpus)
    started = starting.up(place, options, Deadline(timeout), foreground=foreground)
    how = "already runs" if started.child is None else "runs"
    _say(
        f"the embedded AWS {how} at {started.status.url} (pid {started.status.pid}), files in {place.folder}"
    )
    if foreground and started.child is not None:
        starting.attend(started.child, lambda: _print_environment(started.status, place, output))
    else:
        _print_environment(started.status, place, output)


@app.command()
def down(*, data: Data = None, timeout: Timeout = 300.0) -> None:
    """End the embedded AWS and the steps that run on it; buckets are kept for the next `up`, clusters are not.

    Large buckets take their time to be written.
    """
    place = place_of(data, os.environ)
    ended = ending.down(place, Deadline(timeout))
    if isinstance(ended, Absent):
        _say(f"{place.folder}: nothing runs there: {ended.reason}")
        return
    _say(f"the embedded AWS at {ended.url} (pid {ended.pid}) has ended")
    if os.environ.get("AWS_ENDPOINT_URL") == ended.url:
        names = " ".join(environment.variables(ended.url, ended.region, {}))
        _say(f"this shell still points there; to leave it: unset {names}")


@app.command()
def status(
    *,
    data: Data = None,
    output: Annotated[
        StatusFormat, typer.Option("--output", "-o", help="How to print.")
    ] = StatusFormat.TABLE,
) -> None:
    """Tell what runs, where and since when; exit 1 when nothing does."""
    place = place_of(data, os.environ)
    found = look(place)
    figures = described(found, place)
    if output is StatusFormat.JSON:
        _print_json(figures)
    elif isinstance(found, Status):
        _print_table(figures)
    if isinstance(found, Absent):
        _say(f"{place.folder}: nothing runs there: {found.reason}; start it: {place.command('up')}")
        raise typer.Exit(1)


def described(found: Status | Absent, place: Place) -> dict[str, Any]:
    """Return what is told about a server; its token is nobody's business."""
    if isinstance(found, Absent):
        return {"running": False, "data": str(place.folder), "reason": found.reason}
    told = msgspec.to_builtins(found)
    del told["token"]
    return {"running": True, **told}


def _print_environment(found: Status, place: Place, output: EnvironmentFormat) -> None:
    to_set = environment.variables(found.url, found.region, os.environ)
    to_unset = environment.in_the_way(os.environ)
    if output is EnvironmentFormat.ENV:
        sys.stdout.write(environment.shell_lines(to_set, to_unset))
        sys.stdout.flush()  # in the foreground a reader waits for the lines, not for the end
        return
    _print_json(
        {
            "url": found.url,
            "pid": found.pid,
            "data": str(place.folder),
            "environment": to_set,
            "unset": to_unset,
        }
    )


def _print_json(value: Mapping[str, Any]) -> None:
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    sys.stdout.flush()


def _print_table(figures: Mapping[str, Any]) -> None:
    table = Table(title="embedded AWS", show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")  # a path is told whole
    clusters = ", ".join(f"{count} {state}" for state, count in figures["clusters"].items() if count)
    for name, value in {**figures, "clusters": clusters or "none"}.items():
        if name != "running":
            table.add_row(name.replace("_", " "), Text(str(value)))
    Console().print(table)


def _say(text: str) -> None:
    typer.echo(text, err=True)
