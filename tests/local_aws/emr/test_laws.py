"""No sequence of calls and faults reaches a state that AWS does not document, or loses or doubles anything."""

from hypothesis import given, settings

from benchmarks.emr_chaos.chaos import Call, Chaos
from benchmarks.emr_chaos.search import seeds, sequences


# Tens of thousands, by seeds: `scripts/bench reliability emr`.
@settings(max_examples=1000)
@given(seeds, sequences)
def test_no_sequence_of_calls_and_faults_breaks_a_law(seed: str, sequence: list[Call]) -> None:
    Chaos(seed).play(sequence)
