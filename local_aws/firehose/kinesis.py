"""A Kinesis stream as a source: all shards, from the moment the delivery stream was made.

Aggregates that a producer with the Kinesis Producer Library has made are taken apart here, before any transform.
"""

import hashlib
import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from aws_kinesis_agg import DIGEST_SIZE, MAGIC
from aws_kinesis_agg.deaggregator import messages_pb2  # which alone can import it
from botocore.exceptions import BotoCoreError, ClientError
from google.protobuf.message import DecodeError
from mypy_boto3_kinesis import KinesisClient

from local_aws.firehose.records import Record

log = logging.getLogger("local_aws")
_AGAIN: Final = frozenset(
    {"ProvisionedThroughputExceededException", "LimitExceededException", "KMSThrottlingException"}
)


class KinesisSource:
    """Reads a stream from where it was delivered to; what is not there yet comes with a later read."""

    def __init__(self, client: KinesisClient, stream_arn: str, since_ms: int) -> None:
        """Read a stream by a client."""
        self._client, self._since_ms = client, since_ms
        self._name = stream_arn.rpartition("/")[2]
        self._iterators: dict[str, str | None] = {}
        self._last: dict[str, str] = {}

    def read(self, delivered: Mapping[str, str]) -> list[Record]:
        """Return what has come since the last time, shard by shard, at most some megabytes of each."""
        found: list[Record] = []
        try:
            for shard in self._shards():
                found += self._read(shard, delivered)
        except (ClientError, BotoCoreError) as fault:
            # What was read until then is on its way; the rest comes with the next read.
            if not is_passing(fault):
                log.warning("the stream %s cannot be read, and is tried again: %s", self._name, fault)
        return found

    def forget(self, _delivered: Mapping[str, str]) -> None:
        """Do nothing: the stream forgets by itself."""

    def close(self) -> None:
        """Do nothing: the client is somebody else's."""

    def _shards(self) -> list[str]:
        pages = self._client.get_paginator("list_shards").paginate(StreamName=self._name)
        return sorted(shard["ShardId"] for page in pages for shard in page["Shards"])

    def _read(self, shard: str, delivered: Mapping[str, str]) -> list[Record]:
        if shard not in self._iterators:
            self._iterators[shard] = self._iterator(shard, delivered)
        iterator = self._iterators[shard]
        if iterator is None:  # closed by a split or a merge, and read to its end
            return []
        try:
            answer = self._client.get_records(ShardIterator=iterator, Limit=10_000)
        except ClientError as fault:
            if fault.response["Error"]["Code"] != "ExpiredIteratorException":
                raise
            del self._iterators[shard]
            return []
        records = [record for each in answer["Records"] for record in _records(each, shard)]
        if records:
            self._last[shard] = records[-1].sequence
        self._iterators[shard] = answer.get("NextShardIterator")
        return records

    def _iterator(self, shard: str, delivered: Mapping[str, str]) -> str:
        asked: dict[str, Any] = {
            "ShardIteratorType": "AT_TIMESTAMP",
            "Timestamp": datetime.fromtimestamp(self._since_ms / 1000, UTC),
        }
        if position := self._last.get(shard) or delivered.get(shard):
            asked = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": position}
        answer = self._client.get_shard_iterator(StreamName=self._name, ShardId=shard, **asked)
        return answer["ShardIterator"]


def _records(told: Mapping[str, Any], shard: str) -> Iterator[Record]:
    """Make records of one that may be an aggregate."""
    arrived_at = int(told["ApproximateArrivalTimestamp"].timestamp() * 1000)
    parts = apart(told["Data"]) or [(told["Data"], told["PartitionKey"])]
    for number, (data, key) in enumerate(parts):
        yield Record(data, arrived_at, shard, told["SequenceNumber"], number, key)


def apart(data: bytes) -> list[tuple[bytes, str]]:
    """Take an aggregate apart, into the data and partition keys of its records; nothing where it is none, or broken.

    (The library's own function for it loses the rest of an aggregate when one of its records is broken.)
    The format: https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md
    """
    magic, end = len(MAGIC), len(data) - DIGEST_SIZE
    if not data.startswith(MAGIC) or end <= magic:
        return []
    if hashlib.md5(data[magic:end], usedforsecurity=False).digest() != data[end:]:
        return []
    found = messages_pb2.AggregatedRecord()
    try:
        found.ParseFromString(data[magic:end])
        return [(each.data, found.partition_key_table[each.partition_key_index]) for each in found.records]
    except (DecodeError, IndexError):
        return []


def is_passing(fault: Exception) -> bool:
    """Tell whether a fault says no more than that the next read will do."""
    return isinstance(fault, ClientError) and fault.response["Error"]["Code"] in _AGAIN
