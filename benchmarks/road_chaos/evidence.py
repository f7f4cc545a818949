"""What a road has left, read from outside: stream, objects, ledger, manifests, and the table by DuckDB."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias

import duckdb
import msgspec

from benchmarks.road_chaos.stage import PIPELINE, Road
from local_aws.clients import client
from orchestrator.engine.leases import Lease
from orchestrator.engine.records import RunRecord
from orchestrator.ledger.documents import Batch, Closing

# Date of the event, device, event.
Key: TypeAlias = tuple[str, str, str]
# When it was received, in microseconds, and what was measured: the greatest one wins.
Version: TypeAlias = tuple[int, float]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_NOTHING: Final = float("-inf")
_TABLE: Final = "device_readings"


@dataclass
class Evidence:
    """All of it.

    `sent` and `delivered` are the newest versions of all messages in the stream and in the objects, `table` has each
    row; `messages` counts those of each object, `done` and `manifests` are of the runs of batches that are done.
    """

    promised: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    unique: int = 0
    in_stream: int = 0
    sent: dict[Key, Version] = field(default_factory=dict)
    delivered: dict[Key, Version] = field(default_factory=dict)
    messages: dict[str, int] = field(default_factory=dict)
    not_transformed: Sequence[str] = ()
    batches: Mapping[int, Batch] = field(default_factory=dict)
    closings: Mapping[int, Closing] = field(default_factory=dict)
    runs: Sequence[RunRecord] = ()
    leases: Sequence[Lease] = ()
    manifests: Mapping[str, Any] = field(default_factory=dict)
    inserted: int = 0
    table: Sequence[tuple[Key, Version]] = ()
    quarantined: int = 0
    leftovers: Sequence[str] = ()
    queued: int = 0
    put_aside: Sequence[str] = ()


def gather(road: Road) -> Evidence:
    """Read all of it; nothing runs any more."""
    found = Evidence()
    found.promised, found.unique = _promises(road.folder)
    for blob in stream(road):
        for line in blob.splitlines():
            found.in_stream += 1
            _take(found.sent, line)
    for key in _keys(road, road.raw):
        if not key.startswith(f"{road.name}/"):
            found.not_transformed = [*found.not_transformed, key]
            continue
        lines = gzip.decompress(_read(road, road.raw, key)).splitlines()
        found.messages[f"s3://{road.raw}/{key}"] = len(lines)
        for line in lines:
            _take(found.delivered, line)
    _orchestrator(road, found)
    _clean(road, found)
    found.queued = len(road.queue("events")._messages)
    found.put_aside = [message.body for message in road.queue("events-dead")._messages]
    return found


def stream(road: Road) -> Iterator[bytes]:
    """Read all records of the stream."""
    kinesis, name = client(road.aws.url, "kinesis"), road.outputs["StreamName"]
    for shard in kinesis.list_shards(StreamName=name)["Shards"]:
        asked = {"StreamName": name, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator = kinesis.get_shard_iterator(**asked)["ShardIterator"]
        while records := (answer := kinesis.get_records(ShardIterator=iterator, Limit=10_000))["Records"]:
            yield from (record["Data"] for record in records)
            iterator = answer["NextShardIterator"]
    kinesis.close()


def is_delivered(road: Road) -> bool:
    """Tell whether Firehose remembers to have delivered all that the stream has."""
    checkpoint = road.folder / "firehose" / road.outputs["DeliveryStreamName"] / "checkpoint.json"
    known = json.loads(checkpoint.read_bytes()) if checkpoint.exists() else {}
    return all(known.get(shard) == last for shard, last in road.last_sequences().items())


def _promises(folder: Path) -> tuple[dict[str, tuple[int, int]], int]:
    """Return what each simulator has noted as acknowledged, beside what it had to send, and the keys of all."""
    noted, unique = {}, 0
    for path in sorted(folder.glob("*.truth.json")):
        truth = json.loads(path.read_bytes())
        state = json.loads((folder / path.name.replace(".truth.", ".state.")).read_bytes())
        noted[path.name.partition(".")[0]] = (state["acknowledged"], truth["rows"]["read"])
        unique += truth["unique_keys"]
    return noted, unique


def _take(known: dict[Key, Version], line: bytes) -> None:
    message = json.loads(line)
    event_date = _instant(message["event_time"]).date().isoformat()
    key = (event_date, message["device_id"], message["event_id"])
    measured = message["metrics"].get("pm2_5")
    received = (_instant(message["received_at"]) - _EPOCH) // _MICROSECOND
    version = (received, _NOTHING if measured is None else float(measured))
    known[key] = max(version, known.get(key, version))


def _instant(told: str | int) -> datetime:
    if isinstance(told, int):
        return _EPOCH + timedelta(milliseconds=told)
    return datetime.fromisoformat(told.upper()).astimezone(UTC)


def _orchestrator(road: Road, found: Evidence) -> None:
    """Read the ledger's batches and how they were closed, and the runs with their manifests."""
    batches: dict[int, Batch] = {}
    closings: dict[int, Closing] = {}
    runs, leases, manifests = [], [], {}
    for key in _keys(road, road.state):
        folder, _, name = key.removeprefix("_state/").rpartition("/")
        number = name.removesuffix(".json")
        if folder == f"ledger/{PIPELINE}/batches":
            batches[int(number)] = msgspec.json.decode(_read(road, road.state, key), type=Batch)
        elif folder == f"ledger/{PIPELINE}/closed":
            closings[int(number)] = msgspec.json.decode(_read(road, road.state, key), type=Closing)
        elif folder == "runs":
            runs.append(msgspec.json.decode(_read(road, road.state, key), type=RunRecord))
        elif folder == "leases":
            leases.append(msgspec.json.decode(_read(road, road.state, key), type=Lease))
    for run in runs:
        [job] = run.plan.jobs
        bucket, _, key = job.manifest.removeprefix("s3://").partition("/")
        if key in _keys(road, bucket, key):
            manifests[run.plan.run_id] = json.loads(_read(road, bucket, key))
    found.batches, found.closings, found.runs = batches, closings, runs
    found.leases, found.manifests = leases, manifests


