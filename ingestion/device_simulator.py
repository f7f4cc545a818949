"""Write what Firehose would have delivered from devices, and the truth about what was put in.

`python -m ingestion.device_simulator replay|synthetic|follow-up|send --help` tells the options. Objects go to
`<output>/YYYY/MM/DD/HH/`, the truth to a JSON file of its own whose `rows` is what the job's manifest must say.
Results go to standard output, progress to standard error. Exit 0 done, 1 failed, 2 wrong usage.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from ingestion.devices import follow_up as following
from ingestion.devices import replay as replaying
from ingestion.devices import synthetic as inventing
from ingestion.devices.errors import UsageError
from ingestion.devices.plan import Plan, Rates
from ingestion.devices.reasons import each_reason, spread_evenly
from ingestion.devices.running import Making, Place, ResultFormat, run
from ingestion.devices.truth import read_truth
from ingestion.sending.command import app as sending

PER_OBJECT = 5_000
FIRST_START = datetime(2024, 3, 1, tzinfo=UTC)
DATES = ["%Y-%m-%d"]
INSTANTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Make device messages as Firehose delivers them, and the truth about them.",
)

app.add_typer(sending, name="send")

Output = Annotated[Path, typer.Option(help="Folder for YYYY/MM/DD/HH/*.gz; may hold another delivery.")]
TruthFile = Annotated[Path, typer.Option("--truth", help="JSON file for the truth; not within --output.")]
PerObject = Annotated[int, typer.Option(help="Messages in each object.")]
Result = Annotated[ResultFormat, typer.Option("--result", "-o", help="How to print the result.")]
Share = Annotated[float, typer.Option(help="Share of all messages, 0 to 1.")]
Count = Annotated[int, typer.Option(help="How many messages.")]
Stations = Annotated[list[str] | None, typer.Option("--station", help="Station; repeatable. [all]")]
Heavy = Annotated[int, typer.Option(help="At most so many damaged objects, and records over 1 MiB.")]
FirstDate = Annotated[
    datetime | None, typer.Option("--from", formats=DATES, help="First date, Beijing time.")
]
LastDate = Annotated[
    datetime | None, typer.Option("--to", formats=DATES, help="Last date, Beijing time, included.")
]


@app.command()
def replay(  # noqa: PLR0913 - the options of a command are its parameters
    *,
    source: Annotated[Path, typer.Option(help="Folder with PRSA_Data_<station>_*.csv.gz.")],
    output: Output,
    truth: TruthFile,
    station: Stations = None,
    first: FirstDate = None,
    last: LastDate = None,
    messages_per_object: PerObject = PER_OBJECT,
    result: Result = ResultFormat.TABLE,
) -> None:
    """Replay the real readings of Beijing's 12 stations; a reading that is NA becomes an absent field."""

    def making() -> Making:
        chosen = replaying.Replay(
            source,
            stations=replaying.named_stations(station),
            first_date=first.date() if first else replaying.Replay.first_date,
            last_date=last.date() if last else replaying.Replay.last_date,
        )
        return Making(
            parameters=chosen.parameters(),
            total=None,
            make=lambda delivery, told: replaying.play(chosen, delivery, told),
            messages_per_object=messages_per_object,
        )

    raise typer.Exit(run(lambda: Place(output, truth, result), making))


