"""Snapshots: the same picture of fewer objects, whoever writes meanwhile, and however slowly."""

import pytest

from orchestrator.aws.store import Stored
from orchestrator.ledger import compaction
from orchestrator.ledger.compaction import TURN_S, digest_of, is_due
from orchestrator.ledger.cutting import Policy
from orchestrator.ledger.documents import Outcome
from orchestrator.ledger.folding import Picture
from orchestrator.ledger.looking import View, look
from orchestrator.ledger.names import Names
from tests.orchestrator.ledger.entries import NOW, UNTIL, Place, event

NAMES = Names("p")
DUE = Policy(max_wait_minutes=0)


def test_a_snapshot_is_due_after_many_segments_or_many_events() -> None:
    assert not is_due(View())
    assert is_due(View(read={str(number) for number in range(200)}))
    assert is_due(View(events=20_000))
    many = Picture(dict.fromkeys([("raw", str(number)) for number in range(100_000)], None))  # type: ignore[arg-type] # counted, not read
    assert not is_due(View(picture=many, events=24_999))
    assert is_due(View(picture=many, events=25_000))


def test_snapshots_keep_the_picture_and_old_segments_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "KEYS_A_SHARD", 2)
    place = Place()
    ledger = place.process()
    for number in range(5):
        ledger.record([event(str(number))], UNTIL)
    batch = ledger.cut(DUE, UNTIL)
    assert batch is not None
    before = look(place.store, NAMES, None, UNTIL).picture
    for generation in range(1, 4):
        ledger.compact(UNTIL)
        after = look(place.store, NAMES, None, UNTIL).picture
        assert (after.standings, after.pending, after.open) == (before.standings, before.pending, before.open)
        assert place.process().open_batches(UNTIL) == (batch,)
        assert place.names("folded")[-1] == f"{generation:08}.json"
    assert place.names("arrived") == []
    assert place.names("folded") == ["00000002.json", "00000003.json"]
    assert len(place.names("shards")) == 2 * 3
    assert len(place.names("sealed")) == 3, "a slow writer asks for them"


def test_a_writer_that_was_paused_while_its_generation_was_closed_writes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = Place()
    writer = place.process()
    writer.record([event("first")], UNTIL)
    create = place.store.create

    def paused(key: str, body: bytes, until: float) -> str | None:
        monkeypatch.setattr(place.store, "create", create)
        for name in ("b", "c", "d"):
            place.process().record([event(name)], UNTIL)
            place.process().compact(UNTIL)
        return create(key, body, until)

    monkeypatch.setattr(place.store, "create", paused)
    (name,) = writer.record([event("paused")], UNTIL).segments
    assert "/arrived/00000003/" in name
    assert ("raw", "paused") in look(place.store, NAMES, None, UNTIL).picture.pending


def test_a_segment_that_comes_between_the_seal_and_the_list_is_in_the_snapshot_or_written_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = Place()
    place.process().record([event("a")], UNTIL)
    get = place.store.get

    def asked(key: str, until: float) -> Stored | None:
        if key.endswith("sealed/00000000.json"):
            monkeypatch.setattr(place.store, "get", get)
            place.process().compact(UNTIL)
        return get(key, until)

    monkeypatch.setattr(place.store, "get", asked)
    recorded = place.process().record([event("b")], UNTIL)
    assert "/arrived/00000001/" in recorded.segments[0]
    assert set(look(place.store, NAMES, None, UNTIL).picture.pending) == {("raw", "a"), ("raw", "b")}


def test_one_has_the_turn_and_another_takes_it_when_that_one_is_gone() -> None:
    place = Place()
    place.process().record([event("a")], UNTIL)
    assert place.store.create(NAMES.sealed(0), b'{"sealed_at":%d,"nonce":"x"}' % NOW, UNTIL)
    place.process().compact(UNTIL)
    assert place.names("folded") == []
    place.process().record([event("b")], UNTIL)
    place.clock.instant += TURN_S
    place.process().compact(UNTIL)
    assert place.names("folded") == ["00000001.json"]
    assert set(look(place.store, NAMES, None, UNTIL).picture.pending) == {("raw", "a"), ("raw", "b")}


def test_who_comes_second_with_a_snapshot_reads_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place()
    ledger = place.process()
    ledger.record([event("a")], UNTIL)
    create = place.store.create

    def late(key: str, body: bytes, until: float) -> str | None:
        if key == NAMES.snapshot(1):
            monkeypatch.setattr(place.store, "create", create)
            place.clock.instant += TURN_S
            place.process().compact(UNTIL)
        return create(key, body, until)

    monkeypatch.setattr(place.store, "create", late)
    ledger.compact(UNTIL)
    assert place.names("folded") == ["00000001.json"]
    batch = ledger.cut(DUE, UNTIL)
    assert batch is not None
    ledger.close(batch.number, Outcome.DONE, UNTIL)


def test_digests_are_of_bucket_key_and_etag_which_a_listing_has_too() -> None:
    same = {digest_of(event("a", "1", "e")), digest_of(event("a", None, "e", version="v", at=NOW + 1))}
    assert len(same) == 1
    assert digest_of(event("a", "1", "f")) not in same
    assert digest_of(event("b", "1", "e")) not in same