def _clean(road: Road, found: Evidence) -> None:
    """Read the table and the quarantine, and what should not be left beside them."""
    folder, left = road.folder / "clean", []
    for key in _keys(road, road.clean):
        if key.endswith("/"):
            continue
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_read(road, road.clean, key))
        if "/_staging/" in key or key.endswith("/_journal.json"):
            left.append(key)
    uploads = road.aws.s3.list_multipart_uploads(Bucket=road.clean).get("Uploads", [])
    found.leftovers = [*left, *(f"upload of {each['Key']}" for each in uploads)]
    records = [json.loads(path.read_bytes()) for path in (folder / _TABLE / "_runs").glob("*.json")]
    found.inserted = sum(record["manifest"]["rows"]["inserted"] for record in records)
    found.table = _rows(folder / _TABLE)
    found.quarantined = _count(list((folder / "quarantine").glob("run_id=*/*.parquet")))


def _rows(table: Path) -> list[tuple[Key, Version]]:
    if not list(table.glob("event_date=*/*.parquet")):
        return []
    with duckdb.connect() as database:
        found = database.execute(
            "SELECT event_date::VARCHAR, device_id, event_id, epoch_us(received_at), pm2_5 "
            "FROM read_parquet($1, hive_partitioning = true)",
            [f"{table}/event_date=*/*.parquet"],
        ).fetchall()
    return [
        ((event_date, device, event), (received, _NOTHING if measured is None else measured))
        for event_date, device, event, received, measured in found
    ]


def _count(files: Sequence[Path]) -> int:
    if not files:
        return 0
    with duckdb.connect() as database:
        named = [str(path) for path in files]
        [count] = database.execute("SELECT count(*) FROM read_parquet($1)", [named]).fetchall()[0]
    return int(count)


def doubled(rows: Sequence[tuple[Key, Version]]) -> Sequence[Key]:
    """Name the keys that stand in more than one row."""
    return [key for key, times in Counter(key for key, _ in rows).items() if times > 1]


def _keys(road: Road, bucket: str, prefix: str = "") -> list[str]:
    pages = road.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [each["Key"] for page in pages for each in page.get("Contents", [])]


def _read(road: Road, bucket: str, key: str) -> bytes:
    return road.aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