@app.command()
def synthetic(  # noqa: PLR0913 - the options of a command are its parameters
    *,
    output: Output,
    truth: TruthFile,
    seed: Annotated[int, typer.Option(help="The same seed and options give the same bytes.")] = 1,
    devices: Annotated[int, typer.Option(help="How many devices.")] = 100,
    messages: Annotated[int, typer.Option(help="How many, all kinds included.")] = 10_000,
    start: Annotated[datetime, typer.Option(formats=INSTANTS, help="First instant, UTC.")] = FIRST_START,
    days: Annotated[float, typer.Option(help="Days that the delivery lasts.")] = 0.0,
    hours: Annotated[float, typer.Option(help="Hours on top. [24 where both are 0]")] = 0.0,
    late_rate: Share = 0.0,
    duplicate_rate: Share = 0.0,
    correction_rate: Share = 0.0,
    unknown_field_rate: Share = 0.0,
    out_of_order_rate: Share = 0.0,
    glue_rate: Share = 0.0,
    fault_rate: Share = 0.0,
    faulty: Annotated[int, typer.Option(help="Faulty messages, evenly over every reason.")] = 0,
    faults_per_reason: Annotated[int, typer.Option(help="Faulty messages of each reason.")] = 0,
    heavy_faults: Heavy = 20,
    messages_per_object: Annotated[int, typer.Option(help=f"Messages in each object. [{PER_OBJECT}]")] = 0,
    objects: Annotated[int, typer.Option(help="Or: into at most so many objects.")] = 0,
    result: Result = ResultFormat.TABLE,
) -> None:
    """Invent messages from a seed: diurnal curves, and late, repeated, corrected, shuffled and faulty ones.

    Late messages lie one to three days before their delivery, so some lie before --start. Every rate becomes
    an exact number. The truth counts a first run into an empty table.
    """

    def making() -> Making:
        faults = _faults(round(fault_rate * messages), faulty, faults_per_reason, heavy_faults)
        rates = Rates(
            late_rate, duplicate_rate, correction_rate, unknown_field_rate, out_of_order_rate, glue_rate
        )
        period = 24 * days + hours or 24.0
        plan = Plan(seed, devices, messages, start.replace(tzinfo=UTC), period, rates, faults)
        return _invented(plan, _per_object(messages, messages_per_object, objects))

    raise typer.Exit(run(lambda: Place(output, truth, result), making))


@app.command("follow-up")
def follow_up(  # noqa: PLR0913 - the options of a command are its parameters
    *,
    of: Annotated[Path, typer.Option(help="Truth file of the synthetic delivery to look back on.")],
    output: Output,
    truth: TruthFile,
    late: Count = 0,
    corrected: Count = 0,
    repeated: Count = 0,
    messages_per_object: PerObject = PER_OBJECT,
    result: Result = ResultFormat.TABLE,
) -> None:
    """Make a second delivery for a synthetic one: late rows of its dates, corrections and repetitions of it.

    It arrives an hour after the end of the first. The truth counts a run into the table that holds the first:
    late messages are inserted, corrections update, repetitions are duplicates, each exactly.
    """

    def making() -> Making:
        plan = following.plan_of(read_truth(of))
        chosen = following.FollowUp(plan, late=late, corrected=corrected, repeated=repeated)
        return Making(
            parameters=msgspec.to_builtins(chosen),
            total=late + corrected + repeated,
            make=lambda delivery, told: following.look_back(chosen, delivery, told),
            messages_per_object=messages_per_object,
        )

    raise typer.Exit(run(lambda: Place(output, truth, result), making))


def _faults(by_rate: int, faulty: int, per_reason: int, heavy_at_most: int) -> dict[str, int]:
    given = {"--fault-rate": by_rate, "--faulty": faulty, "--faults-per-reason": per_reason}
    if wrong := [f"{name} {count}" for name, count in given.items() if count < 0]:
        raise UsageError(f"{wrong[0]}: expected 0 or more")
    if len(asked := [name for name, count in given.items() if count]) > 1:
        raise UsageError(f"{', '.join(asked)}: expected one of them, got {len(asked)}")
    spread, count = (each_reason, per_reason) if per_reason else (spread_evenly, by_rate or faulty)
    return {reason: share for reason, share in spread(count, heavy_at_most).items() if share}


def _invented(plan: Plan, messages_per_object: int) -> Making:
    return Making(
        parameters=msgspec.to_builtins(plan),
        total=plan.messages,
        make=lambda delivery, told: inventing.simulate(plan, delivery, told),
        messages_per_object=messages_per_object,
    )


def _per_object(messages: int, per_object: int, objects: int) -> int:
    if per_object and objects:
        raise UsageError("--objects, --messages-per-object: expected one of them, got both")
    if objects < 0:
        raise UsageError(f"--objects: expected 1 or more, got {objects}")
    return -(-messages // objects) if objects else per_object or PER_OBJECT


if __name__ == "__main__":
    app()
