"""Shards keep what is put into them, also at once, and give it back from where it is asked for."""

import threading

import pytest
from moto.kinesis.models import Shard

from local_aws import kinesis_shards


@pytest.fixture
def shard() -> Shard:
    kinesis_shards.complete()
    return Shard(0, 0, 1)


def put(shard: Shard, count: int) -> None:
    for number in range(count):
        shard.put_record("key", str(number), "")


def data(shard: Shard, after: int, limit: int | None) -> tuple[list[str], int]:
    records, last, behind_ms = shard.get_records(str(after), limit)
    assert behind_ms >= 0
    return [record.data for record in records], last


def test_an_empty_shard_has_nothing(shard: Shard) -> None:
    assert shard.get_records("0", 10) == ([], 0, 0)
    assert (shard.get_min_sequence_number(), shard.get_max_sequence_number()) == (0, 0)


@pytest.mark.parametrize(
    ("after", "limit", "expected", "last"),
    [
        (0, None, ["0", "1", "2", "3"], 4),
        (0, 3, ["0", "1", "2"], 3),
        (3, 3, ["3"], 4),
        (4, 3, [], 4),
    ],
    ids=["all", "as many as asked for", "what is left", "nothing new"],
)
def test_records_are_read_after_a_number(
    shard: Shard, after: int, limit: int | None, expected: list[str], last: int
) -> None:
    put(shard, 4)
    assert data(shard, after, limit) == (expected, last)
    assert (shard.get_min_sequence_number(), shard.get_max_sequence_number()) == (1, 4)


def test_puts_that_meet_lose_nothing(shard: Shard) -> None:
    threads = [threading.Thread(target=put, args=(shard, 500)) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(data(shard, 0, None)[0]) == sorted([str(number) for number in range(500)] * 8)
