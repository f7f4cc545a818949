"""A search for a sequence of calls and faults that breaks a law, and the shortest of its kind."""

import json
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st

from benchmarks.emr_chaos.chaos import Call, Chaos, calls

MOST_CALLS: Final = 40
# Hypothesis remembers what it has tried: of so many it forgets them again.
BATCH: Final = 1000
seeds = st.text("ab", max_size=3)


def sequences_of(calls: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """Draw calls of every length as often: lists alone are mostly short, and then nothing has time to go wrong."""
    return st.integers(0, MOST_CALLS).flatmap(lambda size: st.lists(calls, min_size=size, max_size=size))


sequences = sequences_of(calls)


class Reached(Protocol):
    """Laws that count what they have seen."""

    reached: Counter[tuple[str, str, str]]


class Player(Protocol):
    """A world that is called at random."""

    outcomes: Counter[tuple[str, str]]

    @property
    def laws(self) -> Reached:
        """Its laws."""

    def play(self, sequence: Sequence[Call], /) -> None:
        """Do one thing after another."""


@dataclass(frozen=True)
class Game:
    """Who is called at random, made of a seed, and what is done."""

    begin: Callable[[str], Player]
    sequences: st.SearchStrategy[list[Any]]


EMR: Final = Game(Chaos, sequences)


@dataclass(frozen=True)
class Violation:
    """A sequence that broke a law, in the world of a seed."""

    seed: str
    sequence: Sequence[Call]
    problem: str

    def told(self) -> str:
        """Write down what plays it again."""
        return json.dumps([self.seed, self.sequence])


@dataclass
class Tally:
    """What was tried, and where it led."""

    sequences: int = 0
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    reached: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, chaos: Player) -> None:
        """Count a sequence."""
        self.sequences += 1
        self.outcomes += chaos.outcomes
        self.reached += chaos.laws.reached


def play(seed: str, sequence: Sequence[Call], tally: Tally, game: Game = EMR) -> Violation | None:
    """Play a sequence in the world of a seed; whatever is raised breaks a law."""
    chaos = game.begin(seed)
    try:
        chaos.play(sequence)
    except Exception:  # noqa: BLE001 - anything that is raised is what is looked for
        return Violation(seed, sequence, traceback.format_exc())
    finally:
        tally.add(chaos)
    return None


def search(
    count: int, seed: int, tally: Tally, say: Callable[[str], None], game: Game = EMR
) -> Violation | None:
    """Play so many sequences that a seed gives; return the shortest that breaks a law, where one does."""
    for begin in range(0, count, BATCH):
        violation = _search(min(BATCH, count - begin), f"{seed}/{begin}", tally, game)
        if violation:
            return violation
        say(f"{min(begin + BATCH, count)} of {count}")
    return None


class _FoundError(Exception):
    """Makes hypothesis look for a shorter one."""


def _search(count: int, seed: str, tally: Tally, game: Game) -> Violation | None:
    last: list[Violation] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(seeds, game.sequences)
    def _look(world: str, sequence: list[Any]) -> None:
        violation = play(world, sequence, tally, game)
        if violation:
            last[:] = [violation]
            raise _FoundError

    try:
        _look()
    except _FoundError:
        return last[0]  # hypothesis ends with the shortest
    return None
