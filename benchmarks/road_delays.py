"""How long a message takes from a device to the table, and where: `scripts/bench road_delays`.

On an embedded road on which nothing else goes on, some real readings are sent, and the next ones when those are in the
table. Each part is taken from what the road leaves by itself: the stream's arrival times, calls as the embedded AWS has
answered them, the ledger, the run's record, and EMR's times of the step.
"""

import gzip
import json
import random
import subprocess
import sys
import tempfile
import warnings
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from time import monotonic, sleep, time
from typing import Annotated, Any, Final

import msgspec
import typer

from benchmarks.road_chaos.blows import CONSUMER, DRIVER, FIREHOSE, StrikingAws
from benchmarks.road_chaos.evidence import Evidence, gather, is_delivered
from benchmarks.road_chaos.stage import PIPELINE, ROOT, Road, Scale
from ingestion.devices.replay import Replay, play
from ingestion.devices.truth import Delivered
from local_aws.clients import client
from local_aws.server import SHORT
from orchestrator.engine.records import RunRecord
from orchestrator.events.runs import uris
from orchestrator.ledger.documents import Batch, Segment

PARTS: Final = (
    "in the stream",
    "read by Firehose",
    "transformed",
    "delivered to S3",
    "its event received",
    "in the ledger",
    "batch cut",
    "run begun",
    "cluster up",
    "step running",
    "committed: a row that queries see",
)
_LONGEST_S: Final = 300.0
_LOOK_AGAIN_S: Final = 0.2
_UNKNOWN: Final = "Tried to parse AWS"


@dataclass
class Lines:
    """An outlet that keeps what a simulator would send."""

    kept: list[bytes] = field(default_factory=list)

    def add(self, lines: Sequence[bytes], arrivals_ms: Sequence[int], /) -> None:
        """Keep lines."""
        del arrivals_ms
        self.kept += lines

    def add_damaged(self, content: bytes, arrival_ms: int, /) -> None:
        """Keep nothing: real readings have none."""

    def close(self) -> Delivered:
        """Tell nothing."""
        return Delivered()


def main(
    *,
    source: Annotated[Path, typer.Option(help="Folder with PRSA_Data_<station>_*.csv.gz.")],
    shots: Annotated[int, typer.Option(min=2, help="How often messages are sent.")] = 6,
    messages: Annotated[int, typer.Option(min=1, help="How many at a time.")] = 20,
    buffer_s: Annotated[int, typer.Option(min=1, help="How long Firehose gathers, twice.")] = 5,
    wait_s: Annotated[float, typer.Option(min=0, help="How long an object waits for a batch.")] = 1.0,
) -> None:
    """Print for each part of the way its median, its 95th percentile, and the longest, in seconds."""
    warnings.filterwarnings("ignore", message=_UNKNOWN)
    lines = Lines()
    play(Replay(source, count=shots * messages), lines)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "scripts.lambda_package", "--output", folder]
        made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        scale = Scale(buffer_s=buffer_s, wait_s=wait_s)
        road = Road(Path(folder), Path(made.stdout.strip()), scale, SHORT)
        try:
            found = travel(road, [lines.kept[at::shots] for at in range(shots)])
        finally:
            road.close()
    for line in told(found):
        typer.echo(line)


def travel(road: Road, shots: Sequence[Sequence[bytes]]) -> list[list[float]]:
    """Send one shot after the other, and return for each message its instants, from when it was sent."""
    road.add_firehose()
    road.add_consumer(1, "serve")
    kinesis, sent = client(road.aws.url, "kinesis"), {}
    draws = random.Random(1)  # noqa: S311 - so that shots meet buffers at any moment
    for shot in shots:
        records = [{"Data": line, "PartitionKey": "k"} for line in shot]
        sent.update(dict.fromkeys(map(name_of, shot), time()))
        kinesis.put_records(StreamName=road.outputs["StreamName"], Records=records)
        _wait(lambda: is_delivered(road) and _is_done(road))
        sleep(draws.uniform(0, 1))
    kinesis.close()
    for component in road.components.values():
        component.end()
    found, objects = gather(road), _objects(road)
    return [
        _journey(road, found, objects[name], sent[name], at) for name, at in sorted(_arrivals(road).items())
    ]


def told(journeys: Sequence[Sequence[float]]) -> list[str]:
    """Write the table down."""
    rows = [f"{'part':36} {'median':>8} {'p95':>8} {'longest':>8}"]
    spans = [[later - earlier for earlier, later in pairwise(each)] for each in journeys]
    parts = list(zip(PARTS, zip(*spans, strict=True), strict=True))
    for name, seconds in [*parts, ("all of it", [each[-1] - each[0] for each in journeys])]:
        p95 = quantiles(seconds, n=20, method="inclusive")[-1]
        rows.append(f"{name:36} {median(seconds):8.2f} {p95:8.2f} {max(seconds):8.2f}")
    return [*rows, f"{len(journeys)} messages"]


