"""A Kinesis stream as a source."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aws_kinesis_agg.aggregator import RecordAggregator
from botocore.stub import ANY, Stubber
from hypothesis import given
from hypothesis import strategies as st
from mypy_boto3_kinesis import KinesisClient

from local_aws.clients import client
from local_aws.firehose.kinesis import KinesisSource, apart
from tests.local_aws.firehose.pretended import NOON

ARRIVED = datetime.fromtimestamp(NOON / 1000, UTC)
ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/devices"


@pytest.fixture
def stubbed() -> Iterator[tuple[KinesisSource, Stubber]]:
    kinesis: KinesisClient = client("http://127.0.0.1:1", "kinesis")
    with Stubber(kinesis) as stubber:
        yield KinesisSource(kinesis, ARN, NOON), stubber
        stubber.assert_no_pending_responses()
    kinesis.close()


def shards(stubber: Stubber, *names: str) -> None:
    told = [
        {
            "ShardId": name,
            "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": "1"},
            "SequenceNumberRange": {"StartingSequenceNumber": "0"},
        }
        for name in names
    ]
    stubber.add_response("list_shards", {"Shards": told}, {"StreamName": "devices"})


def iterator(stubber: Stubber, shard: str, **asked: Any) -> None:
    expected = {"StreamName": "devices", "ShardId": shard, **asked}
    stubber.add_response("get_shard_iterator", {"ShardIterator": f"of {shard}"}, expected)


def answer(stubber: Stubber, iterator_: str, *records: tuple[str, bytes], then: str | None) -> None:
    told: dict[str, Any] = {
        "Records": [
            {
                "SequenceNumber": sequence,
                "Data": data,
                "PartitionKey": "key",
                "ApproximateArrivalTimestamp": ARRIVED,
            }
            for sequence, data in records
        ]
    }
    if then:
        told["NextShardIterator"] = then
    stubber.add_response("get_records", told, {"ShardIterator": iterator_, "Limit": ANY})


def test_shards_are_read_from_the_beginning_or_after_what_is_delivered(
    stubbed: tuple[KinesisSource, Stubber],
) -> None:
    source, stubber = stubbed
    shards(stubber, "s-1", "s-2")
    iterator(stubber, "s-1", ShardIteratorType="AT_TIMESTAMP", Timestamp=ARRIVED)
    answer(stubber, "of s-1", ("1", b"a"), then="more of s-1")
    iterator(stubber, "s-2", ShardIteratorType="AFTER_SEQUENCE_NUMBER", StartingSequenceNumber="7")
    answer(stubber, "of s-2", then=None)
    [record] = source.read({"s-2": "7"})
    assert (record.data, record.arrived_at, record.shard, record.sequence) == (b"a", NOON, "s-1", "1")
    assert record.partition_key == "key"
    # s-2 was closed, and is read to its end.
    shards(stubber, "s-1", "s-2")
    answer(stubber, "more of s-1", ("2", b"b"), then="x")
    assert [each.data for each in source.read({"s-2": "7"})] == [b"b"]


def test_an_iterator_that_has_expired_is_made_anew_after_what_was_read(
    stubbed: tuple[KinesisSource, Stubber],
) -> None:
    source, stubber = stubbed
    shards(stubber, "s")
    iterator(stubber, "s", ShardIteratorType="AT_TIMESTAMP", Timestamp=ARRIVED)
    answer(stubber, "of s", ("1", b"a"), then="old")
    source.read({})
    shards(stubber, "s")
    stubber.add_client_error("get_records", "ExpiredIteratorException")
    assert source.read({}) == []
    shards(stubber, "s")
    iterator(stubber, "s", ShardIteratorType="AFTER_SEQUENCE_NUMBER", StartingSequenceNumber="1")
    answer(stubber, "of s", ("2", b"b"), then="new")
    assert [each.data for each in source.read({})] == [b"b"]


@pytest.mark.parametrize(
    ("code", "is_told"), [("ProvisionedThroughputExceededException", False), ("AccessDeniedException", True)]
)
def test_what_was_read_before_a_fault_is_given_and_the_rest_comes_later(
    stubbed: tuple[KinesisSource, Stubber], caplog: pytest.LogCaptureFixture, code: str, is_told: bool
) -> None:
    source, stubber = stubbed
    shards(stubber, "s-1", "s-2")
    iterator(stubber, "s-1", ShardIteratorType="AT_TIMESTAMP", Timestamp=ARRIVED)
    answer(stubber, "of s-1", ("1", b"a"), then="more")
    iterator(stubber, "s-2", ShardIteratorType="AT_TIMESTAMP", Timestamp=ARRIVED)
    stubber.add_client_error("get_records", code)
    assert [each.data for each in source.read({})] == [b"a"]
    assert ("cannot be read" in caplog.text) == is_told
    shards(stubber, "s-1", "s-2")
    answer(stubber, "more", then="more")
    answer(stubber, "of s-2", ("5", b"b"), then="more")
    assert [each.data for each in source.read({})] == [b"b"]


def aggregate(*texts: str) -> bytes:
    aggregator = RecordAggregator()
    for number, text in enumerate(texts):
        aggregator.add_user_record(f"key {number}", text)
    made: bytes = aggregator.clear_and_get().get_contents()[2]
    return made


def test_an_aggregate_is_taken_apart(stubbed: tuple[KinesisSource, Stubber]) -> None:
    source, stubber = stubbed
    shards(stubber, "s")
    iterator(stubber, "s", ShardIteratorType="AT_TIMESTAMP", Timestamp=ARRIVED)
    answer(stubber, "of s", ("1", aggregate("a", "b")), ("2", b"c"), then="x")
    found = [(each.data, each.sequence, each.sub, each.partition_key) for each in source.read({})]
    assert found == [(b"a", "1", 0, "key 0"), (b"b", "1", 1, "key 1"), (b"c", "2", 0, "key")]


@given(st.integers(0, 200), st.integers(1, 255))
def test_an_aggregate_that_is_broken_anywhere_stays_whole(at: int, change: int) -> None:
    whole = bytearray(aggregate("a message", "another one"))
    whole[at % len(whole)] ^= change
    assert apart(bytes(whole)) == []


@given(st.binary(max_size=100))
def test_what_is_no_aggregate_is_none(data: bytes) -> None:
    assert apart(data) == []
    assert apart(aggregate("a")[:4] + data) == []
