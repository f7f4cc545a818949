"""Looks at each part of the road while it works: cheap looks only, that take nothing away from those who work."""

import gzip
import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from local_aws.clients import client
from scripts.demo_road.accounting import Objects, Transformed
from scripts.demo_road.place import FAILED, LAKE, NAME, RAW, STATE, Place

_BATCH: Final = "batch transformed"
_A_DAY_S: Final = 86_400
_TIMEOUT_S: Final = 10.0


@dataclass(frozen=True)
class Seen:
    """How far each part is."""

    sent: int = 0
    in_stream: int = 0
    transformed: Transformed = field(default_factory=Transformed)
    objects: Objects = field(default_factory=Objects)
    waiting: int = 0
    batches: int = 0
    closed: int = 0
    clusters: dict[str, int] = field(default_factory=dict)
    jobs: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    files: int = 0


class Watch:
    """Looks at the road of the embedded AWS at an endpoint."""

    def __init__(self, url: str, place: Place) -> None:
        """Begin with nothing seen."""
        self._url, self._place = url, place
        self.s3, self._sqs, self._cloudwatch = (
            client(url, "s3"),
            client(url, "sqs"),
            client(url, "cloudwatch"),
        )
        self._lines: dict[str, int] = {}
        self._manifests: dict[str, int] = {}
        self.seen = Seen()

    def close(self) -> None:
        """Give back what is held."""
        for each in (self.s3, self._sqs, self._cloudwatch):
            each.close()

    def look(self) -> Seen:
        """Return how far the parts are; what does not answer in time is as it was seen last."""
        for see in (self._stream, self._objects, self._events, self._cluster, self._table):
            try:
                self.seen = replace(self.seen, **see())
            except (BotoCoreError, ClientError, OSError, ValueError):  # progress is no reason to stop
                continue
        return self.seen

    def _stream(self) -> dict[str, Any]:
        sent = json.loads(self._place.sent.read_text())["acknowledged"] if self._place.sent.exists() else 0
        log = self._place.transform_log
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return {"sent": sent, "in_stream": self._in_stream(), "transformed": transformed(lines)}

    def _in_stream(self) -> int:
        now = datetime.now(UTC)
        told = self._cloudwatch.get_metric_statistics(
            Namespace="AWS/Kinesis",
            MetricName="IncomingRecords",
            Dimensions=[{"Name": "StreamName", "Value": NAME}],
            StartTime=now - timedelta(days=1),
            EndTime=now + timedelta(days=1),
            Period=2 * _A_DAY_S,
            Statistics=["Sum"],
        )
        return int(sum(each["Sum"] for each in told["Datapoints"]))

    def _objects(self) -> dict[str, Any]:
        delivered = list(self._counted(f"{NAME}/"))
        failed = list(self._counted(FAILED))
        return {"objects": Objects(objects=len(delivered), lines=sum(delivered), failed=sum(failed))}

    def _counted(self, prefix: str) -> Iterator[int]:
        """Count the lines of each object, and keep a copy of it."""
        for key in self.keys(RAW, prefix):
            if key not in self._lines:
                content = self.s3.get_object(Bucket=RAW, Key=key)["Body"].read()
                copy = self._place.of("raw") / key
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(content)
                self._lines[key] = lines_in(content)
            yield self._lines[key]

    def _events(self) -> dict[str, Any]:
        queue = self._sqs.get_queue_url(QueueName=f"{NAME}-events")["QueueUrl"]
        names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        told = self._sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        ledger = f"_state/ledger/{NAME}"
        return {
            "waiting": sum(map(int, told.values())),
            "batches": len(self.keys(STATE, f"{ledger}/batches/")),
            "closed": len(self.keys(STATE, f"{ledger}/closed/")),
        }

    def _cluster(self) -> dict[str, Any]:
        # Not by EMR's own calls: they have their quota, and it is the orchestrator's.
        with urllib.request.urlopen(f"{self._url}/_local_aws/status", timeout=_TIMEOUT_S) as answer:  # noqa: S310 - http
            clusters = json.load(answer)["clusters"]
        jobs: dict[str, str] = {}
        for key in self.keys(STATE, "_state/runs/"):
            jobs |= {name: job["state"] for name, job in self.document(key)["jobs"].items()}
        return {"clusters": clusters, "jobs": jobs}

    def _table(self) -> dict[str, Any]:
        for key in self.keys(STATE, "_state/manifests/"):
            if key not in self._manifests:
                told = self.document(key)
                self._manifests[key] = told["rows"]["inserted"] if told["job"] == "device_readings" else 0
        table = "clean/device_readings/event_date="
        return {"rows": sum(self._manifests.values()), "files": len(self.keys(LAKE, table))}

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """List the keys of a bucket; none where it is not there yet."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        try:
            return [each["Key"] for page in pages for each in page.get("Contents", [])]
        except self.s3.exceptions.NoSuchBucket:
            return []

    def document(self, key: str) -> dict[str, Any]:
        """Read a document of the orchestrator's state."""
        told: dict[str, Any] = json.loads(self.s3.get_object(Bucket=STATE, Key=key)["Body"].read())
        return told


def lines_in(content: bytes) -> int:
    """Count the lines of an object, by gzip or plain."""
    is_gzip = content.startswith(b"\x1f\x8b")
    text = gzip.decompress(content) if is_gzip else content
    return sum(1 for line in text.split(b"\n") if line.strip())


def transformed(lines: list[str]) -> Transformed:
    """Add up what the transform's log tells of its batches; all else in it is left out."""
    found = Transformed()
    for line in lines:
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict) and told.get("message") == _BATCH:
            found = Transformed(**{name: before + told[name] for name, before in vars(found).items()})
    return found
