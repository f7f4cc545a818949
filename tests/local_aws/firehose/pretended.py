"""Delivery streams whose source, function, clock and bucket are in this process."""

import base64
import gzip
import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_aws.firehose.records import Record
from local_aws.firehose.settings import destination
from local_aws.firehose.stream import Identity, Stream, World, delivered

NOON = 1_775_044_800_000  # 2026-04-01T12:00:00Z
SHARDS = ("shard-0", "shard-1")


class Crash(BaseException):
    """The process is gone."""


def told(**further: Any) -> dict[str, Any]:
    """Make an ExtendedS3DestinationConfiguration."""
    return {"RoleARN": "arn:aws:iam::123456789012:role/r", "BucketARN": "arn:aws:s3:::raw", **further}


def with_function(**parameters: str) -> dict[str, Any]:
    """Make the ProcessingConfiguration of a Lambda function."""
    named = {"LambdaArn": "arn:aws:lambda:us-east-1:123456789012:function:t", **parameters}
    told_ = [{"ParameterName": name, "ParameterValue": value} for name, value in named.items()]
    return {"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": told_}]}


def answering(payload: bytes) -> bytes:
    """Transform as records ask for it: `drop…`, `fail…`, or in capitals; a record's key is its first letter."""
    answers = []
    for record in json.loads(payload)["records"]:
        data = base64.b64decode(record["data"])
        result = {b"drop": "Dropped", b"fail": "ProcessingFailed"}.get(data[:4], "Ok")
        answers.append(
            {
                "recordId": record["recordId"],
                "result": result,
                "data": base64.b64encode(data.upper() + b"\n").decode(),
                "metadata": {"partitionKeys": {"first": data[:1].decode()}},
            }
        )
    return json.dumps({"records": answers}).encode()


@dataclass
class Bucket:
    """What was put, and faults that come before or after a put."""

    objects: dict[str, bytes] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def put(self, _bucket: str, key: str, body: bytes) -> None:
        """Put an object, or fail as the next fault says."""
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "refused":
            raise OSError(fault)
        if fault == "crash before":
            raise Crash
        self.objects[key] = body
        if fault == "crash after":
            raise Crash

    def lines(self) -> list[bytes]:
        """Return all lines of all objects, those of failures as the records that they tell of."""
        found: list[bytes] = []
        for key, body in self.objects.items():
            text = gzip.decompress(body) if key.endswith(".gz") else body
            lines = text.splitlines()
            is_error = "processing-failed" in key
            found += [base64.b64decode(json.loads(line)["rawData"]) for line in lines] if is_error else lines
        return found


class Listed:
    """A source that is a list of records."""

    def __init__(self, records: list[Record], at_once: int = 3) -> None:
        """Give some of them at a time."""
        self._records, self._at_once = records, at_once
        self._position: int | None = None

    def read(self, delivered: Mapping[str, str]) -> list[Record]:
        """Go on, the first time with what is not delivered."""
        if self._position is None:
            self._records = [each for each in self._records if each.sequence > delivered.get(each.shard, "")]
            self._position = 0
        at = self._position
        self._position += self._at_once
        return self._records[at : at + self._at_once]

    def forget(self, _delivered: Mapping[str, str]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


@dataclass
class Laboratory:
    """A stream and its world."""

    folder: Path
    records: list[Record] = field(default_factory=list)
    configuration: dict[str, Any] = field(default_factory=told)
    invoke: Callable[[bytes], bytes] = answering
    bucket: Bucket = field(default_factory=Bucket)
    now: int = NOON

    def stream(self) -> Stream:
        """Begin a process anew."""
        numbers = itertools.count(1)
        identity = Identity("devices", "arn:ds", 1, "us-east-1")
        return Stream(
            identity,
            destination(self.configuration),
            Listed(self.records),
            World(
                self.folder,
                lambda: self.now,
                lambda: f"{next(numbers):012x}",
                lambda payload: self.invoke(payload),  # noqa: PLW0108 - a test may set another one later
                self.bucket.put,
            ),
        )

    def delivered(self) -> dict[str, str]:
        """Tell how far it is."""
        return delivered(self.folder)


def records(*texts: str) -> list[Record]:
    """Make records, in turn of two shards, a second apart."""
    return [
        Record(text.encode(), NOON + 1000 * at, SHARDS[at % 2], f"{at:06d}", 0, "key")
        for at, text in enumerate(texts)
    ]
