"""Real processes killed: `scripts/bench reliability processes`.

Commands with --local, against an embedded AWS whose steps and job runs take a moment, are killed by SIGKILL: at a call
that is drawn, before AWS has carried it out or after, or a drawn time after their begin. Then the same command runs
again, sometimes two of them at once, until it ends by itself; afterwards the laws are looked at.
"""

import json
import os
import random
import secrets
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from benchmarks.orchestrator_chaos import laws, serverless_laws
from benchmarks.orchestrator_chaos.memory_s3 import MemoryS3
from benchmarks.orchestrator_chaos.quick_aws import APP_ID, QuickAws, Strike
from local_aws.clients import VARIABLES
from local_aws.emr.emulator import Emr
from local_aws.serverless.emulator import Serverless
from orchestrator.engine.leases import Lease
from orchestrator.engine.records import RunRecord, State

ROOT: Final = Path(__file__).resolve().parents[2]
KINDS: Final = (
    *("run own", "run application", "run shared", "launch", "launch application"),
    *("launch job", "submit", "cancel"),
)
_OWN, _SHARED, _APPLICATION = (
    str(ROOT / f"cluster_configs/{each}.yaml") for each in ("job_specific", "long_running", "serverless")
)
_ROLE: Final = "arn:aws:iam::123456789012:role/jobs"
_PIPELINE: Final = """
name: chaos
variables: {{table: null}}
jobs:
  device_readings:
    entry_point: jobs/device_readings.py
    inputs: ["s3://{bucket}/raw/"]
    output: s3://{bucket}/${{table}}/readings
    quarantine: s3://{bucket}/${{table}}/quarantine
  readings_hourly:
    entry_point: jobs/readings_hourly.py
    follows: [device_readings]
    inputs: ["${{jobs.device_readings.output}}"]
    output: s3://{bucket}/${{table}}/hourly
"""
_MOST_CALLS: Final = 45
_MOST_DELAY_S: Final = 6.0
_SHARE_OF_DELAYS: Final = 0.2
_SHARE_OF_PAIRS: Final = 0.3
_TRIES: Final = 4
_LONGEST_S: Final = 180.0


