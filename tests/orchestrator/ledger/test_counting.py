"""How a ledger stands, in numbers."""

from ingestion.s3_events.model import ObjectEvent
from orchestrator.ledger.counting import Count, Dead, State, state_of, status, unfinished
from orchestrator.ledger.documents import Act, Batch, Closing, Deed, Item, Outcome, Segment
from orchestrator.ledger.folding import Picture, fold
from orchestrator.ledger.standing import Standing
from tests.orchestrator.ledger.entries import NOW, deleted, event

OBJECTS = {name: event(name, size=number) for number, name in enumerate("abcdefg", start=1)}


def closed(number: int, outcome: Outcome, *events: ObjectEvent) -> tuple[Batch, tuple[int, Closing]]:
    items = tuple(Item(each, NOW, 2) for each in events)
    return Batch(number, NOW, "b", items), (number, Closing(outcome, NOW + 5, "c", "why"))


def test_every_key_is_counted_once_in_its_state() -> None:
    a, b, c, d, e, f, g = OBJECTS.values()
    ends = [
        closed(1, Outcome.DONE, a),
        closed(2, Outcome.FAILED, b),
        closed(3, Outcome.RETURNED, c),
        closed(4, Outcome.DONE, d),
    ]
    picture = Picture(refused=9)
    acts = (Act(Deed.FORGET, e),)
    fold(picture, [Segment(NOW, "s", (*OBJECTS.values(), deleted("2", key="f")), acts)])
    fold(picture, batches=[batch for batch, _ in ends], closings=[closing for _, closing in ends[:3]])
    found = status(picture)
    assert found.counts == {
        State.PENDING: Count(1, g.size),
        State.RUNNING: Count(1, d.size),
        State.DONE: Count(1, a.size),
        State.FAILED: Count(1, c.size),
        State.DEAD: Count(1, b.size),
        State.FORGOTTEN: Count(1, e.size),
        State.GONE: Count(1, 0),
    }
    assert f.size == 6
    assert found.dead == (Dead(b, 2, 3, "why"),)
    assert ([batch.number for batch in found.open_batches], found.next_batch) == ([4], 5)
    assert (found.oldest_since, found.too_old) == (NOW, 9)
    assert set(unfinished(picture)) == {g, d, c}
    assert unfinished(picture, [a, b, c, e, event("d", "3", etag="other"), g]) == (c, g)


def test_a_key_of_which_only_a_deletion_of_a_version_is_known_has_no_state() -> None:
    assert state_of(Standing(erased=("v",))) is None
