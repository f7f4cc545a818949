"""No sequence of calls and faults reaches a state that AWS does not document, or runs anything twice."""

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.serverless_chaos.chaos import Call, Chaos, calls

_MOST = 40
# Of every length as often: lists alone are mostly short, and then nothing has time to go wrong.
_SEQUENCES = st.integers(0, _MOST).flatmap(lambda size: st.lists(calls, min_size=size, max_size=size))


# Tens of thousands, by seeds: `scripts/bench reliability serverless`.
@settings(max_examples=500)
@given(st.text("ab", max_size=3), _SEQUENCES)
def test_no_sequence_of_calls_and_faults_breaks_a_law(seed: str, sequence: list[Call]) -> None:
    Chaos(seed).play(sequence)
