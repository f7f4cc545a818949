"""A search finds what breaks a law, and makes it short."""

import json

import pytest

from benchmarks.emr_chaos import search as module
from benchmarks.emr_chaos.chaos import Chaos
from benchmarks.emr_chaos.search import Tally, play, search


def test_a_seed_gives_the_same_sequences_again_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 4)
    said: list[str] = []
    tallies = [Tally() for _ in range(3)]
    for tally, seed in zip(tallies, (1, 1, 2), strict=True):
        assert search(10, seed, tally, said.append) is None
    assert said == ["4 of 10", "8 of 10", "10 of 10"] * 3
    assert tallies[0] == tallies[1] != tallies[2]
    assert tallies[0].sequences == 10


def test_whatever_is_raised_is_found_and_made_as_short_as_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_chaos: Chaos, _number: int) -> None:
        raise ZeroDivisionError("of an operation")

    monkeypatch.setattr(Chaos, "_terminate", fail)
    tally = Tally()
    found = search(300, 1, tally, lambda _: None)
    assert found is not None
    assert "ZeroDivisionError: of an operation" in found.problem
    assert [found.seed, found.sequence] == ["", [("terminate", 0)]]
    assert json.loads(found.told()) == ["", [["terminate", 0]]]
    assert play("", [("advance", 1)], tally) is None
