"""`device_simulator send`: devices that put their messages into a Kinesis data stream."""

import random
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ingestion.devices import follow_up as following
from ingestion.devices import replay as replaying
from ingestion.devices import synthetic as inventing
from ingestion.devices.delivery import Outlet
from ingestion.devices.errors import SimulationError, UsageError
from ingestion.devices.plan import Plan, Rates
from ingestion.devices.reasons import spread_evenly
from ingestion.devices.running import EXIT_FAILED, EXIT_USAGE, ResultFormat, print_table
from ingestion.devices.truth import Truth, read_truth
from ingestion.sending.heartbeats import KIND, HeartbeatOutlet
from ingestion.sending.journal import Journal
from ingestion.sending.outlet import StreamOutlet
from ingestion.sending.sender import Sender, Sent
from orchestrator.aws.clients import WRITING, account, local_account
from orchestrator.aws.clock import SystemClock
from orchestrator.errors import OrchestratorError

INSTANTS: Final = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]
FIRST_START: Final = datetime(2024, 3, 1, tzinfo=UTC)
Make = Callable[[Outlet, Callable[[int], None]], Truth]


@dataclass(frozen=True)
class Target:
    """Where messages are sent, how fast, and where the progress and the truth are kept."""

    stream: str
    rate: float
    heartbeat_rate: float
    state: Path | None
    truth: Path | None
    result: ResultFormat
    is_local: bool
    profile: str | None
    region: str | None

    def client(self) -> Any:
        """Return a client of Kinesis that makes each call once."""
        where = local_account() if self.is_local else account(self.profile, self.region)
        return where.client("kinesis", WRITING)


@dataclass(frozen=True)
class _Round:
    """A delivery that is sent; a command that runs for ever sends one after the other."""

    parameters: Mapping[str, Any]
    make: Make


app = typer.Typer(
    no_args_is_help=True,
    help="Send messages to a Kinesis data stream, each acknowledged, and go on after a crash where it was.",
)


@app.callback()
def send(  # noqa: PLR0913 - the options of a command are its parameters
    context: typer.Context,
    *,
    stream: Annotated[str, typer.Option(help="The stream's name.")],
    rate: Annotated[
        float, typer.Option(min=0, help="Messages a second; 0: as many as the stream takes.")
    ] = 0.0,
    heartbeat_rate: Annotated[
        float, typer.Option(help="Share of all messages that are heartbeats, without readings, 0 to 1.")
    ] = 0.0,
    state: Annotated[
        Path | None, typer.Option(help="File with what was acknowledged: the same command goes on there.")
    ] = None,
    truth: Annotated[Path | None, typer.Option(help="JSON file for the truth about what was sent.")] = None,
    result: Annotated[
        ResultFormat, typer.Option("--result", "-o", help="How to print the result.")
    ] = ResultFormat.TABLE,
    local: Annotated[bool, typer.Option("--local", help="Use the embedded AWS of this machine.")] = False,
    profile: Annotated[str | None, typer.Option(help="The AWS profile.")] = None,
    region: Annotated[str | None, typer.Option(help="The AWS Region.")] = None,
) -> None:
    """Take where to send; the command that follows says what."""
    context.obj = Target(stream, rate, heartbeat_rate, state, truth, result, local, profile, region)


@app.command()
def replay(
    context: typer.Context,
    *,
    source: Annotated[Path, typer.Option(help="Folder with PRSA_Data_<station>_*.csv.gz.")],
    station: Annotated[list[str] | None, typer.Option(help="Station; repeatable. [all]")] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=INSTANTS[:1], help="First date, Beijing time.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=INSTANTS[:1], help="Last date, included.")
    ] = None,
    count: Annotated[int | None, typer.Option(min=1, help="No more messages than that.")] = None,
) -> None:
    """Send the real readings of Beijing's stations, in the order of their arrival."""

    def rounds(_number: int) -> _Round:
        chosen = replaying.Replay(
            source,
            replaying.named_stations(station),
            first.date() if first else replaying.Replay.first_date,
            last.date() if last else replaying.Replay.last_date,
            count,
        )
        return _Round(chosen.parameters(), lambda outlet, told: replaying.play(chosen, outlet, told))

    raise typer.Exit(_run(context.obj, rounds, is_endless=False))


