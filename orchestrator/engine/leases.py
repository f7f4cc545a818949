"""One writer for each output table: a lease that an orchestrator holds for its run (decision D11).

A lease belongs to a run, not to a process: it is held while the run's steps may write, whether somebody waits for them
or not. It may be taken from a run that is over, or that has neither renewed it nor anything on AWS that could still
write. Its epoch grows each time it changes hands. A bare spark-submit has no lease.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec

from orchestrator.engine.documents import load, save
from orchestrator.engine.edge import Edge
from orchestrator.errors import FailedError, TimedOutError
from orchestrator.identity import digest

_FREE: Final = ""


@dataclass(frozen=True)
class Tenant:
    """Who holds a lease: one life of a run. A run that is opened again, after it has failed, has another life."""

    run_id: str
    life: int


class Lease(msgspec.Struct, frozen=True):
    """Who may write a table; an empty holder is nobody. Instants in seconds of the Unix epoch."""

    table: str
    holder: str
    life: int
    epoch: int
    expires_at: float
    nonce: str


class LostLeaseError(FailedError):
    """Raised when the table's lease is another's by now."""


class FormerLifeError(LostLeaseError):
    """Raised when a run has ended, and a later life of it has the table."""


def key_of(table: str) -> str:
    """Name the lease of a table, however its URI is spelt."""
    scheme, _, rest = table.rstrip("/").partition("://")
    return f"leases/{digest('lease', 's3' if scheme in {'s3a', 's3n'} else scheme, rest)}.json"


def acquire(edge: Edge, table: str, tenant: Tenant, is_active: Callable[[str], bool], until: float) -> int:
    """Take the lease, or renew it; return its epoch.

    Args:
        edge: The world.
        table: The table's URI.
        tenant: Who is to hold it.
        is_active: Tells of another run whether it may still write: by its record, and by what it has on AWS.
        until: How long to wait for it.

    Raises:
        FormerLifeError: A later life of the same run has it.
        TimedOutError: Another run had it all the time.
    """
    while True:
        found = load(edge, key_of(table), Lease, until)
        lease = found[0] if found else None
        if _is_ours_to_take(edge, lease, tenant, is_active):
            if (epoch := _take(edge, table, tenant, found, until)) is not None:
                return epoch
            continue
        assert lease is not None  # noqa: S101 - what is not there is ours to take
        if lease.holder == tenant.run_id:
            raise _lost(table, tenant, lease)
        edge.say(f"{table}: run {lease.holder} writes it; waiting for its end")
        if not edge.pause(until):
            raise TimedOutError(
                f"{table}: run {lease.holder} writes it, and had not ended when the time was over; see it: "
                f"orchestrator status {lease.holder}; end it: orchestrator cancel {lease.holder}"
            )


def hold(edge: Edge, table: str, tenant: Tenant, until: float) -> None:
    """Hold it longer, and know that it was held: nobody can have taken it between.

    Raises:
        LostLeaseError: It is another's.
    """
    while True:
        found = load(edge, key_of(table), Lease, until)
        if found is None or (found[0].holder, found[0].life) != (tenant.run_id, tenant.life):
            raise _lost(table, tenant, found[0] if found else None)
        if _take(edge, table, tenant, found, until) is not None:
            return


def release(edge: Edge, table: str, tenant: Tenant, until: float) -> None:
    """Give it back; nothing happens where it is another's, or that of a later life."""
    while True:
        found = load(edge, key_of(table), Lease, until)
        if found is None or (found[0].holder, found[0].life) != (tenant.run_id, tenant.life):
            return
        free = msgspec.structs.replace(found[0], holder=_FREE, expires_at=0.0, nonce=edge.nonce())
        if save(edge, key_of(table), free, found[1], until) is not None:
            return


def _take(
    edge: Edge, table: str, tenant: Tenant, found: tuple[Lease, str] | None, until: float
) -> int | None:
    """Write the lease over what was found; None where somebody else came between."""
    lease = found[0] if found else None
    epoch = 1 if lease is None else lease.epoch + ((lease.holder, lease.life) != (tenant.run_id, tenant.life))
    expires_at = edge.clock.now() + edge.bounds.lease_s
    new = Lease(table, tenant.run_id, tenant.life, epoch, expires_at, edge.nonce())
    version = save(edge, key_of(table), new, found[1] if found else None, until)
    return None if version is None else epoch


def _lost(table: str, tenant: Tenant, lease: Lease | None) -> LostLeaseError:
    holder = lease.holder if lease else _FREE
    if holder == tenant.run_id:
        return FormerLifeError(
            f"{table}: run {tenant.run_id} had ended, was begun again meanwhile, and this is its former life; to go on "
            "with it, run the same command again"
        )
    now_with = f"run {holder}" if holder else "nobody"
    return LostLeaseError(
        f"{table}: run {tenant.run_id} has lost its lease, which {now_with} holds; nothing more is begun: run the same "
        "command again"
    )


def _is_ours_to_take(
    edge: Edge, lease: Lease | None, tenant: Tenant, is_active: Callable[[str], bool]
) -> bool:
    if lease is None or lease.holder == _FREE:
        return True
    if lease.holder == tenant.run_id:
        # An earlier life is over: the run was opened again.
        return lease.life <= tenant.life
    is_expired = edge.clock.now() >= lease.expires_at + edge.bounds.skew_s
    return is_expired and not is_active(lease.holder)
