"""State in memory behaves as on S3: the contract is in tests/orchestrator/aws/test_store.py. Here is its time."""

from benchmarks.orchestrator_chaos.memory_store import MemoryStore
from tests.orchestrator.aws.pretended import BEGINNING, StillClock


def test_a_call_takes_time_but_not_beyond_its_deadline() -> None:
    clock = StillClock()
    store = MemoryStore(clock, latency_s=0.5)
    store.create("a", b"1", BEGINNING + 60)
    assert clock.now() == BEGINNING + 0.5
    store.get("a", BEGINNING + 0.75)
    assert clock.now() == BEGINNING + 0.75


def test_by_default_no_time_passes() -> None:
    clock = StillClock()
    MemoryStore(clock).keys("", BEGINNING + 1)
    assert clock.slept == []