@app.command()
def synthetic(  # noqa: PLR0913 - the options of a command are its parameters
    context: typer.Context,
    *,
    seed: Annotated[int, typer.Option(help="The same seed and options give the same messages.")] = 1,
    devices: Annotated[int, typer.Option(help="How many devices.")] = 100,
    messages: Annotated[int, typer.Option(help="How many, all kinds included.")] = 10_000,
    start: Annotated[datetime, typer.Option(formats=INSTANTS, help="First instant, UTC.")] = FIRST_START,
    hours: Annotated[float, typer.Option(help="Hours that the messages are spread over.")] = 24.0,
    late_rate: Annotated[float, typer.Option(help="Share of all messages, 0 to 1.")] = 0.0,
    duplicate_rate: Annotated[float, typer.Option(help="Share of all messages, 0 to 1.")] = 0.0,
    correction_rate: Annotated[float, typer.Option(help="Share of all messages, 0 to 1.")] = 0.0,
    glue_rate: Annotated[float, typer.Option(help="Share that goes with the next one as one record.")] = 0.0,
    fault_rate: Annotated[
        float, typer.Option(min=0, max=1, help="Share that is faulty, evenly over the reasons.")
    ] = 0.0,
    forever: Annotated[
        bool, typer.Option("--forever", help="Go on with the next hours, until Ctrl-C.")
    ] = False,
) -> None:
    """Invent messages from a seed and send them."""

    def rounds(number: int) -> _Round:
        rates = Rates(late_rate, duplicate_rate, correction_rate, 0.0, 0.0, glue_rate)
        begin = start.replace(tzinfo=UTC) + number * timedelta(hours=hours)
        # Not the heavy ones: a message of a mebibyte, or an object that is damaged where it lies.
        faults = {reason: n for reason, n in spread_evenly(round(fault_rate * messages), 0).items() if n}
        plan = Plan(seed + number, devices, messages, begin, hours, rates, faults)
        return _Round(msgspec.to_builtins(plan), lambda outlet, told: inventing.simulate(plan, outlet, told))

    raise typer.Exit(_run(context.obj, rounds, is_endless=forever))


@app.command("follow-up")
def follow_up(
    context: typer.Context,
    *,
    of: Annotated[Path, typer.Option(help="Truth file of what `synthetic` has sent.")],
    late: Annotated[int, typer.Option(help="Late messages of its dates.")] = 0,
    corrected: Annotated[int, typer.Option(help="Messages of it with another value.")] = 0,
    repeated: Annotated[int, typer.Option(help="Messages of it once more.")] = 0,
) -> None:
    """Send late messages, corrections and repetitions of what `synthetic` has sent."""

    def rounds(_number: int) -> _Round:
        plan = following.plan_of(read_truth(of))
        chosen = following.FollowUp(plan, late=late, corrected=corrected, repeated=repeated)
        return _Round(
            msgspec.to_builtins(chosen), lambda outlet, told: following.look_back(chosen, outlet, told)
        )

    raise typer.Exit(_run(context.obj, rounds, is_endless=False))


def _run(target: Target, rounds: Callable[[int], _Round], *, is_endless: bool) -> int:
    """Send a delivery, or one after the other; return the exit code."""
    try:
        _check(target, is_endless=is_endless)
        _send(target, rounds, is_endless=is_endless)
    except UsageError as error:
        sys.stderr.write(f"Error: {error}\n")
        return EXIT_USAGE
    except OrchestratorError as error:
        sys.stderr.write(f"Error: {error}\n")
        return error.exit_code
    except (SimulationError, OSError) as error:
        sys.stderr.write(f"Error: {error}\n")
        return EXIT_FAILED
    return 0


def _check(target: Target, *, is_endless: bool) -> None:
    if is_endless and target.truth is not None:
        raise UsageError("--truth: what is sent for ever has none; leave --forever or --truth out")


def _send(target: Target, rounds: Callable[[int], _Round], *, is_endless: bool) -> None:
    sender = Sender(target.client(), target.stream, SystemClock(), random.Random(), target.rate)  # noqa: S311 - waits
    began_at, number = time.perf_counter(), 0
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task("messages sent", total=None)
            while True:
                chosen = rounds(number)
                # Each round has a file of its own: what is acknowledged counts within it.
                state = target.state and target.state.with_name(f"{target.state.name}.{number}")
                journal = Journal(state if is_endless else target.state, _parameters(target, chosen))
                outlet = _outlet(target, chosen, StreamOutlet(sender, journal))
                truth = chosen.make(outlet, lambda count: progress.advance(task, count))
                if outlet.count:
                    truth.add_kinds({KIND: outlet.count})
                if not is_endless:
                    break
                number += 1
    except KeyboardInterrupt:
        if not is_endless:
            raise
        _print(target, sender.sent, time.perf_counter() - began_at)
        return
    if target.truth is not None:
        truth.write(target.truth)
    _print(target, sender.sent, time.perf_counter() - began_at, journal)


def _parameters(target: Target, chosen: _Round) -> Mapping[str, Any]:
    """Return what makes this delivery another one than others, for its journal."""
    if not target.heartbeat_rate:
        return chosen.parameters
    return {**chosen.parameters, "heartbeat_rate": target.heartbeat_rate}


def _outlet(target: Target, chosen: _Round, outlet: StreamOutlet) -> HeartbeatOutlet:
    """Put heartbeats before a stream; real readings have no seed, and all of them the same one."""
    return HeartbeatOutlet(outlet, target.heartbeat_rate, chosen.parameters.get("seed", 0))


def _print(target: Target, sent: Sent, seconds: float, journal: Journal | None = None) -> None:
    told: dict[str, Any] = {
        "stream": target.stream,
        "sent": sent.records,
        "sent_again": sent.sent_again,
        "calls": sent.calls,
        "bytes": sent.bytes,
        "seconds": round(seconds, 3),
        "records_per_second": round(sent.records / max(seconds, 1e-9)),
    }
    if journal is not None:
        told["acknowledged"] = journal.progress.acknowledged
    if target.result is ResultFormat.JSON:
        sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
        return
    print_table("sent", told)
