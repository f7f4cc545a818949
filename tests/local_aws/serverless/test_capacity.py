"""Sizes of workers."""

import pytest

from benchmarks.serverless_chaos.requests import worker
from local_aws.serverless.capacity import (
    DEFAULT_SIZE,
    Resources,
    Workers,
    initial,
    is_size,
    maximum,
    memory_of,
    quantity,
    size_of,
    total,
)


@pytest.mark.parametrize(
    ("text", "number"), [("4", 4), ("4 vCPU", 4), ("4vcpu", 4), ("16 GB", 16), ("200gb", 200)]
)
def test_sizes_are_read_as_the_api_has_them(text: str, number: int) -> None:
    assert quantity(text) == number


@pytest.mark.parametrize(
    ("cpu", "least", "memory"),
    [
        (1, 1, 2),
        (1, 8, 8),
        (1, 9, None),
        (2, 5, 5),
        (4, 16, 16),
        (4, 30, 30),
        (4, 31, None),
        (8, 17, 20),
        (8, 57, 60),
        (16, 113, 120),
        (16, 121, None),
        (32, 61, 120),
        (32, 244, 244),
        (32, 245, None),
        (3, 4, None),
    ],
)
def test_memory_comes_in_the_steps_of_awss_table(cpu: int, least: int, memory: int | None) -> None:
    assert memory_of(cpu, least) == memory


@pytest.mark.parametrize(
    ("size", "is_shuffle", "expected"),
    [
        (Resources(4, 16, 20), False, True),
        (Resources(4, 16, 200), False, True),
        (Resources(4, 16, 201), False, False),
        (Resources(4, 16, 2000), True, True),
        (Resources(4, 16, 19), False, False),
        (Resources(4, 31, 20), False, False),
        (Resources(8, 18, 20), False, False),
    ],
)
def test_a_worker_has_one_of_the_sizes(size: Resources, is_shuffle: bool, expected: bool) -> None:
    assert is_size(size, is_shuffle=is_shuffle) is expected


def test_requests_are_read() -> None:
    request = {
        "initialCapacity": {"Driver": worker(2, 8, 3), "EXECUTOR": {"workerCount": 1}},
        "maximumCapacity": {"cpu": "10 vCPU", "memory": "40 GB"},
    }
    assert initial(request) == {
        "DRIVER": Workers(3, Resources(2, 8, 20)),
        "EXECUTOR": Workers(1, DEFAULT_SIZE),
    }
    assert maximum(request) == Resources(10, 40, 0)
    assert maximum({}) is None
    assert size_of({"cpu": "1", "memory": "2", "disk": "30 GB"}) == Resources(1, 2, 30)


def test_resources_are_added_compared_and_multiplied() -> None:
    one = Resources(1, 2, 20)
    assert total([one, one.times(2)]) == Workers(3, one).all == Resources(3, 6, 60)
    assert one.fits_into(Resources(1, 2, 20))
    assert not one.fits_into(Resources(4, 16, 10))
    assert Resources(3, 6, 60).over(Resources(2, 6, 50)) == ["cpu", "disk"]
    assert Resources(3, 6, 60).over(Resources(3, 5, 0)) == ["memory"], "no limit of disk limits none"
