"""No sequence of calls and faults reaches a state that AWS does not document, or loses or doubles anything."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.local_aws.emr.chaos import Chaos, assert_lawful, assert_settled, calls
from tests.local_aws.emr.launching import step


@settings(max_examples=1000)
@given(st.text("ab", max_size=3), st.lists(calls, max_size=40))
def test_no_sequence_of_calls_and_faults_breaks_a_law(seed: str, sequence: list[Any]) -> None:
    chaos = Chaos(seed)
    chaos.do("launch", [step("long")], True, "SWITCH_TO_ON_DEMAND")
    chaos.do("advance", 3600)
    for what, *given_ in sequence:
        chaos.do(what, *given_)
        assert_lawful(chaos)
    chaos.emr.advance(60 * 86400)
    assert_lawful(chaos)
    assert_settled(chaos)
