"""What is seen of the road, from the embedded AWS itself."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.clients import client
from local_aws.server import Settings
from scripts.demo_road.accounting import Objects, Transformed
from scripts.demo_road.gathering import dead_letters
from scripts.demo_road.place import FAILED, LAKE, NAME, RAW, STATE, Place
from scripts.demo_road.watch import Seen, Watch, lines_in, transformed
from tests.local_aws.embedded import FAST, Embedded, embedded

LINE = {"message": "batch transformed", "received": 5, "ok": 3, "dropped": 1, "failed": 1, "written": 4}
BEFORE = "never looked"


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[Embedded]:
    with embedded(tmp_path / "output" / "aws", Settings(durations=FAST)) as made:
        yield made


@pytest.fixture
def watch(aws: Embedded, tmp_path: Path) -> Iterator[Watch]:
    watch = Watch(aws.aws.url, Place(tmp_path / "output"))
    yield watch
    watch.close()


def test_batches_of_the_transform_are_added_up_and_all_else_in_its_log_is_left_out() -> None:
    told = json.dumps({**LINE, "heartbeats": 2, "faults": {}})
    lines = ["Traceback", told, '"batch transformed"', json.dumps({"message": "other"}), told, told[:9]]
    assert transformed(lines) == Transformed(received=10, ok=6, dropped=2, failed=2, written=8, heartbeats=4)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", 0),
        (b"a\nb\n", 2),
        (b"a\n\n \nb", 2),
        (gzip.compress(b"a\n") + gzip.compress(b"b\nc\n"), 3),
    ],
    ids=["empty", "lines", "blanks do not count", "members"],
)
def test_lines_of_objects_are_counted(content: bytes, expected: int) -> None:
    assert lines_in(content) == expected


def test_before_anything_is_there_nothing_is_seen(watch: Watch) -> None:
    seen = watch.look()
    assert (seen.in_stream, seen.objects.objects, seen.jobs) == (0, 0, {})


def test_each_part_is_seen_as_it_stands(aws: Embedded, watch: Watch, tmp_path: Path) -> None:
    kinesis, sqs = client(aws.aws.url, "kinesis"), client(aws.aws.url, "sqs")
    kinesis.create_stream(StreamName=NAME, ShardCount=1)
    kinesis.put_records(StreamName=NAME, Records=[{"Data": b"a", "PartitionKey": "k"}] * 3)
    queue = sqs.create_queue(QueueName=f"{NAME}-events")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="event")
    state = {
        f"_state/ledger/{NAME}/batches/00000001.json": {},
        "_state/runs/r1.json": {"jobs": {"device_readings": {"state": "running"}}},
        "_state/manifests/m1.json": {"job": "device_readings", "rows": {"inserted": 7}},
        "_state/manifests/m2.json": {"job": "readings_hourly", "rows": {"inserted": 9}},
    }
    for bucket in (RAW, LAKE, STATE):
        aws.s3.create_bucket(Bucket=bucket)
    aws.s3.put_object(Bucket=RAW, Key=f"{NAME}/2026/a.gz", Body=gzip.compress(b"a\nb\n"))
    aws.s3.put_object(Bucket=RAW, Key=f"{FAILED}2026/b", Body=b"c\n")
    aws.s3.put_object(Bucket=LAKE, Key="clean/device_readings/event_date=2024-03-01/a.parquet", Body=b"")
    for key, document in state.items():
        aws.s3.put_object(Bucket=STATE, Key=key, Body=json.dumps(document).encode())
    place = Place(tmp_path / "output")
    place.output.mkdir(exist_ok=True)
    place.sent.write_text(json.dumps({"acknowledged": 2}))
    place.transform_log.parent.mkdir(parents=True)
    place.transform_log.write_text(json.dumps({**LINE, "heartbeats": 0}) + "\n")
    assert watch.look() == Seen(
        sent=2,
        in_stream=3,
        transformed=Transformed(received=5, ok=3, dropped=1, failed=1, written=4),
        objects=Objects(objects=1, lines=2, failed=1),
        waiting=1,
        batches=1,
        jobs={"device_readings": "running"},
        rows=7,
        files=1,
    )
    assert (place.of("raw") / NAME / "2026" / "a.gz").exists()
    for each in (kinesis, sqs):
        each.close()


def test_what_does_not_answer_is_as_it_was_seen_last(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    watch.seen = Seen(sent=5, in_stream=6, waiting=7)

    def refuse(*_: object) -> None:
        raise OSError(BEFORE)

    for part in ("_stream", "_objects", "_events", "_cluster", "_table"):
        monkeypatch.setattr(watch, part, refuse)
    assert watch.look() == Seen(sent=5, in_stream=6, waiting=7)


def test_dead_letters_are_counted_by_their_reasons_and_stay(aws: Embedded) -> None:
    sqs = client(aws.aws.url, "sqs")
    queue = sqs.create_queue(QueueName=f"{NAME}-events-dead")["QueueUrl"]
    for reason in ("not_json", "not_json", "key_goes_up"):
        attributes = {"emr-job-suite-reason": {"DataType": "String", "StringValue": reason}}
        sqs.send_message(QueueUrl=queue, MessageBody="x", MessageAttributes=attributes)
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    assert dead_letters(aws.aws.url) == {"not_json": 2, "key_goes_up": 1, "without a reason": 1}
    told = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert int(told["ApproximateNumberOfMessages"]) + int(told["ApproximateNumberOfMessagesNotVisible"]) == 4
    sqs.close()
