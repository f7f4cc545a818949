"""What a search has tried, as lines to read."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from benchmarks.emr_chaos.laws import STATES
from benchmarks.emr_chaos.search import Tally

States = Mapping[str, Mapping[str, Collection[str]]]

OUTCOMES = ("done", "refused", "throttled", "server error", "answer lost", "nothing to do")


def lines(tally: Tally, kinds: States = STATES) -> Iterator[str]:
    """Tell how often each call and fault was tried and how that ended, and each transition, those never seen too."""
    yield f"{'call or fault':40}" + "".join(f"{outcome:>14}" for outcome in OUTCOMES)
    for what in sorted({what for what, _ in tally.outcomes}):
        yield f"{what:40}" + "".join(f"{tally.outcomes[what, outcome]:14}" for outcome in OUTCOMES)
    yield ""
    for kind, states in kinds.items():
        pairs = [(before, after) for before in states for after in sorted(states[before])]
        counts = Counter({pair: tally.reached[kind, *pair] for pair in pairs})
        seen = {state for before, after in +counts for state in (before, after)}
        documented = {*states, *(after for _, after in pairs)}
        yield (
            f"{kind}: {len(seen)} of {len(documented)} states, {len(+counts)} of {len(pairs)} transitions; "
            + ", ".join(f"{before} to {after} {counts[before, after]}" for before, after in pairs)
        )
