"""Seeds: no law is broken by the ledger as it is, and some are when a guard of it is taken away."""

from collections.abc import Callable

import pytest

from benchmarks.ledger_chaos import consumer
from benchmarks.ledger_chaos.search import FAULTS, Tally, play
from benchmarks.orchestrator_chaos.calls import Fault, Place
from ingestion.s3_events.model import ObjectEvent
from orchestrator.aws.store import S3Store
from orchestrator.engine.documents import encode
from orchestrator.ledger import compaction, folding, standing, versions
from orchestrator.ledger.compaction import Turn
from orchestrator.ledger.documents import Batch, Closing
from orchestrator.ledger.looking import View, look
from orchestrator.ledger.names import Names

FEW = 300
HOURS_6 = 6 * 3600.0


def test_no_law_is_broken_by_four_consumers_whatever_befalls_them() -> None:
    tally = Tally()
    for seed in range(3):
        play(str(seed), 600, tally)
    assert tally.broken == []
    assert (tally.seeds, len(tally.struck) > 8, tally.events >= 1800) == (3, True, True)
    *_, last = tally.lines()
    assert last.startswith(
        f"3 seeds, {tally.events} events of {tally.versions} versions, {tally.batches} batches, "
    )
    assert last.endswith(": 0 broke a law")


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("operation", ["put_object", "list_objects_v2", "delete_object"])
def test_each_of_the_first_calls_may_be_struck(operation: str, fault: Fault) -> None:
    tally = Tally()
    script: dict[Place, Fault] = {("consumer 0", f"{operation}#{number}"): fault for number in (0, 1, 3, 6)}
    play(f"{operation} {fault}", 40, tally, script, consumers=2)
    assert tally.broken == []


def test_the_same_seed_is_the_same_play() -> None:
    one, other = Tally(), Tally()
    play("7", FEW, one)
    play("7", FEW, other)
    assert one == other


def _left_padded(event: ObjectEvent) -> tuple[str, float, str, str, str]:
    return ((event.sequencer or "").rjust(64, "0"), event.event_time, "", "", "")


def _first_come(one: ObjectEvent | None, other: ObjectEvent) -> ObjectEvent:
    return one or other


def _all_again(batch: Batch, index: int, closing: Closing) -> standing.Take:
    item = batch.items[index]
    return standing.Take(item.event, batch.number, standing.Taken.AGAIN, 0, closing.closed_at, part=0)


def _unconditional(store: S3Store, key: str, body: bytes, until: float) -> str | None:
    found = store.get(key, until)
    return store._put(key, body, {"IfMatch": found.version} if found else {}, until)


def _without_seal(store: S3Store, names: Names, view: View, turn: Turn, until: float) -> View:
    shards = tuple(compaction._put_shards(store, names, view.picture, view.generation + 1, turn.nonce, until))
    snapshot = compaction._snapshot(view.picture, view.generation + 1, turn, shards)
    store.create(names.snapshot(view.generation + 1), encode(snapshot), until)
    return look(store, names, None, until)


GUARDS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "sequencers are padded on the right": lambda patch: patch.setattr(versions, "order", _left_padded),
    "the newest wins": lambda patch: patch.setattr(standing, "newer", _first_come),
    "what was taken is not pending": lambda patch: patch.setattr(standing, "is_same", lambda *_: False),
    "what is done is done": lambda patch: patch.setattr(folding, "end_of", _all_again),
    "a batch is created on a condition": lambda patch: patch.setattr(S3Store, "create", _unconditional),
    "a generation is sealed before it is read": lambda patch: patch.setattr(
        compaction, "compact", _without_seal
    ),
}


def _guarded() -> Tally:
    """Play until something breaks; who has all guards is done long before these six hours."""
    tally = Tally()
    for seed in range(4):
        play(f"guard {seed}", FEW, tally)
        if tally.broken:
            break
    return tally


def test_no_law_breaks_while_all_guards_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "GIVE_UP_S", HOURS_6)
    assert _guarded().broken == []


@pytest.mark.parametrize("guard", GUARDS.values(), ids=GUARDS.keys())
def test_a_law_breaks_when_a_guard_is_taken_away(
    guard: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    guard(monkeypatch)
    monkeypatch.setattr(consumer, "GIVE_UP_S", HOURS_6)
    assert _guarded().broken
