"""The embedded AWS as a command, `python -m local_aws --data DIR`: it serves until it is told to end.

While it lives it holds a lock on `DIR/server.lock`, and `DIR/server.json` tells where it is.
"""

import fcntl
import json
import logging
import secrets
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from os import getpid
from pathlib import Path
from typing import Annotated, Final

import typer

from local_aws import keeping
from local_aws.clients import REGION
from local_aws.fault_script import FaultScript, FaultScriptError, read
from local_aws.running.memory import machine_mib
from local_aws.running.processes import end_leftovers
from local_aws.server import Engine, LocalAws, Settings
from local_aws.serverless.world import DEFAULT_VCPUS

FAILED: Final = 1
USAGE: Final = 2
Mib = Annotated[
    int | None,
    typer.Option(min=1024, help="MiB that steps and clusters have; by default 60 % of the machine's."),
]
Vcpus = Annotated[int, typer.Option(min=1, help="vCPUs that all EMR Serverless applications have together.")]
log = logging.getLogger("local_aws")


class UsageError(Exception):
    """What whoever starts the server can mend."""


def main(  # noqa: PLR0913, PLR0917 - the options of a command are its parameters
    data: Annotated[
        Path, typer.Option(help="Folder of the server's record, its log and the scratch of steps.")
    ],
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: a free one.")] = 0,
    seed: Annotated[
        str | None, typer.Option(help="What the market and ids are drawn from, the same for the same one.")
    ] = None,
    speed: Annotated[
        float, typer.Option(min=0.01, max=100_000, help="Seconds of EMR in one of the machine's.")
    ] = 1.0,
    log_delay: Annotated[
        float, typer.Option(min=0, help="Seconds until logs are in LogUri; on EMR about 300.")
    ] = 5.0,
    faults: Annotated[Path | None, typer.Option(help="A JSON file with a script of faults.")] = None,
    engine: Annotated[
        Engine, typer.Option(help="What steps run on: Spark alone, or real HDFS and YARN of each cluster.")
    ] = Engine.LOCAL,
    memory: Mib = None,
    vcpus: Vcpus = DEFAULT_VCPUS,
) -> None:
    """Serve until SIGTERM or SIGINT."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    logging.getLogger("botocore").setLevel(logging.WARNING)
    try:
        script = read(faults) if faults else FaultScript()
        with _alone(data):
            # Buckets outlive a server: the logs of new clusters must not be put among those of old ones.
            drawn = secrets.token_hex(4) if seed is None else seed
            mib = machine_mib() if memory is None else memory
            settings = Settings(
                port, drawn, speed, log_delay, faults=script, engine=engine, memory_mib=mib, vcpus=vcpus
            )
            _serve(data, settings)
    except (UsageError, FaultScriptError, keeping.KeptError) as fault:
        typer.echo(f"local_aws: {fault}", err=True)
        raise typer.Exit(USAGE) from fault
    except keeping.NotKeptError as fault:
        typer.echo(f"local_aws: {fault}", err=True)
        raise typer.Exit(FAILED) from fault


def _serve(data: Path, settings: Settings) -> None:
    ended = threading.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, lambda *_: ended.set())
    clusters = data / "clusters"
    if count := end_leftovers(clusters):
        log.warning("ended %d processes that an earlier server has left behind", count)
    shutil.rmtree(clusters, ignore_errors=True)
    try:
        server = LocalAws(data, settings)
    except OSError as fault:
        raise UsageError(
            f"--port {settings.port}: expected a free port of 127.0.0.1, failed: {fault.strerror}; choose another"
        ) from fault
    server.about = _about(data, server, settings)
    record, buckets = data / "server.json", data / "s3.tar"
    try:
        count = keeping.load(server.s3, buckets)
        _write(record, {name: server.about[name] for name in ("pid", "url", "token", "region")})
        log.info("serving on %s, seed %s, %d objects were kept", server.url, settings.seed, count)
        ended.wait()
        server.end_work()
        log.info("kept %d objects", keeping.save(server.s3, buckets))
    finally:
        record.unlink(missing_ok=True)
        server.close()


def _about(data: Path, server: LocalAws, settings: Settings) -> dict[str, object]:
    return {
        "pid": getpid(),
        "token": secrets.token_hex(16),
        "url": server.url,
        "region": REGION,
        "started_at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "data": str(data.resolve()),
        "seed": settings.seed,
        "memory_mib": settings.memory_mib,
        "vcpus": settings.vcpus,
    }


def _write(path: Path, told: dict[str, object]) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(told), encoding="utf-8")
    part.replace(path)


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Hold the folder; the lock ends with its holder.

    Raises:
        UsageError: Where another server holds it, it cannot be written, or what is there is not a server's.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        _refuse_foreign(data)
        lock = (data / "server.lock").open("a")
    except OSError as fault:
        raise UsageError(f"--data {data}: expected a folder to write to, failed: {fault.strerror}") from fault
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise UsageError(
                f"--data {data}: expected a folder that no server uses, one does; end it or choose another folder"
            ) from fault
        yield


def _refuse_foreign(data: Path) -> None:
    """Refuse a folder whose `clusters`, which a start clears, was there before any server of ours."""
    clusters = data / "clusters"
    if (data / "server.lock").exists() or not clusters.exists():
        return
    if not clusters.is_dir() or any(clusters.iterdir()):
        raise UsageError(
            f"--data {data}: expected a folder where 'clusters' is empty, or one that a server has used, got a "
            "'clusters' that no server has made and a start would delete; choose another folder, or move it away"
        )
