"""One writer for each output table: a lease that an orchestrator holds for its run (decision D11).

A lease belongs to a run, not to a process: it is held while the run's steps may write, whether somebody waits for them
or not. It may be taken from a run that is over, or that has neither renewed it nor anything on AWS that could still
write. Its epoch grows each time it changes hands. A bare spark-submit has no lease.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from orchestrator.engine.documents import load, save
from orchestrator.engine.edge import Edge
from orchestrator.errors import FailedError, TimedOutError
from orchestrator.identity import digest

_FREE: Final = ""


class Lease(msgspec.Struct, frozen=True):
    """Who may write a table; an empty holder is nobody. Instants in seconds of the Unix epoch."""

    table: str
    holder: str
    epoch: int
    expires_at: float
    nonce: str


class LostLeaseError(FailedError):
    """Raised when the table's lease is another run's by now."""


def key_of(table: str) -> str:
    """Name the lease of a table, however its URI is spelt."""
    scheme, _, rest = table.rstrip("/").partition("://")
    return f"leases/{digest('lease', 's3' if scheme in {'s3a', 's3n'} else scheme, rest)}.json"


def acquire(edge: Edge, table: str, run_id: str, is_active: Callable[[str], bool], until: float) -> int:
    """Take the lease for a run, or renew it; return its epoch.

    Args:
        edge: The world.
        table: The table's URI.
        run_id: Who is to hold it.
        is_active: Tells of another run whether it may still write: by its record, and by what it has on AWS.
        until: How long to wait for it.

    Raises:
        TimedOutError: Another run had it all the time.
    """
    while True:
        found = load(edge, key_of(table), Lease, until)
        lease = found[0] if found else None
        if _is_ours_to_take(edge, lease, run_id, is_active):
            epoch = _next_epoch(lease, run_id)
            new = Lease(table, run_id, epoch, edge.clock.now() + edge.bounds.lease_s, edge.nonce())
            if save(edge, key_of(table), new, found[1] if found else None, until) is not None:
                return epoch
            continue
        assert lease is not None  # noqa: S101 - what is not there is ours to take
        edge.say(f"{table}: run {lease.holder} writes it; waiting for its end")
        if not edge.pause(until):
            raise TimedOutError(
                f"{table}: run {lease.holder} writes it, and had not ended when the time was over; see it: "
                f"orchestrator status {lease.holder}; end it: orchestrator cancel {lease.holder}"
            )


def renew(edge: Edge, table: str, run_id: str, epoch: int, until: float) -> None:
    """Hold it longer; every orchestrator of the run does, as long as it lives.

    Raises:
        LostLeaseError: It is another's.
    """
    found = _held(edge, table, run_id, epoch, until)
    longer = msgspec.structs.replace(
        found[0], expires_at=edge.clock.now() + edge.bounds.lease_s, nonce=edge.nonce()
    )
    # Late is no fault: another orchestrator of the same run has renewed it.
    save(edge, key_of(table), longer, found[1], until)


def check(edge: Edge, table: str, run_id: str, epoch: int, until: float) -> None:
    """See that it is still held.

    Raises:
        LostLeaseError: It is another's.
    """
    _held(edge, table, run_id, epoch, until)


def release(edge: Edge, table: str, run_id: str, until: float) -> None:
    """Give it back; nothing happens where it is another's."""
    while True:
        found = load(edge, key_of(table), Lease, until)
        if found is None or found[0].holder != run_id:
            return
        free = msgspec.structs.replace(found[0], holder=_FREE, expires_at=0.0, nonce=edge.nonce())
        if save(edge, key_of(table), free, found[1], until) is not None:
            return


def _held(edge: Edge, table: str, run_id: str, epoch: int, until: float) -> tuple[Lease, str]:
    found = load(edge, key_of(table), Lease, until)
    if found is None or (found[0].holder, found[0].epoch) != (run_id, epoch):
        holder = found[0].holder if found else _FREE
        now_with = f"run {holder}" if holder else "nobody"
        raise LostLeaseError(
            f"{table}: run {run_id} has lost its lease (epoch {epoch}), which {now_with} holds; it was not renewed for "
            f"{edge.bounds.lease_s:g} s: nothing more is begun; run the same command again"
        )
    return found


def _is_ours_to_take(edge: Edge, lease: Lease | None, run_id: str, is_active: Callable[[str], bool]) -> bool:
    if lease is None or lease.holder in {_FREE, run_id}:
        return True
    is_expired = edge.clock.now() >= lease.expires_at + edge.bounds.skew_s
    return is_expired and not is_active(lease.holder)


def _next_epoch(lease: Lease | None, run_id: str) -> int:
    if lease is None:
        return 1
    return lease.epoch if lease.holder == run_id else lease.epoch + 1
