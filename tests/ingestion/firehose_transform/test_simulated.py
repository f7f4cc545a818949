"""What the simulator's devices send, with every fault there is, counts the same behind the transform as before it."""

import gzip
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from ingestion.devices.reasons import REASONS
from ingestion.firehose_transform import targets
from ingestion.firehose_transform.batch import Edge, transform_batch
from ingestion.firehose_transform.sending_back import Time
from ingestion.firehose_transform.settings import Settings
from tests.ingestion.deliveries import deliver, small_plan
from tests.ingestion.firehose_transform.making import data_of, event, message, run
from tests.ingestion.judge import Verdict, judge, received_us

FAULTS = {reason: 6 for reason in REASONS if reason not in ("truncated_object", "record_too_large")}
TIMES = ("event_time", "received_at")


def rows(verdict: Verdict) -> dict[tuple[str, str, str], object]:
    return {
        key: (received_us(row), {name: value for name, value in row.items() if name not in TIMES})
        for key, row in verdict.table().items()
    }


@pytest.mark.parametrize("per_record", [1, 7])
@pytest.mark.parametrize("close", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_delivery_counts_the_same_behind_the_transform(
    tmp_path: Path, per_record: int, close: type[bytes]
) -> None:
    truth = deliver(small_plan(900, faults=FAULTS), tmp_path / "sent")
    for path in (tmp_path / "sent").rglob("*.gz"):
        lines = gzip.decompress(path.read_bytes()).split(b"\n")
        records = [close(b"\n".join(lines[at : at + per_record])) for at in range(0, len(lines), per_record)]
        answers, counts = run(records)
        assert counts.failed == 0
        target = tmp_path / "delivered" / path.name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(gzip.compress(b"".join(map(data_of, answers))))
    before, after = judge(tmp_path / "sent"), judge(tmp_path / "delivered")
    assert after.quarantined == before.quarantined == truth.rows.quarantined
    assert len(after.accepted) == truth.rows.accepted
    assert rows(after) == rows(before)


@mock_aws
def test_what_does_not_fit_goes_through_a_kinesis_stream_and_comes_out_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    kinesis = boto3.client("kinesis", region_name="us-east-1")
    kinesis.create_stream(StreamName="devices", ShardCount=1)
    stream = kinesis.describe_stream(StreamName="devices")["StreamDescription"]
    texts = [message(number) for number in range(1_200)]
    given = event([gzip.compress(b"\n".join(texts))], stream["StreamARN"])
    edge = Edge(targets.connect, Time(lambda: 60_000, lambda _: None))
    response, counts = transform_batch(given, Settings(most_response_bytes=50_000), edge)
    assert [answer["result"] for answer in response["records"]] == ["Dropped"]
    assert counts.sent_back == 1_200
    shard = stream["Shards"][0]["ShardId"]
    start = kinesis.get_shard_iterator(StreamName="devices", ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    found = kinesis.get_records(ShardIterator=start["ShardIterator"])["Records"]
    assert {record["PartitionKey"] for record in found} == {"device-7"}
    answers, again = run([record["Data"] for record in found])
    assert b"".join(map(data_of, answers)).splitlines() == texts
    assert again.sent_back == 0
