"""What holds whatever happens: `scripts/bench reliability kills` of jobs, `… emr` of the embedded EMR.

`… orchestrator` is about launching, running and cancelling, and `… processes` about real processes of it that are
killed: see orchestrator_chaos/. `… ledger` is about events that come twice, late and in disorder, and consumers that
crash between any two calls: see ledger_chaos/. `… road` is about all of it at once, from devices to the table: see
road_chaos/. `… yarn` kills executors and drivers on real YARN: see yarn_kills/.

`kills` kills device_readings, runs it again, and compares with runs that nobody killed. Each kill is a `kill -9` of a
spark-submit, on a table that holds an earlier run or on nothing: at a commit point, or when the log has reached a line
drawn from the seed. Twice it is made good: by the same run at once, and by the same run after another. Table,
quarantine and manifests must then be those of the same runs without a kill, in the order in which they were done; of
the manifests all but times and bytes; a Delta table has one transaction a run. Exit code 1 where anything differs.

`emr` plays sequences of calls and faults, drawn from the seed, against the embedded EMR: none may reach a state or a
transition that AWS does not document, raise anything, or lose or double a thing (emr_chaos/laws.py). Exit code 1 where
one does, with the shortest sequence of its kind, which `--replay` plays again. `serverless` does the same to the
embedded EMR Serverless (serverless_chaos/laws.py).
"""

import json
import os
import random
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from pyspark.sql import SparkSession

from benchmarks.emr_chaos import laws, report
from benchmarks.emr_chaos.search import EMR, Game, Tally, Violation, play, search, sequences_of
from benchmarks.kills.places import LocalScene, S3Scene
from benchmarks.kills.workshop import OPTIONS, ROOT, Kill, Workshop
from benchmarks.ledger_chaos.command import ledgers
from benchmarks.orchestrator_chaos.command import orchestrators
from benchmarks.orchestrator_chaos.processes import processes
from benchmarks.road_chaos.command import roads
from benchmarks.serverless_chaos import laws as serverless_laws
from benchmarks.serverless_chaos.chaos import Chaos as ServerlessChaos
from benchmarks.serverless_chaos.chaos import calls as serverless_calls
from benchmarks.yarn_kills.command import yarn_kills
from jobs.common.arguments import Format
from jobs.common.commit.journal import ADDED, COMMIT_POINTS, DELTA_POINTS, JOURNALED, STAGED
from jobs.common.session import build
from local_aws.s3_server import S3Server

SERVERLESS: Final = Game(ServerlessChaos, sequences_of(serverless_calls))
_SHARE_ON_NOTHING: Final = 0.25
ON_NOTHING: Final = tuple(Kill(point, on_nothing=True) for point in (STAGED, JOURNALED, ADDED))
POINTS: Final[dict[Format, Sequence[str]]] = {"parquet": COMMIT_POINTS, "delta": DELTA_POINTS}


class TableFormat(StrEnum):
    """What the killed runs write."""

    PARQUET = "parquet"
    DELTA = "delta"


class Store(StrEnum):
    """Where they write it."""

    LOCAL = "local"
    S3 = "s3"


def draw_kills(
    points: Sequence[str], kills: int, seed: int, log_lines: int, most_delay_s: float = 0.0
) -> list[Kill]:
    """Return every commit point, then random moments, a quarter of them on nothing, until there are `kills`."""
    draw = random.Random(seed)  # noqa: S311 - a seed that gives the same kills again, not a secret
    # The run that is killed merges, and logs more than the first one, which does not.
    last = log_lines * 5 // 4
    moments = [
        Kill(
            line=draw.randint(1, last),
            delay_s=draw.uniform(0, most_delay_s),
            on_nothing=draw.random() < _SHARE_ON_NOTHING,
        )
        for _ in range(kills - len(points) - len(ON_NOTHING))
    ]
    return [*(Kill(point) for point in points), *ON_NOTHING[: kills - len(points)], *moments]


@contextmanager
def workshop(folder: Path, format_: Format, store: Store) -> Iterator[Workshop]:
    """Give a workshop with a session and, where it is asked for, an S3 of its own."""
    server = S3Server() if store is Store.S3 else None
    scene = S3Scene(server, folder) if server else LocalScene(folder)
    try:
        properties = locked_jars({**os.environ, **scene.environment()})
        spark = start(f"{folder}/spark", properties, server)
        yield Workshop(folder, spark, format_, scene, properties, is_long=True)
    finally:
        if server:
            server.close()


def locked_jars(environment: Mapping[str, str]) -> Path:
    """Return the properties file with which Spark knows Delta and s3://."""
    command = [sys.executable, str(ROOT / "scripts" / "jars.py"), "delta", "s3"]
    made = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return Path(made.stdout.strip())


