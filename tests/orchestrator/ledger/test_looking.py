"""Reading the ledger: new things only, and from the newest snapshot on."""

from collections.abc import Callable

from benchmarks.orchestrator_chaos.memory_s3 import MemoryS3
from orchestrator.aws.store import Stored
from orchestrator.ledger.cutting import Policy
from orchestrator.ledger.documents import Outcome
from orchestrator.ledger.looking import look, newest_generation
from orchestrator.ledger.names import Names
from tests.orchestrator.ledger.entries import UNTIL, Place, event

NAMES = Names("p")
DUE = Policy(max_wait_minutes=0)


class Counting:
    """A store that counts what is read of it, and does something before a read."""

    def __init__(self, place: Place) -> None:
        self._store = place.store
        self.read: list[str] = []
        self.before: Callable[[str], None] = lambda _key: None

    def get(self, key: str, until: float) -> Stored | None:
        self.before(key)
        self.read.append(key.removeprefix("ledger/p/"))
        return self._store.get(key, until)

    def keys(self, prefix: str, until: float) -> list[str]:
        return self._store.keys(prefix, until)

    def create(self, key: str, body: bytes, until: float) -> str | None:
        return self._store.create(key, body, until)

    def replace(self, key: str, body: bytes, version: str, until: float) -> str | None:
        return self._store.replace(key, body, version, until)


def filled(place: Place) -> None:
    ledger = place.process()
    ledger.record([event("a"), event("b")], UNTIL)
    batch = ledger.cut(DUE, UNTIL)
    assert batch is not None
    ledger.close(batch.number, Outcome.DONE, UNTIL)
    ledger.record([event("c")], UNTIL)


def test_a_second_look_reads_what_is_new_alone() -> None:
    place = Place()
    filled(place)
    store = Counting(place)
    view = look(store, NAMES, None, UNTIL)
    assert (len(view.read), view.events, list(view.picture.pending)) == (2, 3, [("raw", "c")])
    store.read.clear()
    again = look(store, NAMES, view, UNTIL)
    assert again is view
    assert store.read == ["batches/00000002.json"]
    place.process().record([event("d")], UNTIL)
    assert len(look(store, NAMES, view, UNTIL).picture.pending) == 2


def test_a_look_begins_with_the_newest_snapshot() -> None:
    place = Place()
    filled(place)
    before = look(place.store, NAMES, None, UNTIL)
    place.process().compact(UNTIL)
    assert newest_generation(place.store, NAMES, UNTIL) == 1
    store = Counting(place)
    view = look(store, NAMES, None, UNTIL)
    assert (view.generation, view.read, view.events) == (1, set(), 0)
    assert view.picture.standings == before.picture.standings
    assert (view.picture.pending, view.picture.next_batch) == (before.picture.pending, 2)
    assert [name.partition("/")[0] for name in store.read] == ["folded", "shards", "batches"]
    (standing,) = [each for place_, each in view.picture.standings.items() if place_[1] == "a"]
    assert standing.take is not None
    assert standing.take.event is standing.latest, "a million keys have one event each, not two"


def test_who_finds_something_swept_begins_anew() -> None:
    place = Place()
    filled(place)
    store = Counting(place)

    def sweep(key: str) -> None:
        if "arrived/" in key:
            store.before = lambda _key: None
            for _ in range(3):
                place.process().record([event("late")], UNTIL)
                place.process().compact(UNTIL)

    store.before = sweep
    view = look(store, NAMES, None, UNTIL)
    assert view.generation == 3
    assert set(view.picture.pending) == {("raw", "c"), ("raw", "late")}
    assert isinstance(place.s3, MemoryS3)
