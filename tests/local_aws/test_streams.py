"""Streams that many use at once, and that hold many records."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from moto.kinesis.models import Shard

from local_aws import streams
from local_aws.clients import client as made_for
from local_aws.server import Settings
from tests.local_aws.embedded import FAST, Embedded, embedded


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[Embedded]:
    with embedded(tmp_path, Settings(durations=FAST)) as made:
        yield made


def test_a_stream_is_read_and_written_at_once_by_many(aws: Embedded) -> None:
    kinesis = made_for(aws.aws.url, "kinesis")
    kinesis.create_stream(StreamName="busy", ShardCount=1)
    found = {"StreamName": "busy", "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
    first = kinesis.get_shard_iterator(**found)["ShardIterator"]

    def write(number: int) -> int:
        records = [{"Data": b"x", "PartitionKey": str(number)} for _ in range(100)]
        return int(kinesis.put_records(StreamName="busy", Records=records)["FailedRecordCount"])

    def read(_number: int) -> int:
        return len(kinesis.get_records(ShardIterator=first, Limit=10_000)["Records"])

    with ThreadPoolExecutor(4) as pool:
        failed, counts = pool.map(write, range(12)), pool.map(read, range(12))
        assert sum(failed) == 0
        assert all(count % 100 == 0 for count in counts)
    assert read(0) == 1_200
    kinesis.close()


def test_a_shard_knows_its_last_record_without_a_look_at_the_others() -> None:
    streams.complete()
    shard = Shard(0, 0, 1)
    assert shard.get_max_sequence_number() == 0
    assert [shard.put_record("k", "x", "") for _ in range(3)] == ["1", "2", "3"]
    # Whoever lists the others lists these too.
    shard.records.keys = lambda: pytest.fail("all records are listed")  # type: ignore[method-assign] # so that it is seen
    assert shard.put_record("k", "x", "") == "4"
    assert shard.get_max_sequence_number() == 4
