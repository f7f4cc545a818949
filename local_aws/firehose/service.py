"""The embedded Firehose: its operations, and a thread for each delivery stream.

Streams live in folders below one of the service's; a later service takes them up, with what they had not delivered.
"""

import base64
import logging
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from mypy_boto3_kinesis import KinesisClient

from local_aws.api import shapes
from local_aws.api.errors import AwsError
from local_aws.firehose.definitions import Definition, kept
from local_aws.firehose.kinesis import KinesisSource
from local_aws.firehose.prefixes import invalid
from local_aws.firehose.settings import Destination, destination
from local_aws.firehose.spool import Spool
from local_aws.firehose.stream import Identity, Stream, World, delivered
from local_aws.firehose.workers import Worker

Json: TypeAlias = Any
log = logging.getLogger("local_aws")

# https://docs.aws.amazon.com/firehose/latest/dev/limits.html
_MOST_BYTES: Final = 4 * 1024 * 1024
_KINESIS, _DIRECT = "KinesisStreamAsSource", "DirectPut"


@dataclass(frozen=True)
class Surroundings:
    """What the service stands among: `invoke` takes a function's ARN and a payload, `now` tells milliseconds."""

    account: str
    region: str
    now: Callable[[], int]
    draw: Callable[[], str]
    invoke: Callable[[str, bytes], bytes]
    put: Callable[[str, str, bytes], None]
    kinesis: KinesisClient


@dataclass
class _Running:
    definition: Definition
    worker: Worker
    spool: Spool | None