@dataclass
class Tally:
    """What was tried, and what came of it."""

    stories: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    processes: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Tell it."""
        yield from (f"{kind:18} {count:6} stories" for kind, count in sorted(self.stories.items()))
        yield from (f"killed {call:32} {count:6}" for call, count in self.kills.most_common())
        ends = ", ".join(f"{count} {end}" for end, count in sorted(self.ends.items()))
        yield f"runs: {ends}"
        yield f"{self.kills.total()} kills, {self.processes} processes: {len(self.broken)} broke a law"


@dataclass(frozen=True)
class Account:
    """What the laws look at."""

    emr: Emr
    s3: MemoryS3
    serverless: Serverless | None = None


class Shop:
    """An embedded AWS with a bucket and a pipeline's file."""

    def __init__(self, folder: Path, name: str) -> None:
        """Start it; `name` makes the bucket another one than that of any other shop of this process."""
        self.folder, self.bucket = folder, f"chaos-{name}"
        self.aws = QuickAws(folder / "aws")
        self.aws.s3.create_bucket(Bucket=self.bucket)
        self.aws.s3.put_object(Bucket=self.bucket, Key="raw/1.json", Body=b"{}")
        (folder / "chaos.yaml").write_text(_PIPELINE.format(bucket=self.bucket))
        self._lock, self._apps = threading.Lock(), 0
        self.tally = Tally()

    def account(self) -> Account:
        """Return what there is now."""
        s3 = MemoryS3()
        pages = self.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix="_state/")
        for key in [each["Key"] for page in pages for each in page.get("Contents", [])]:
            s3.objects[key] = self.aws.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return Account(self.aws.emr, s3, self.aws.serverless)

    def begin(self, command: Sequence[str], strike: Strike | None = None) -> "subprocess.Popen[str]":
        """Begin a command in a process of its own, which a strike may end."""
        with self._lock:
            self._apps += 1
            self.tally.processes += 1
            app = f"chaos-{self._apps}"
        if strike is not None:
            self.aws.strikes[app] = strike
        process = subprocess.Popen(
            [sys.executable, "-m", "orchestrator", *command, "--local", "--bucket", self.bucket],
            cwd=self.folder,
            env={**os.environ, **VARIABLES, **self._variables(app)},
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        if strike is not None:
            strike.process = process
        return process

    def count_kill(self, where: str) -> None:
        """Count one."""
        with self._lock:
            self.tally.kills[where] += 1

    def _variables(self, app: str) -> dict[str, str]:
        return {"PYTHONPATH": str(ROOT), "AWS_ENDPOINT_URL": self.aws.url, APP_ID: app}


@dataclass
class Story:
    """One command that somebody wants done, whatever happens to it."""

    shop: Shop
    number: int
    kind: str
    draws: random.Random

    def play(self) -> list[str]:
        """Play it; return what went wrong."""
        command = self._command()
        if self.draws.random() < _SHARE_OF_PAIRS:
            self._kill_one_of_two(command)
        for _ in range(self.draws.choice((1, 1, 2))):
            self._kill(command)
        told = self._until_done(command)
        if told is None:
            return [f"{self.kind} {self.number}: {command} never ended well"]
        if self.kind in {"launch job", "submit"}:
            run = told[0]["run_id"]
            return [] if self._until_done(("run", "--attach", run)) else [f"{run} never ended well"]
        return []

    def _command(self) -> Sequence[str]:
        table = ("--var", f"table=t{self.number}", "--key", f"story {self.number}")
        key, name = ("--key", f"story {self.number}"), ("--var", f"name=story-{self.number}")
        role = (*name, "--var", f"execution_role={_ROLE}")
        told = {
            "run own": ("run", "chaos.yaml", "--cluster", _OWN, *table),
            "run application": ("run", "chaos.yaml", "--cluster", _APPLICATION, *table, *role),
            "run shared": ("run", "chaos.yaml", "--cluster", _SHARED, *table, *name),
            "launch": ("launch", _SHARED, *key, *name),
            "launch application": ("launch", _APPLICATION, *key, *role),
            "launch job": ("launch", _OWN, "--job", "chaos.yaml:device_readings", *table),
        }
        if self.kind in told:
            return told[self.kind]
        if self.kind == "submit":
            return ("submit", self._given(_SHARED, name), "chaos.yaml", *table)
        chosen, given = self.draws.choice(((_OWN, name), (_SHARED, name), (_APPLICATION, role)))
        begun = self._until_done(("run", "chaos.yaml", "--detach", "--cluster", chosen, *table, *given))
        return ("cancel", str(begun["run_id"] if begun else "none"))

    def _given(self, file: str, name: Sequence[str]) -> str:
        launched = self._until_done(("launch", file, *name, "--detach"))
        return str(launched[0]["cluster_id"] if launched else "none")

    def _kill(self, command: Sequence[str]) -> None:
        if self.draws.random() < _SHARE_OF_DELAYS:
            process = self.shop.begin(command)
            try:
                process.communicate(timeout=self.draws.uniform(0, _MOST_DELAY_S))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                self.shop.count_kill("after a delay")
            return
        strike = self._strike()
        self.shop.begin(command, strike).communicate(timeout=_LONGEST_S)
        self._count(strike)

    def _kill_one_of_two(self, command: Sequence[str]) -> None:
        strike = self._strike()
        both = [self.shop.begin(command, strike), self.shop.begin(command)]
        for process in both:
            process.communicate(timeout=_LONGEST_S)
        self._count(strike)

    def _strike(self) -> Strike:
        return Strike(self.draws.randint(1, _MOST_CALLS), self.draws.random() < 0.5)  # noqa: PLR2004 - a coin

    def _count(self, strike: Strike) -> None:
        if strike.killed_at is not None:
            self.shop.count_kill(strike.killed_at)

    def _until_done(self, command: Sequence[str]) -> Any:
        """Run a command, again where it fails, and return its document; None where it never ends well."""
        said = ""
        for _ in range(_TRIES):
            process = self.shop.begin((*command, "-o", "json"))
            out, said = process.communicate(timeout=_LONGEST_S)
            if process.returncode == 0:
                return json.loads(out)
        self.shop.tally.broken.append(f"{' '.join(command)}: {said[-600:]}")
        return None


def series(shop: Shop, kills: int, seed: int, workers: int = 3) -> Tally:
    """Play stories until so many processes were killed, some of them at the same time, and look at the laws."""
    tally, lock, numbers = shop.tally, threading.Lock(), iter(range(1_000_000))

    def work() -> None:
        while tally.kills.total() < kills:
            with lock:
                number = next(numbers)
            draws = random.Random(f"{seed}/{number}")  # noqa: S311 - a seed that gives the same again
            kind = KINDS[number % len(KINDS)]
            told = Story(shop, number, kind, draws).play()
            with lock:
                tally.stories[kind] += 1
                tally.broken += told

    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(work) for _ in range(workers)]:
            done.result()
    tally.broken += broken(shop.account(), tally)
    return tally


def broken(account: Account, tally: Tally) -> list[str]:
    """Name the laws that do not hold, and count how runs ended."""
    found = [*laws.broken(account, []), *serverless_laws.broken(account)]
    for key, body in account.s3.objects.items():
        if key.startswith("_state/runs/"):
            record = msgspec.json.decode(body, type=RunRecord)
            tally.ends[str(record.state)] += 1
            is_well = record.state is State.SUCCEEDED or record.is_cancelled
            if not is_well or record.ended_at is None:
                found.append(f"{record.run_id}: {record.state}: {record.reason}")
        if key.startswith("_state/leases/") and (lease := msgspec.json.decode(body, type=Lease)).holder:
            found.append(f"{lease.table}: its lease is still {lease.holder}'s")
    return found


def processes(
    kills: Annotated[int, typer.Option(min=1, help="How many processes are killed.")] = 150,
    seed: Annotated[int, typer.Option(help="What the moments are drawn from.")] = 1,
) -> None:
    """Kill orchestrators at any moment, run their commands again, and see that nothing is lost and nothing twice."""
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder), secrets.token_hex(4))
        try:
            tally = series(shop, kills, seed)
        finally:
            shop.aws.close()
    for line in (*tally.lines(), *tally.broken, f"seed {seed}"):
        typer.echo(line)
    raise typer.Exit(1 if tally.broken else 0)
