"""Ranges with their ends."""

import pytest

from local_aws.emr.rules.ranges import is_outside


@pytest.mark.parametrize(
    ("value", "expected"), [(None, False), (4, True), (5, False), (9, False), (9.5, True), (0, True)]
)
def test_a_value_that_is_given_lies_within_or_outside(value: float | None, expected: bool) -> None:
    assert is_outside(value, 5, 9) == expected