class Firehose:
    """Delivery streams to S3, from direct puts or a Kinesis stream."""

    def __init__(self, folder: Path, surroundings: Surroundings) -> None:
        """Take up the streams that are kept in a folder."""
        self._folder, self._around = folder, surroundings
        self._lock = threading.Lock()
        self._streams: dict[str, _Running] = {}
        for definition in kept(folder):
            self._streams[definition.name] = self._begin(definition)

    def call(self, name: str, request: Mapping[str, Json]) -> dict[str, Json]:
        """Carry out an operation, and answer as AWS does.

        Raises:
            AwsError: What AWS answers instead.
        """
        model = shapes.operation(name, "firehose")
        if model is None or name not in _OPERATIONS:
            log.warning("Firehose %s: no such operation here", name)
            raise AwsError("UnknownOperationException", "")
        shapes.check_input(model, request)
        with self._lock:
            return _OPERATIONS[name](self, request)

    def close(self) -> None:
        """Deliver what waits, and end; what cannot be delivered is kept."""
        with self._lock:
            for running in self._streams.values():
                running.worker.close(is_to_deliver=True)
                if running.spool:
                    running.spool.close()
            self._streams.clear()

    def counts(self) -> dict[str, dict[str, int]]:
        """Tell for each stream how many records it has read and delivered."""
        with self._lock:
            return {name: dict(running.worker.stream.counts) for name, running in self._streams.items()}

    def _begin(self, definition: Definition) -> _Running:
        around, folder = self._around, self._folder / definition.name
        to = destination(definition.destination)
        identity = Identity(
            definition.name, definition.arn, definition.version, around.region, definition.source_arn
        )
        spool = None if definition.source_arn else Spool(folder / "spool.jsonl", delivered(folder))
        source = spool or KinesisSource(around.kinesis, str(definition.source_arn), definition.created_at)
        invoke = _invoking(to, around.invoke)
        stream = Stream(identity, to, source, World(folder, around.now, around.draw, invoke, around.put))
        return _Running(definition, Worker(stream), spool)

    def _running(self, request: Mapping[str, Json]) -> _Running:
        name = request["DeliveryStreamName"]
        if name not in self._streams:
            message = f"Firehose {name} under account {self._around.account} not found."
            raise AwsError("ResourceNotFoundException", message)
        return self._streams[name]

    def create(self, request: Mapping[str, Json]) -> dict[str, Json]:
        """Carry out CreateDeliveryStream."""
        name, kind = request["DeliveryStreamName"], request.get("DeliveryStreamType", _DIRECT)
        if name in self._streams:
            message = f"Firehose {name} under accountId {self._around.account} already exists"
            raise AwsError("ResourceInUseException", message)
        if "ExtendedS3DestinationConfiguration" not in request:
            raise invalid("The embedded Firehose serves ExtendedS3DestinationConfiguration alone.")
        if kind not in {_DIRECT, _KINESIS} or (kind == _KINESIS) != (
            "KinesisStreamSourceConfiguration" in request
        ):
            raise invalid("DeliveryStreamType and the configuration of its source must go together.")
        source = request.get("KinesisStreamSourceConfiguration", {})
        definition = Definition(
            name=name,
            arn=f"arn:aws:firehose:{self._around.region}:{self._around.account}:deliverystream/{name}",
            type=kind,
            created_at=self._around.now(),
            destination=request["ExtendedS3DestinationConfiguration"],
            source_arn=source.get("KinesisStreamARN"),
            source_role=source.get("RoleARN"),
            tags={tag["Key"]: tag.get("Value", "") for tag in request.get("Tags", [])},
        )
        destination(definition.destination)
        folder = self._folder / name
        folder.mkdir(parents=True)
        definition.keep(folder)
        self._streams[name] = self._begin(definition)
        return {"DeliveryStreamARN": definition.arn}

    def update(self, request: Mapping[str, Json]) -> dict[str, Json]:
        """Carry out UpdateDestination: what is not named stays; records on their way are delivered as before."""
        running = self._running(request)
        definition = running.definition
        if request["CurrentDeliveryStreamVersionId"] != str(definition.version):
            message = f"The current version is {definition.version}."
            raise AwsError("ConcurrentModificationException", message)
        changed = {**definition.destination, **request.get("ExtendedS3DestinationUpdate", {})}
        destination(changed)
        running.worker.close(is_to_deliver=True)
        if running.spool:
            running.spool.close()
        definition.destination, definition.updated_at = changed, self._around.now()
        definition.version += 1
        definition.keep(self._folder / definition.name)
        self._streams[definition.name] = self._begin(definition)
        return {}

    def delete(self, request: Mapping[str, Json]) -> dict[str, Json]:
        """Carry out DeleteDeliveryStream: what waits is lost, as on AWS."""
        running = self._running(request)
        running.worker.close(is_to_deliver=False)
        if running.spool:
            running.spool.close()
        del self._streams[running.definition.name]
        shutil.rmtree(self._folder / running.definition.name)
        return {}

    def describe(self, request: Mapping[str, Json]) -> dict[str, Json]:
        """Carry out DescribeDeliveryStream."""
        return {"DeliveryStreamDescription": self._running(request).definition.described()}

    def list_streams(self, request: Mapping[str, Json]) -> dict[str, Json]:
        """Carry out ListDeliveryStreams."""
        limit, after = request.get("Limit", 10), request.get("ExclusiveStartDeliveryStreamName", "")
        kind = request.get("DeliveryStreamType")
        names = sorted(
            name
            for name, running in self._streams.items()
            if name > after and kind in {None, running.definition.type}
        )
        return {"DeliveryStreamNames": names[:limit], "HasMoreDeliveryStreams": len(names) > limit}

    def put_record(self, request: Mapping[str, Json]) -> dict[str, Json]:
        """Carry out PutRecord."""
        return {"RecordId": self._put(request, [request["Record"]])[0], "Encrypted": False}

    def put_batch(self, request: Mapping[str, Json]) -> dict[str, Json]:
        """Carry out PutRecordBatch."""
        ids = self._put(request, request["Records"])
        answers = [{"RecordId": each} for each in ids]
        return {"FailedPutCount": 0, "Encrypted": False, "RequestResponses": answers}

    def _put(self, request: Mapping[str, Json], records: list[Json]) -> list[str]:
        running = self._running(request)
        if running.spool is None:
            raise invalid("This operation is not permitted on KinesisStreamAsSource delivery stream type.")
        try:
            blobs = [base64.b64decode(each["Data"], validate=True) for each in records]
        except ValueError as fault:
            raise AwsError("SerializationException", "") from fault
        if sum(map(len, blobs)) > _MOST_BYTES:
            raise invalid("Records size exceeds 4 MB limit")
        ids = running.spool.put(blobs, self._around.now())
        running.worker.wake()
        return ids

    def tag(self, request: Mapping[str, Json]) -> dict[str, Json]:
        """Carry out TagDeliveryStream."""
        definition = self._running(request).definition
        definition.tags |= {tag["Key"]: tag.get("Value", "") for tag in request["Tags"]}
        definition.keep(self._folder / definition.name)
        return {}

    def untag(self, request: Mapping[str, Json]) -> dict[str, Json]:
        """Carry out UntagDeliveryStream."""
        definition = self._running(request).definition
        definition.tags = {
            key: value for key, value in definition.tags.items() if key not in request["TagKeys"]
        }
        definition.keep(self._folder / definition.name)
        return {}

    def list_tags(self, request: Mapping[str, Json]) -> dict[str, Json]:
        """Carry out ListTagsForDeliveryStream."""
        tags = self._running(request).definition.tags
        return {"Tags": [{"Key": key, "Value": tags[key]} for key in sorted(tags)], "HasMoreTags": False}


_OPERATIONS: Final[Mapping[str, Callable[[Firehose, Mapping[str, Json]], dict[str, Json]]]] = {
    "CreateDeliveryStream": Firehose.create,
    "DeleteDeliveryStream": Firehose.delete,
    "DescribeDeliveryStream": Firehose.describe,
    "ListDeliveryStreams": Firehose.list_streams,
    "ListTagsForDeliveryStream": Firehose.list_tags,
    "PutRecord": Firehose.put_record,
    "PutRecordBatch": Firehose.put_batch,
    "TagDeliveryStream": Firehose.tag,
    "UntagDeliveryStream": Firehose.untag,
    "UpdateDestination": Firehose.update,
}


def _invoking(to: Destination, invoke: Callable[[str, bytes], bytes]) -> Callable[[bytes], bytes]:
    arn = to.function.arn if to.function else ""
    return lambda payload: invoke(arn, payload)
