"""Heaps that fit."""

import pytest

from local_aws.hadoop.fitting import fitted
from local_aws.running.spark_command import CannotRunError


@pytest.mark.parametrize(
    ("asked", "given"), [("1g", "1g"), ("640m", "640m"), ("8g", "2688m"), ("lots", "lots")]
)
def test_a_heap_is_as_asked_for_or_the_greatest_that_fits(asked: str, given: str) -> None:
    assert fitted(asked, 3072) == given


def test_nodes_that_are_too_small_for_spark_are_refused() -> None:
    with pytest.raises(CannotRunError, match="at least 896 MiB for containers, got 800"):
        fitted("1g", 800)
