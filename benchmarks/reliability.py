"""Kill device_readings, run again, and compare with runs that nobody killed: `scripts/bench reliability`.

Each kill is a `kill -9` of a spark-submit on a table that holds an earlier run: at a commit point, or when the log has
reached a line drawn from the seed. Twice it is made good: by the same run at once, and by the same run after another.
Table, quarantine and manifests must then be those of the same runs without a kill, in the order in which they were
done; of the manifests all but times and bytes. Exit code 1 where anything differs.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias

import duckdb
import pyspark
import typer
from pyspark.sql import SparkSession

from jobs.common import runner
from jobs.common.commit.journal import COMMIT_POINTS
from jobs.common.session import build
from jobs.device_readings import JOB

ROOT: Final = Path(__file__).resolve().parents[1]
SPARK_SUBMIT: Final = Path(str(pyspark.__file__)).parent / "bin" / "spark-submit"
OPTIONS: Final = {
    "spark.master": "local[2]",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
# A driver that lives for seconds is faster with the first compiler alone.
SHORT_LIVED: Final = {**OPTIONS, "spark.driver.memory": "512m"}
JAVA_OPTIONS: Final = "-XX:TieredStopAtLevel=1"
MOST_SECONDS: Final = 300
FOLLOW_UPS: Final = ("the same run", "another run, then the same")
KILLED_RUN, OTHER_RUN = "second", "other"
_VARYING = ("started_at", "finished_at")

Rows: TypeAlias = list[tuple[str | None, ...]]


@dataclass(frozen=True)
class Kill:
    """When a run is killed: at a commit point, or some seconds after a line of its log; with neither, it is not."""

    point: str | None = None
    line: int = 0
    delay_s: float = 0.0

    @property
    def kind(self) -> str:
        """Name the commit point, or that it was random."""
        return self.point or "random"


@dataclass(frozen=True)
class State:
    """All that runs leave: rows by table or quarantine file's run, manifests by run, and what should not be left."""

    table: Rows
    quarantine: Rows
    manifests: Mapping[str, Any]
    leftovers: Sequence[str]

    def differences(self, other: "State") -> list[str]:
        """Name the parts that differ from another state."""
        return [name for name, part in vars(self).items() if part != getattr(other, name)]