def name_of(line: bytes) -> str:
    """Name a message, as it was sent or as it was delivered."""
    return str(json.loads(line)["event_id"])


def _is_done(road: Road) -> bool:
    """Tell whether each object that was delivered is in a batch that is closed."""
    calls = Counter((each.caller.partition("-")[0], each.call) for each in road.aws.seen)
    if calls[CONSUMER, "PUT _state/ledger closed"] != calls[CONSUMER, "PUT _state/ledger batches"]:
        return False
    prefix = f"_state/ledger/{PIPELINE}/batches/"
    batches = [msgspec.json.decode(_read(road, key), type=Batch) for key in _keys(road, prefix)]
    return sum(len(batch.items) for batch in batches) == calls[FIREHOSE, "PUT object"]


def _wait(is_so: Callable[[], bool]) -> None:
    until = monotonic() + _LONGEST_S
    while not is_so():
        if monotonic() > until:
            raise TimeoutError(f"messages were not in the table after {_LONGEST_S:.0f} s")
        sleep(_LOOK_AGAIN_S)


def _arrivals(road: Road) -> dict[str, float]:
    """Return when the stream has taken each message."""
    kinesis, name = client(road.aws.url, "kinesis"), road.outputs["StreamName"]
    found = {}
    for shard in kinesis.list_shards(StreamName=name)["Shards"]:
        asked = {"StreamName": name, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator = kinesis.get_shard_iterator(**asked)["ShardIterator"]
        for record in kinesis.get_records(ShardIterator=iterator, Limit=10_000)["Records"]:
            found[name_of(record["Data"])] = record["ApproximateArrivalTimestamp"].timestamp()
    kinesis.close()
    return found


def _journey(road: Road, found: Evidence, uri: str, sent_at: float, arrived_at: float) -> list[float]:
    """Follow one message, by the object that it came in."""
    aws = road.aws
    read_at = _next(aws, FIREHOSE, "GetRecords", arrived_at)
    transformed_at = _next(aws, FIREHOSE, "Invoke", read_at)
    delivered_at = _next(aws, FIREHOSE, "PUT object", transformed_at)
    received_at = _next(aws, CONSUMER, "ReceiveMessage", delivered_at)
    number, batch = next(each for each in found.batches.items() if uri in uris(each[1]))
    run = next(each for each in found.runs if each.plan.run_id == found.closings[number].run_id)
    running_at, ready_at = _times(road, run)
    began_at = max(run.began_at, batch.cut_at)
    return [
        *(sent_at, arrived_at, read_at, transformed_at, delivered_at, received_at),
        *(_recorded(road, uri), batch.cut_at, began_at, max(began_at, ready_at)),
        *(running_at, _next(aws, DRIVER, "PUT _runs", running_at)),
    ]


def _next(aws: StrikingAws, caller: str, call: str, since: float) -> float:
    """Return when the first call of a kind was answered after an instant."""
    times = [each.at for each in aws.seen if each.call == call and each.caller.startswith(caller)]
    return times[bisect_left(times, since)]


def _objects(road: Road) -> dict[str, str]:
    """Return in which object each message came."""
    found = {}
    pages = road.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=road.raw)
    for key in [each["Key"] for page in pages for each in page.get("Contents", [])]:
        body = gzip.decompress(road.aws.s3.get_object(Bucket=road.raw, Key=key)["Body"].read())
        found.update(dict.fromkeys(map(name_of, body.splitlines()), f"s3://{road.raw}/{key}"))
    return found


def _recorded(road: Road, uri: str) -> float:
    """Return when an object's event was put into the ledger."""
    for key in _keys(road, f"_state/ledger/{PIPELINE}/arrived/"):
        segment = msgspec.json.decode(_read(road, key), type=Segment)
        if any(uri == f"s3://{event.bucket}/{event.key}" for event in segment.events):
            return segment.recorded_at
    raise LookupError(uri)


def _keys(road: Road, prefix: str) -> list[str]:
    listed = road.aws.s3.list_objects_v2(Bucket=road.state, Prefix=prefix)
    return [each["Key"] for each in listed.get("Contents", [])]


def _read(road: Road, key: str) -> bytes:
    return road.aws.s3.get_object(Bucket=road.state, Key=key)["Body"].read()


def _times(road: Road, run: RunRecord) -> tuple[float, float]:
    """Return when a run's step began, and when its cluster was ready."""
    [job] = run.jobs.values()
    emr = client(road.aws.url, "emr")
    step: Mapping[str, Any] = emr.describe_step(ClusterId=job.cluster_id, StepId=job.step_id)["Step"]
    cluster: Mapping[str, Any] = emr.describe_cluster(ClusterId=job.cluster_id)["Cluster"]
    emr.close()
    ready_at = cluster["Status"]["Timeline"]["ReadyDateTime"].timestamp()
    return step["Status"]["Timeline"]["StartDateTime"].timestamp(), ready_at


if __name__ == "__main__":
    typer.run(main)