def start(scratch: str, properties: Path, server: S3Server | None) -> SparkSession:
    """Start the session of the runs that are not killed."""
    pairs = dict(line.split(" ", 1) for line in properties.read_text().splitlines())
    if server:
        pairs |= {f"spark.hadoop.{name}": value for name, value in server.hadoop_settings().items()}
    spark = build("reliability", {**pairs, **OPTIONS, "spark.local.dir": scratch}, with_delta=True)
    spark.sparkContext.setLogLevel("ERROR")
    return spark


app = typer.Typer(help="What holds whatever happens.", no_args_is_help=True)


@app.command("kills")
def kill_jobs(
    kills: Annotated[
        int, typer.Option(min=len(COMMIT_POINTS) + len(ON_NOTHING), help="How many runs are killed.")
    ] = 60,
    seed: Annotated[int, typer.Option(help="What random moments are drawn from.")] = 1,
    table_format: Annotated[
        TableFormat, typer.Option("--format", help="Of the table.")
    ] = TableFormat.PARQUET,
    store: Annotated[Store, typer.Option(help="Where table, quarantine and manifests are.")] = Store.LOCAL,
) -> None:
    """Print, for each commit point and for random moments, how often a run was killed and what differed."""
    counts: dict[tuple[str, str], list[int]] = {}
    format_: Format = table_format.value
    with tempfile.TemporaryDirectory() as folder, workshop(Path(folder), format_, store) as shop:
        for number, kill in enumerate(draw_kills(POINTS[format_], kills, seed, shop.log_lines, 0.3), start=1):
            for follow_up, differences in shop.survive(kill):
                made_good, differed = counts.setdefault((kill.kind, follow_up), [0, 0])
                counts[kill.kind, follow_up] = [made_good + 1, differed + bool(differences)]
                verdict = f"DIFFERS in {', '.join(differences)}" if differences else "no difference"
                typer.echo(f"{number}/{kills} {kill}, {follow_up}: {verdict}")
    typer.echo(f"\n{'killed at':22} {'made good by':28} {'times':>6} {'differed':>9}")
    for (kind, follow_up), (times, differed) in counts.items():
        typer.echo(f"{kind:22} {follow_up:28} {times:6} {differed:9}")
    total = sum(differed for _, differed in counts.values())
    recoveries = sum(times for times, _ in counts.values())
    typer.echo(
        f"{format_} on {store}, {kills} kills, {recoveries} recoveries, seed {seed}: {total} differ "
        f"({shop.missed} random kills came after the end of their run)"
    )
    raise typer.Exit(1 if total else 0)


@app.command("emr")
def break_emr(
    sequences: Annotated[int, typer.Option(min=1, help="How many are played.")] = 10_000,
    seed: Annotated[int, typer.Option(help="What they are drawn from.")] = 1,
    replay: Annotated[str | None, typer.Option(help="Play this one alone, as a violation was told.")] = None,
) -> None:
    """Print how often each call, fault and transition of the embedded EMR was tried, or what broke a law."""
    _play("emr", EMR, laws.STATES, sequences, seed, replay)


@app.command("serverless")
def break_serverless(
    sequences: Annotated[int, typer.Option(min=1, help="How many are played.")] = 10_000,
    seed: Annotated[int, typer.Option(help="What they are drawn from.")] = 1,
    replay: Annotated[str | None, typer.Option(help="Play this one alone, as a violation was told.")] = None,
) -> None:
    """Print how often each call, fault and transition of the embedded EMR Serverless was tried, or what broke a law."""
    _play("serverless", SERVERLESS, serverless_laws.STATES, sequences, seed, replay)


def _play(name: str, game: Game, states: report.States, count: int, seed: int, replay: str | None) -> None:
    tally = Tally()
    violation: Violation | None
    if replay is None:
        violation = search(count, seed, tally, typer.echo, game)
    else:
        world, sequence = json.loads(replay)
        violation = play(world, sequence, tally, game)
    if violation:
        typer.echo(f"{violation.problem}\nseed {seed}, after {tally.sequences} sequences; again:")
        typer.echo(f"scripts/bench reliability {name} --replay {shlex.quote(violation.told())}")
        raise typer.Exit(1)
    for line in report.lines(tally, states):
        typer.echo(line)
    typer.echo(
        f"{tally.sequences} sequences, {sum(tally.outcomes.values())} calls and faults, seed {seed}: no law broken"
    )


app.command("ledger")(ledgers)
app.command("orchestrator")(orchestrators)
app.command("processes")(processes)
app.command("road")(roads)
app.command("yarn")(yarn_kills)


if __name__ == "__main__":
    app()
