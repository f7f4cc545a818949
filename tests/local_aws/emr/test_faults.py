"""Faults of calls, by rate."""

import pytest

from local_aws.api.errors import AwsError
from local_aws.emr.faults import CallFault, CallFaults, LostAnswerError


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [("throttled", "ThrottlingException", 400), ("server_error", "InternalFailure", 500)],
)
def test_a_call_fails_before_anything_is_done(kind: str, code: str, status: int) -> None:
    faults = CallFaults("a")
    faults.before("RunJobFlow")
    faults.script = [CallFault(kind, 1, "RunJobFlow")]
    faults.before("ListClusters")
    with pytest.raises(AwsError) as raised:
        faults.before("RunJobFlow")
    assert (raised.value.code, raised.value.status) == (code, status)


def test_an_answer_is_lost_afterwards() -> None:
    faults = CallFaults("a")
    faults.script = [CallFault("lost_answer", 1)]
    faults.before("RunJobFlow")
    with pytest.raises(LostAnswerError):
        faults.after("RunJobFlow")


def test_of_several_rates_the_greatest_counts_and_none_strikes_at_zero() -> None:
    faults = CallFaults("a")
    faults.script = [CallFault("lost_answer", 0), CallFault("lost_answer", 1, "ListSteps")]
    faults.after("ListClusters")
    with pytest.raises(LostAnswerError):
        faults.after("ListSteps")