class Workshop:
    """A folder with inputs, a table that holds the run `first`, and the same place restored for each kill.

    The place stays the same because journals and manifests hold full paths.
    """

    def __init__(self, root: Path, spark: SparkSession) -> None:
        """Write the inputs, make the first run, and learn what later runs leave when nobody kills them."""
        self.root, self.spark = root, spark
        self.place, self._prepared, self._killed = root / "place", root / "prepared", root / "killed"
        for run_id, messages in make_messages().items():
            folder = root / "inputs" / run_id
            folder.mkdir(parents=True)
            for number in range(2):
                (folder / f"{number}.json").write_text("\n".join(messages[number::2]) + "\n")
        self.log_lines = self._submit("first", Kill(line=0))
        _copy(self.place, self._prepared)
        self._expected = {
            order: self._undisturbed(order)
            for order in ((KILLED_RUN,), (KILLED_RUN, OTHER_RUN), (OTHER_RUN, KILLED_RUN))
        }

    def survive(self, kill: Kill) -> Iterator[tuple[str, list[str]]]:
        """Kill a run once, make it good in each way, and yield the way and what differs then."""
        _copy(self._prepared, self.place)
        self._submit(KILLED_RUN, kill)
        _copy(self.place, self._killed)
        table = self.place / "table"
        is_certain = any((table / name).exists() for name in ("_journal.json", f"_runs/{KILLED_RUN}.json"))
        self.run(KILLED_RUN)
        yield FOLLOW_UPS[0], self.state().differences(self._expected[(KILLED_RUN,)])
        _copy(self._killed, self.place)
        self.run(OTHER_RUN)
        self.run(KILLED_RUN)
        order = (KILLED_RUN, OTHER_RUN) if is_certain else (OTHER_RUN, KILLED_RUN)
        yield FOLLOW_UPS[1], self.state().differences(self._expected[order])

    def run(self, run_id: str) -> None:
        """Run in this process."""
        runner.run(JOB, JOB.parse(self._argv(run_id)), self.spark)

    def state(self) -> State:
        """Read what runs have left, by an engine that is not ours."""
        manifests = sorted((self.place / "manifests").glob("*.json"))
        table = self.place / "table"
        left = [*table.glob("_staging/*"), *table.glob("_journal.json")]
        return State(
            table=_rows(f"{table}/event_date=*/*.parquet"),
            quarantine=_rows(f"{self.place}/quarantine/run_id=*/*.parquet"),
            manifests={path.stem: comparable(json.loads(path.read_text())) for path in manifests},
            leftovers=[str(path.relative_to(self.place)) for path in left],
        )

    def _undisturbed(self, order: Sequence[str]) -> State:
        _copy(self._prepared, self.place)
        for run_id in order:
            self.run(run_id)
        return self.state()

    def _argv(self, run_id: str) -> list[str]:
        place = self.place
        return [
            *("--input", str(self.root / "inputs" / run_id), "--run-id", run_id),
            *("--output", f"{place}/table", "--quarantine", f"{place}/quarantine"),
            *("--manifest", f"{place}/manifests/{run_id}.json"),
        ]

    def _submit(self, run_id: str, kill: Kill) -> int:
        """Run by spark-submit until it is killed or ends; returns the lines that it had logged."""
        settings = [part for key, value in SHORT_LIVED.items() for part in ("--conf", f"{key}={value}")]
        command = [str(SPARK_SUBMIT), *settings, "--driver-java-options", JAVA_OPTIONS]
        command += [str(ROOT / "jobs" / "device_readings.py"), *self._argv(run_id)]
        environment = {**os.environ, "JOB_KILL_AT": kill.point or ""}
        with subprocess.Popen(
            command,
            cwd=self.root,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            log = list(_until_killed(process, kill))
            code = process.wait(MOST_SECONDS)
        if not kill.line and (code == 0) != (kill.point is None):
            raise RuntimeError(f"{run_id}, {kill}: exit code {code}\n{''.join(log[-40:])}")
        return len(log)


def make_messages() -> dict[str, list[str]]:
    """Make the messages of three runs: new rows, corrections, duplicates, late rows and bad ones over four days."""
    keys = [(device, day, event) for device in "abc" for day in (1, 2, 3) for event in range(4)]
    bad = ["{", "[]", '{"device_id":"x"}', '"\xff"', _message(("d", 9, 1), minute=1, pm2_5=-1.0)]
    moved = [(device, day + 1, event + 2) for device, day, event in keys]
    return {
        "first": [_message(key, minute=1) for key in keys] + bad[:2],
        "second": [
            *(_message(key, minute=5, pm2_5=2.0) for key in keys[::3]),
            *(_message(key, minute=1) for key in keys[::4]),
            *(_message(key, minute=3, pm2_5=3.0) for key in moved),
            *bad,
        ],
        "other": [
            *(_message(key, minute=4, pm2_5=4.0) for key in keys[::2]),
            *(_message(key, minute=3, pm2_5=5.0) for key in moved[::2]),
            *(_message(("e", day, 0), minute=2) for day in (2, 5)),
            *bad[2:4],
        ],
    }


def comparable(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return a manifest without what no two runs share: times and bytes."""
    partitions = [
        {key: value for key, value in partition.items() if key != "bytes"}
        for partition in manifest["partitions"]
    ]
    return {key: value for key, value in manifest.items() if key not in _VARYING} | {"partitions": partitions}


def draw_kills(kills: int, seed: int, log_lines: int, most_delay_s: float = 0.0) -> list[Kill]:
    """Return every commit point, then random moments, until there are `kills`."""
    draw = random.Random(seed)  # noqa: S311 - a seed that gives the same kills again, not a secret
    # The run that is killed merges, and logs more than the first one, which does not.
    last = log_lines * 5 // 4
    moments = [
        Kill(line=draw.randint(1, last), delay_s=draw.uniform(0, most_delay_s))
        for _ in range(kills - len(COMMIT_POINTS))
    ]
    return [*(Kill(point) for point in COMMIT_POINTS), *moments]


def _message(key: tuple[str, int, int], minute: int, **metrics: float) -> str:
    device, day, event = key
    instant = f"2024-03-0{day}T{event * 3:02}"
    return json.dumps(
        {
            "device_id": device,
            "event_id": f"{day}-{event}",
            "event_time": f"{instant}:00:00Z",
            "received_at": f"{instant}:{minute:02}:00Z",
            "metrics": metrics,
        }
    )


def _until_killed(process: subprocess.Popen[str], kill: Kill) -> Iterator[str]:
    """Yield the log of a process, and end its whole group at the line of `kill`, or with the process."""
    for number, line in enumerate(process.stderr or (), start=1):
        yield line
        if number == kill.line:
            with suppress(subprocess.TimeoutExpired):
                process.wait(kill.delay_s)
            break
    # The driver that killed itself has let spark-submit end; of any other, nothing may go on.
    if process.poll() is None and kill.line:
        os.killpg(process.pid, signal.SIGKILL)


def _copy(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)


def _rows(files: str) -> Rows:
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        found = f"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM read_parquet('{files}') ORDER BY ALL"  # noqa: S608 - our own path
        return database.execute(found).fetchall()


def start(scratch: str) -> SparkSession:
    """Start the session of the runs that are not killed."""
    spark = build("reliability", {**OPTIONS, "spark.local.dir": scratch})
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def main(
    kills: Annotated[int, typer.Option(min=len(COMMIT_POINTS), help="How many runs are killed.")] = 60,
    seed: Annotated[int, typer.Option(help="What random moments are drawn from.")] = 1,
) -> None:
    """Print, for each commit point and for random moments, how often a run was killed and what differed."""
    counts: dict[tuple[str, str], list[int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        workshop = Workshop(Path(folder), start(f"{folder}/spark"))
        for number, kill in enumerate(draw_kills(kills, seed, workshop.log_lines, 0.3), start=1):
            for follow_up, differences in workshop.survive(kill):
                made_good, differed = counts.setdefault((kill.kind, follow_up), [0, 0])
                counts[kill.kind, follow_up] = [made_good + 1, differed + bool(differences)]
                verdict = f"DIFFERS in {', '.join(differences)}" if differences else "no difference"
                typer.echo(f"{number}/{kills} {kill}, {follow_up}: {verdict}")
    typer.echo(f"\n{'killed at':12} {'made good by':28} {'times':>6} {'differed':>9}")
    for (kind, follow_up), (times, differed) in counts.items():
        typer.echo(f"{kind:12} {follow_up:28} {times:6} {differed:9}")
    total = sum(differed for _, differed in counts.values())
    typer.echo(
        f"{kills} kills, {sum(times for times, _ in counts.values())} recoveries, seed {seed}: {total} differ"
    )
    raise typer.Exit(1 if total else 0)


if __name__ == "__main__":
    typer.run(main)
