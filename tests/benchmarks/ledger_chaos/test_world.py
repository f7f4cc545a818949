"""The queue delivers until it is told not to; runs are begun once."""

from benchmarks.ledger_chaos.history import History, Message
from benchmarks.ledger_chaos.world import VISIBILITY_S, Queue, World
from orchestrator.ledger.documents import Batch, Item, Outcome
from tests.orchestrator.ledger.entries import NOW, event


def test_a_message_comes_when_it_is_due_and_again_until_it_is_deleted() -> None:
    queue = Queue([Message("a", 10), Message("b", 20)])
    assert [message.body for _, message in queue.receive(9, 10)] == ["a"]
    assert queue.receive(9, 11) == []
    assert [message.body for _, message in queue.receive(1, 10 + VISIBILITY_S)] == ["a"]
    queue.delete([0])
    assert [message.body for _, message in queue.receive(9, 9999)] == ["b"]
    queue.delete([1])
    assert queue.is_empty


def batch_of(number: int, key: str) -> Batch:
    return Batch(number, NOW, "n", (Item(event(key), NOW),))


def test_a_run_is_begun_once_and_fails_where_an_object_is_poison() -> None:
    world = World(History(poison={("bad", "e1")}), Queue([]))
    first = world.begin(batch_of(1, "a"), 5, NOW, Outcome.DONE)
    assert (first.ends_at, first.outcome) == (NOW + 5, Outcome.DONE)
    assert world.begin(batch_of(1, "a"), 9, NOW + 1, Outcome.RETURNED) is first
    assert world.begin(batch_of(2, "bad"), 5, NOW, Outcome.DONE).outcome is Outcome.FAILED


def test_a_batch_with_less_than_what_was_known_before_it_breaks_a_law() -> None:
    world = World(History(), Queue([]))
    world.note_recorded([event("a", "2")])
    began = world.step()
    world.note_recorded([event("b", "2")])
    for key in "abc":
        world.check_cut(batch_of(1, key), began)
    assert world.broken == ["batch 1: a at 1, 2 was known"]
