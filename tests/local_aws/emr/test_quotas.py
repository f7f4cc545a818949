"""Token buckets of operations and of the account."""

from contextlib import suppress

import pytest

from local_aws.api.errors import AwsError
from local_aws.api.shapes import operation
from local_aws.emr.quotas import DEFAULT_RATES, Quotas, Rate


def calls(quotas: Quotas, name: str, now: int, tries: int = 100) -> int:
    """Count the calls that pass at an instant."""
    passed = 0
    for _ in range(tries):
        with suppress(AwsError):
            quotas.take(name, now)
            passed += 1
    return passed


def test_an_empty_bucket_answers_as_aws_does() -> None:
    with pytest.raises(AwsError) as raised:
        Quotas(0, {"ListSteps": Rate(0, 0)}).take("ListSteps", 0)
    fault = raised.value
    assert (fault.code, fault.message, fault.status) == ("ThrottlingException", "Rate exceeded", 400)


def test_a_bucket_empties_and_refills_up_to_its_size() -> None:
    quotas = Quotas(0)
    assert calls(quotas, "DescribeCluster", 0) == 10
    assert calls(quotas, "DescribeCluster", 999) == 0
    assert calls(quotas, "DescribeCluster", 3000) == 3
    assert calls(quotas, "DescribeCluster", 10**7) == 10


def test_operations_have_buckets_of_their_own_and_share_the_accounts() -> None:
    quotas = Quotas(0)
    names = ("ListSteps", "RunJobFlow", "DescribeCluster")
    assert [calls(quotas, name, 0) for name in names] == [10, 10, 5]
    assert calls(quotas, "DescribeCluster", 1000) == 5


def test_a_call_that_is_refused_takes_nothing() -> None:
    quotas = Quotas(0, {"ListSteps": Rate(1, 1)}, Rate(2, 0))
    assert calls(quotas, "ListSteps", 0) == 1
    assert calls(quotas, "ListBootstrapActions", 0) == 1


@pytest.mark.parametrize("name", DEFAULT_RATES)
def test_each_rate_is_that_of_an_operation(name: str) -> None:
    assert operation(name)
