"""What each consumer does, in each of its lives: receive, record, acknowledge; look after batches; cut the next one."""

import random
from typing import Final

from benchmarks.ledger_chaos.history import ALLOWED, BUCKET, Message
from benchmarks.ledger_chaos.world import World
from ingestion.s3_events.model import ObjectEvent
from ingestion.s3_events.reading import read
from orchestrator.engine.edge import Edge
from orchestrator.ledger.counting import State
from orchestrator.ledger.cutting import Policy
from orchestrator.ledger.documents import Outcome
from orchestrator.ledger.ledger import Ledger
from orchestrator.ledger.missing import Listing

PIPELINE: Final = "readings"
POLICY: Final = Policy(max_batch_gib=64, max_objects=1000, max_wait_minutes=10, max_attempts=2)
DAY_S: Final = 86_400.0
# Long after the last message, its runs and all pauses: what is not done by then never will be.
GIVE_UP_S = 12 * 3600.0
REASON: Final = "a row that no schema allows"
_ROUND_S: Final = 60.0
_MOST_MESSAGES: Final = 500
_SHARE_COMPACTING: Final = 0.02
_SHARE_RETURNED: Final = 0.05
_LASTS_S: Final = (1.0, 90.0)


def consume(edge: Edge, world: World, draws: random.Random) -> None:
    """Go on until there is nothing left to do for anybody, or for too long."""
    ledger = Ledger(edge.store, PIPELINE, edge.clock, edge.nonce)  # type: ignore[arg-type] # S3Store can delete, Store need not
    until = edge.clock.now() + DAY_S
    ends_at = world.begins_at + GIVE_UP_S
    while not world.is_drained and edge.clock.now() < ends_at:
        _receive(edge, ledger, world, until)
        _look_after(edge, ledger, world, draws, until)
        if draws.random() < _SHARE_COMPACTING:
            ledger.compact(until)
        began = world.step()
        batch = ledger.cut(POLICY, until)
        if batch is not None:
            world.check_cut(batch, began)
            continue
        if _is_over(edge, ledger, world, until):
            world.is_drained = True
        edge.clock.sleep(_ROUND_S)


def _receive(edge: Edge, ledger: Ledger, world: World, until: float) -> None:
    received = world.queue.receive(_MOST_MESSAGES, edge.clock.now())
    if not received:
        return
    events: list[ObjectEvent] = []
    refused: list[Message] = []
    for _, message in received:
        found = read(message.body, ALLOWED)
        events += found.events
        refused += [message] * bool(found.refusals)
    ledger.record(events, until)
    world.note_recorded(events)
    world.queue.dead += refused
    world.queue.delete([number for number, _ in received])


def _look_after(edge: Edge, ledger: Ledger, world: World, draws: random.Random, until: float) -> None:
    for batch in ledger.open_batches(until):
        outcome = Outcome.RETURNED if draws.random() < _SHARE_RETURNED else Outcome.DONE
        run = world.begin(batch, draws.uniform(*_LASTS_S), edge.clock.now(), outcome)
        if run.ends_at <= edge.clock.now():
            reason = None if run.outcome is Outcome.DONE else REASON
            ledger.close(batch.number, run.outcome, until, reason, f"r{batch.number}")


def _is_over(edge: Edge, ledger: Ledger, world: World, until: float) -> bool:
    """Tell whether all is done; what no message tells of is found by a listing before."""
    if not world.queue.is_empty or _is_busy(ledger, until):
        return False
    listing = Listing(BUCKET, edge.clock.now(), world.history.listing())
    gaps = ledger.missing(listing, until)
    ledger.record([gap.event for gap in gaps], until)
    found = {gap.event.key for gap in gaps}
    if found - world.history.silent:
        world.broken.append(f"a listing finds what was told: {sorted(found - world.history.silent)[:3]}")
    # Another one may have recorded what is missing between the two looks.
    return not gaps and not _is_busy(ledger, until)


def _is_busy(ledger: Ledger, until: float) -> bool:
    counts = ledger.status(until).counts
    return any(counts[state].objects for state in (State.PENDING, State.RUNNING, State.FAILED))
