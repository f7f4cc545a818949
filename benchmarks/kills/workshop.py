"""Runs of device_readings that are killed and made good, at a place that is put back for each."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import duckdb
from pyspark.sql import SparkSession

from benchmarks.kills.messages import make_messages
from benchmarks.kills.places import Scene
from benchmarks.running.local_spark import FIRST_COMPILER, INTERPRETED, LOCAL, SPARK_SUBMIT
from jobs.common import runner
from jobs.common.arguments import Format
from jobs.device_readings import JOB

ROOT: Final = Path(__file__).resolve().parents[2]
OPTIONS: Final = {
    **LOCAL,
    **INTERPRETED,
    "spark.databricks.delta.snapshotPartitions": "2",
    "spark.driver.extraJavaOptions": FIRST_COMPILER,
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "2",
}
SHORT_LIVED: Final = {**OPTIONS, "spark.driver.memory": "600m"}
_QUICK_JAVA: Final = f"{FIRST_COMPILER} -XX:+UseSerialGC -Xlog:cds*=off"
MOST_SECONDS: Final = 300
FOLLOW_UPS: Final = ("the same run", "another run, then the same")
KILLED_RUN, OTHER_RUN = "second", "other"
NOTHING, PREPARED = "nothing", "prepared"
_VARYING = ("started_at", "finished_at")
# Kills strike one after the other; another run on the table takes the one that was not killed.
READERS: Final = ("fast", "portable")

Rows: TypeAlias = list[tuple[str | None, ...]]


@dataclass(frozen=True)
class Kill:
    """When a run is killed: at a commit point, or some seconds after a line of its log; with neither, it is not.

    It is killed on a table that holds an earlier run, or `on_nothing`, while it makes the table.
    """

    point: str | None = None
    line: int = 0
    delay_s: float = 0.0
    on_nothing: bool = False

    @property
    def kind(self) -> str:
        """Name the commit point, or that it was random."""
        return f"{self.point or 'random'}{' on nothing' if self.on_nothing else ''}"

    @property
    def start(self) -> str:
        """Name the state of the place on which it strikes."""
        return NOTHING if self.on_nothing else PREPARED


@dataclass(frozen=True)
class State:
    """All that runs leave.

    Rows by table or quarantine file's run, manifests by run, the run of each transaction of a Delta table, and what
    should not be left.
    """

    table: Rows
    quarantine: Rows
    manifests: Mapping[str, Any]
    transactions: Sequence[str]
    leftovers: Sequence[str]

    def differences(self, other: "State") -> list[str]:
        """Name the parts that differ from another state."""
        return [name for name, part in vars(self).items() if part != getattr(other, name)]


class Workshop:
    """Inputs, a table that holds the run `first`, and the same place put back for each kill.

    The place stays the same because journals and manifests hold full paths.
    """

    def __init__(
        self,
        root: Path,
        spark: SparkSession,
        format_: Format,
        scene: Scene,
        properties: Path,
        *,
        is_long: bool = False,
    ) -> None:
        """Write the inputs, and make the first run.

        `properties` is the file with which Spark knows Delta and s3://. Where the series `is_long`, the first run
        archives the classes that it has loaded, and the runs that are killed take half the CPU time.
        """
        self.root, self.spark, self.scene = root, spark, scene
        # Whether the newest kill came before the end of its run, and how many did not.
        self.landed, self.missed = False, 0
        self._kills = 0
        self._format, self._properties = format_, properties
        self._archive = root / "classes.jsa" if is_long else None
        for run_id, messages in make_messages().items():
            folder = root / "inputs" / run_id
            folder.mkdir(parents=True)
            for number in range(2):
                (folder / f"{number}.json").write_text("\n".join(messages[number::2]) + "\n")
        scene.restore(NOTHING)
        self.log_lines = self._submit("first", Kill(line=0))
        scene.save(PREPARED)
        self._expected: dict[tuple[str, ...], State] = {}

    def survive(self, kill: Kill) -> Iterator[tuple[str, list[str]]]:
        """Kill a run once, make it good in each way, and yield the way and what differs then."""
        self._kills += 1
        self.scene.restore(kill.start)
        self._submit(KILLED_RUN, kill)
        self.scene.save("killed")
        self.missed += not self.landed
        table = self.scene.look() / "table"
        is_certain = any((table / name).exists() for name in ("_journal.json", f"_runs/{KILLED_RUN}.json"))
        self.run(KILLED_RUN)
        found = self.state()
        yield FOLLOW_UPS[0], self._undisturbed(kill.start, KILLED_RUN).differences(found)
        self.scene.restore("killed")
        self.run(OTHER_RUN)
        self.run(KILLED_RUN)
        order = (KILLED_RUN, OTHER_RUN) if is_certain else (OTHER_RUN, KILLED_RUN)
        found = self.state()
        yield FOLLOW_UPS[1], self._undisturbed(kill.start, *order).differences(found)

    def run(self, run_id: str) -> None:
        """Run in this process."""
        runner.run(JOB, JOB.parse(self._argv(run_id)), self.spark)

    def state(self) -> State:
        """Read what runs have left; plain tables by an engine that is not ours."""
        place = self.scene.look()
        manifests = sorted((place / "manifests").glob("*.json"))
        table = place / "table"
        left = [path for path in table.glob("_staging/**/*") if path.is_file()] + [
            *table.glob("_journal.json")
        ]
        return State(
            table=self._delta_rows() if self._format == "delta" else _rows(f"{table}/event_date=*/*.parquet"),
            quarantine=_rows(f"{place}/quarantine/run_id=*/*.parquet"),
            manifests={path.stem: comparable(json.loads(path.read_text())) for path in manifests},
            transactions=self._transactions() if self._format == "delta" else [],
            leftovers=[*(str(path.relative_to(place)) for path in left), *self.scene.uploads()],
        )

    def _delta_rows(self) -> Rows:
        rows = self.spark.read.format("delta").load(f"{self.scene.uri}/table")
        texts = rows.selectExpr(*(f"CAST({name} AS STRING) AS {name}" for name in rows.columns)).collect()
        return sorted(
            (tuple(row) for row in texts), key=lambda row: [(text is not None, text) for text in row]
        )

    def _transactions(self) -> list[str]:
        history = self.spark.sql(f"DESCRIBE HISTORY delta.`{self.scene.uri}/table`")
        found = history.select("userMetadata").filter("userMetadata IS NOT NULL").collect()
        return sorted(str(json.loads(row["userMetadata"])["run_id"]) for row in found)

    def _undisturbed(self, start: str, *order: str) -> State:
        """Learn, once, what runs leave when nobody kills them."""
        if (start, *order) not in self._expected:
            self.scene.restore(start)
            for run_id in order:
                self.run(run_id)
            self._expected[start, *order] = self.state()
        return self._expected[start, *order]

    def _argv(self, run_id: str) -> list[str]:
        place = self.scene.uri
        return [
            *("--input", str(self.root / "inputs" / run_id), "--run-id", run_id, "--format", self._format),
            *("--reader", READERS[(self._kills + (run_id == OTHER_RUN)) % len(READERS)]),
            *("--output", f"{place}/table", "--quarantine", f"{place}/quarantine"),
            *("--manifest", f"{place}/manifests/{run_id}.json"),
        ]

    def _java_options(self) -> str:
        if self._archive is None:
            return _QUICK_JAVA
        use = "SharedArchiveFile" if self._archive.exists() else "ArchiveClassesAtExit"
        return f"{_QUICK_JAVA} -XX:{use}={self._archive}"

    def _submit(self, run_id: str, kill: Kill) -> int:
        """Run by spark-submit until it is killed or ends; returns the lines that it had logged."""
        options = {**SHORT_LIVED, "spark.driver.extraJavaOptions": self._java_options()}
        settings = [part for key, value in options.items() for part in ("--conf", f"{key}={value}")]
        command = [str(SPARK_SUBMIT), "--properties-file", str(self._properties), *settings]
        command += [str(ROOT / "jobs" / "device_readings.py"), *self._argv(run_id)]
        environment = {**os.environ, **self.scene.environment(), "JOB_KILL_AT": kill.point or ""}
        with subprocess.Popen(
            command,
            cwd=self.root,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            log = list(until_killed(process, kill))
            code = process.wait(MOST_SECONDS)
        self.landed = code != 0
        # A driver that kills itself ends spark-submit by a code of its own; a random kill may come too late.
        as_meant = code in (0, -signal.SIGKILL) if kill.line else self.landed == (kill.point is not None)
        if not as_meant:
            raise RuntimeError(f"{run_id}, {kill}: exit code {code}\n{''.join(log[-40:])}")
        return len(log)


def comparable(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return a manifest without what no two runs share: times and bytes."""
    partitions = [
        {key: value for key, value in partition.items() if key != "bytes"}
        for partition in manifest["partitions"]
    ]
    return {key: value for key, value in manifest.items() if key not in _VARYING} | {"partitions": partitions}


def until_killed(process: subprocess.Popen[str], kill: Kill) -> Iterator[str]:
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


def _rows(files: str) -> Rows:
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        found = f"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM read_parquet('{files}') ORDER BY ALL"  # noqa: S608 - our own path
        return database.execute(found).fetchall()
