"""How fast one consumer is: `scripts/bench ledger`, S3 events per second from bodies of messages to a batch.

Bodies are read, recorded and folded, and batches cut and closed, over a store in memory: what S3 takes for its puts
comes on top, 0.02 to 0.1 s for each.
"""

import random
import resource
import time
from collections.abc import Callable
from typing import Annotated, Final, TypeVar

import typer

from benchmarks.ledger_chaos.history import ALLOWED, draw
from benchmarks.orchestrator_chaos.memory_s3 import MemoryS3
from ingestion.s3_events.model import Kind, ObjectEvent
from ingestion.s3_events.reading import read
from orchestrator.aws.clock import SystemClock
from orchestrator.aws.store import S3Store
from orchestrator.ledger.cutting import Policy
from orchestrator.ledger.documents import Outcome
from orchestrator.ledger.ledger import Ledger

_ROUND: Final = 1000
_MIB: Final = 1024
Made = TypeVar("Made")


def main(
    events: Annotated[int, typer.Option(min=1, help="How many events one consumer takes.")] = 100_000,
    keys: Annotated[
        int, typer.Option(min=0, help="How many keys the ledger knows in the second part.")
    ] = 1_000_000,
) -> None:
    """Print events per second of each part, and what a snapshot of many keys takes."""
    now = time.time()
    history = draw(random.Random(1), events, now - 3600)  # noqa: S311 - a seed that gives the same again
    bodies = [message.body for message in history.messages]
    read_s, found = _timed(lambda: [event for body in bodies for event in read(body, ALLOWED).events])
    s3 = MemoryS3()
    ledger = _ledger(s3)
    until = now + 3600
    record_s, _ = _timed(lambda: _record(ledger, found, until))
    fold_s, batches = _timed(lambda: _drain(ledger, until))
    puts = len(s3.objects)
    for name, seconds in (("read", read_s), ("record", record_s), ("fold, cut, close", fold_s)):
        typer.echo(f"{name:18}{len(found) / seconds:12,.0f} events/s")
    total = read_s + record_s + fold_s
    typer.echo(
        f"{'together':18}{len(found) / total:12,.0f} events/s, {batches} batches, {puts / len(found):.4f} puts an event"
    )
    if keys:
        _snapshot(keys, now, until)


def _record(ledger: Ledger, found: list[ObjectEvent], until: float) -> None:
    for begin in range(0, len(found), _ROUND):
        ledger.record(found[begin : begin + _ROUND], until)


def _drain(ledger: Ledger, until: float) -> int:
    batches = 0
    while (batch := ledger.cut(Policy(max_wait_minutes=0), until)) is not None:
        ledger.close(batch.number, Outcome.DONE, until)
        batches += 1
    return batches


def _snapshot(keys: int, now: float, until: float) -> None:
    """Print what many keys take: in memory, in a snapshot, and to be read from it."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    s3 = MemoryS3()
    ledger = _ledger(s3)
    _record(ledger, [_event(number, now) for number in range(keys)], until)
    while (batch := ledger.cut(Policy(max_wait_minutes=0, max_objects=100_000), until)) is not None:
        ledger.close(batch.number, Outcome.DONE, until)
    fold_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // _MIB
    write_s, _ = _timed(lambda: ledger.compact(until))
    size = sum(len(body) for key, body in s3.objects.items() if "/shards/" in key)
    load_s, _ = _timed(lambda: _ledger(s3).open_batches(until))
    typer.echo(
        f"{keys} keys: {fold_mib} MiB more with the store that holds them; a snapshot has {size / 2**20:.1f} MiB, is "
        f"written in {write_s:.1f} s and read in {load_s:.1f} s"
    )


def _event(number: int, now: float) -> ObjectEvent:
    key = f"in/2026/11/26/23/readings-1-2026-11-26-23-{number:012}-1b2c3d4e.gz"
    etag = f"{number * 2654435761 % 2**128:032x}"
    return ObjectEvent(Kind.CREATED, "raw", key, None, etag, f"0055AED6DC{number:08X}", 2**20, now)


def _ledger(s3: MemoryS3) -> Ledger:
    clock = SystemClock()
    draws = random.Random(0)  # noqa: S311 - names, not secrets
    return Ledger(S3Store(s3, "state", clock), "readings", clock, lambda: f"{draws.getrandbits(64):016x}")


def _timed(make: Callable[[], Made]) -> tuple[float, Made]:
    begun = time.process_time()
    made = make()
    return time.process_time() - begun, made


if __name__ == "__main__":
    typer.run(main)
