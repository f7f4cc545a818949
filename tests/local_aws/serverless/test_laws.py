"""No sequence of calls and faults reaches a state that AWS does not document, or runs anything twice."""

from hypothesis import given, settings

from benchmarks.emr_chaos.search import seeds, sequences_of
from benchmarks.serverless_chaos.chaos import Call, Chaos, calls


# Tens of thousands, by seeds: `scripts/bench reliability serverless`.
@settings(max_examples=500)
@given(seeds, sequences_of(calls))
def test_no_sequence_of_calls_and_faults_breaks_a_law(seed: str, sequence: list[Call]) -> None:
    Chaos(seed).play(sequence)
