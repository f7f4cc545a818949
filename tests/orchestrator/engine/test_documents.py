"""Documents: they are read as they were written, and changed only where nobody else has."""

import msgspec
import pytest

from benchmarks.orchestrator_chaos.simulation import Simulation
from orchestrator.engine.documents import change, decode, encode, load, save
from orchestrator.engine.edge import Edge
from orchestrator.errors import FailedError


class Count(msgspec.Struct, frozen=True):
    number: int
    nonce: str = ""


def test_documents_are_written_read_and_replaced() -> None:
    simulation = Simulation()

    def user(edge: Edge) -> list[object]:
        until = edge.clock.now() + 60
        nothing = load(edge, "k", Count, until)
        first = save(edge, "k", Count(1), None, until)
        late = save(edge, "k", Count(9), None, until)
        second = save(edge, "k", Count(2), first, until)
        stale = save(edge, "k", Count(8), first, until)
        return [nothing, late, stale, second is not None, load(edge, "k", Count, until) == (Count(2), second)]

    actor = simulation.actor("user", user)
    simulation.play([actor])
    assert actor.result == [None, None, None, True, True]


def test_a_change_is_made_on_what_stands_there_however_many_come_between() -> None:
    simulation = Simulation()
    simulation.s3.objects["_state/k"] = encode(Count(0))

    def user(edge: Edge) -> None:
        for _ in range(5):
            change(edge, "k", Count, lambda each: Count(each.number + 1, edge.nonce()), edge.clock.now() + 60)

    actors = [simulation.actor(f"user {number}", user) for number in range(3)]
    simulation.play(actors)
    assert [actor.error for actor in actors] == [None] * 3
    assert decode("k", simulation.s3.objects["_state/k"], Count).number == 15


@pytest.mark.parametrize("body", [b"", b"[]", b'{"number": "1"}', b"\xff"])
def test_what_no_orchestrator_has_written_is_told_with_its_place(body: bytes) -> None:
    with pytest.raises(FailedError, match="_state/k: expected a document of this orchestrator, got "):
        decode("k", body, Count)


def test_what_is_not_there_cannot_be_changed() -> None:
    simulation = Simulation()
    actor = simulation.actor("user", lambda edge: change(edge, "k", Count, lambda each: each, 1e12))
    simulation.play([actor])
    assert str(actor.error) == "_state/k: expected a document, found none"
