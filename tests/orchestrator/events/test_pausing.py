"""Pauses after batches that were given back."""

import itertools
import random

from benchmarks.orchestrator_chaos.memory_s3 import MemoryS3
from orchestrator.aws.store import S3Store
from orchestrator.engine.documents import encode
from orchestrator.events.pausing import FIRST_S, LONGEST_S, Pause, Pauses
from tests.orchestrator.events.pretended import BEGINNING, Clock

UNTIL = BEGINNING + 10**6


def test_each_is_twice_as_long_as_the_one_before_until_all_is_well() -> None:
    clock, numbers = Clock(), itertools.count()
    store = S3Store(MemoryS3(), "state", clock, draws=random.Random(1))  # noqa: S311 - repeatable, no secret

    def pauses() -> Pauses:
        return Pauses(store, "p", clock, lambda: str(next(numbers)))

    assert pauses().over_at(UNTIL) == 0.0
    lengths = []
    for _ in range(7):
        pauses().lengthen(UNTIL)
        lengths.append(pauses().over_at(UNTIL) - clock.now())
    assert lengths == [FIRST_S * 2**at for at in range(5)] + [LONGEST_S, LONGEST_S]
    pauses().end(UNTIL)
    assert pauses().over_at(UNTIL) == 0.0
    pauses().lengthen(UNTIL)
    assert pauses().over_at(UNTIL) == clock.now() + FIRST_S


def test_after_weeks_of_pauses_they_are_no_longer_than_before() -> None:
    clock = Clock()
    store = S3Store(MemoryS3(), "state", clock, draws=random.Random(1))  # noqa: S311 - repeatable, no secret
    store.create("events/p/pause.json", encode(Pause(2_000, 0.0, "n")), UNTIL)
    pauses = Pauses(store, "p", clock, lambda: "m")
    pauses.lengthen(UNTIL)
    assert pauses.over_at(UNTIL) == clock.now() + LONGEST_S
