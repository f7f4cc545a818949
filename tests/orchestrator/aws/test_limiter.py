"""Calls stay below EMR's published rates, whatever is called when."""

import pytest
from botocore.session import get_session
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.api.errors import AwsError
from local_aws.emr.quotas import ACCOUNT, DEFAULT_RATES, Quotas
from orchestrator.aws.limiter import ALL, BUCKETS, Limiter
from tests.orchestrator.aws.pretended import BEGINNING, StillClock

OPERATIONS = [*sorted(BUCKETS), "ListReleaseLabels"]
PAUSES = [0.0, 0.0, 0.0, 0.0, 0.05, 0.3, 2.0, 40.0]
CALLS = st.lists(st.tuples(st.sampled_from(OPERATIONS), st.sampled_from(PAUSES)), max_size=120)


@settings(max_examples=60)
@given(calls=CALLS, share=st.sampled_from([0.3, 0.8, 0.99]))
def test_no_sequence_of_calls_finds_a_documented_bucket_empty(
    calls: list[tuple[str, float]], share: float
) -> None:
    clock = StillClock()
    limiter, judge = Limiter(clock, share), Quotas(int(BEGINNING * 1000))
    for operation, pause in calls:
        limiter.take(operation)
        judge.take(operation, int(clock.now() * 1000))
        clock.sleep(pause)


def test_calls_of_different_operations_share_one_bucket() -> None:
    clock = StillClock()
    limiter, judge = Limiter(clock, 1.0), Quotas(int(BEGINNING * 1000))
    for operation in OPERATIONS * 3:
        limiter.take(operation)
        judge.take(operation, int(clock.now() * 1000))
    assert clock.now() - BEGINNING == pytest.approx(
        (len(OPERATIONS) * 3 - ALL.burst) / ALL.refill_per_s, rel=0.01
    )


def test_the_judge_does_refuse_what_comes_without_a_limiter() -> None:
    judge = Quotas(0)
    for _ in range(10):
        judge.take("DescribeStep", 0)
    with pytest.raises(AwsError, match="Rate exceeded"):
        judge.take("DescribeStep", 0)


@settings(max_examples=30)
@given(st.sampled_from(sorted(BUCKETS)))
def test_in_the_long_run_calls_come_as_fast_as_our_share_allows(operation: str) -> None:
    clock, share = StillClock(), 0.8
    limiter, bucket = Limiter(clock, share), BUCKETS[operation]
    for _ in range(50):
        limiter.take(operation)
    seconds = (50 - bucket.burst * share) / (bucket.refill_per_s * share)
    assert clock.now() - BEGINNING == pytest.approx(seconds, rel=0.01, abs=0.01)


def test_the_buckets_are_those_that_aws_publishes_of_operations_that_emr_has() -> None:
    names = get_session().get_service_model("emr").operation_names
    ours = {name: (bucket.burst, bucket.refill_per_s) for name, bucket in BUCKETS.items()}
    theirs = {name: (rate.burst, rate.per_second) for name, rate in DEFAULT_RATES.items()}
    assert ours == {name: rate for name, rate in theirs.items() if name in ours}
    assert (ALL.burst, ALL.refill_per_s) == (ACCOUNT.burst, ACCOUNT.per_second)
    assert set(BUCKETS) <= set(names)


def test_an_operation_without_a_quota_goes_as_slow_as_the_slowest() -> None:
    clock = StillClock()
    limiter = Limiter(clock, 1.0)
    for _ in range(6):
        limiter.take("ListReleaseLabels")
    assert clock.slept == [5.0]


def test_a_bucket_that_emr_found_empty_is_empty_here_too_and_the_others_are_not() -> None:
    clock = StillClock()
    limiter = Limiter(clock, 1.0)
    limiter.drain("ListSteps")
    assert limiter.wait_s("ListSteps") == 2.0
    assert limiter.wait_s("DescribeStep") == 0.0


def test_a_clock_that_goes_back_gives_no_tokens_and_takes_none() -> None:
    clock = StillClock()
    limiter = Limiter(clock, 1.0)
    for _ in range(10):
        limiter.take("DescribeStep")
    clock.at -= 3600
    assert limiter.wait_s("DescribeStep") == 2.0
