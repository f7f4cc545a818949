"""`device_simulator send` against the embedded AWS."""

import base64
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ingestion.device_simulator import app
from ingestion.devices import synthetic as inventing
from ingestion.devices.truth import read_truth
from ingestion.firehose_transform.handler import handler
from local_aws.clients import client
from local_aws.server import Settings
from tests.local_aws.embedded import FAST, embedded

_NUMBERS = itertools.count(1)


class Stream:
    """A stream of the embedded AWS."""

    def __init__(self, url: str) -> None:
        """Make one that no other test has."""
        self.name, self.url = f"of-send-{next(_NUMBERS)}", url
        self.kinesis: Any = client(url, "kinesis")
        self.kinesis.create_stream(StreamName=self.name, ShardCount=2)

    def records(self) -> list[bytes]:
        """Read all that is in it."""
        found: list[bytes] = []
        for shard in self.kinesis.list_shards(StreamName=self.name)["Shards"]:
            iterator = self.kinesis.get_shard_iterator(
                StreamName=self.name, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            answer = self.kinesis.get_records(ShardIterator=iterator, Limit=10_000)
            found += [record["Data"] for record in answer["Records"]]
        return found

    def send(self, *arguments: str, name: str | None = None) -> Result:
        """Run the command."""
        to, what = arguments[: arguments.index("|")], arguments[arguments.index("|") + 1 :]
        return CliRunner().invoke(
            app,
            ["send", "--local", "--stream", name or self.name, *to, *what],
            env={"AWS_ENDPOINT_URL": self.url, "COLUMNS": "200", "TERM": "dumb"},
        )


@pytest.fixture
def stream(tmp_path: Path) -> Iterator[Stream]:
    with embedded(tmp_path / "aws", Settings(durations=FAST)) as made:
        opened = Stream(made.aws.url)
        yield opened
        opened.kinesis.close()


def test_invented_messages_are_sent_once_though_the_command_runs_twice(
    stream: Stream, tmp_path: Path
) -> None:
    places = ["--state", str(tmp_path / "state"), "--truth", str(tmp_path / "truth"), "-o", "json"]
    command_ = [*places, "|", "synthetic", "--messages", "700", "--devices", "9"]
    first = stream.send(*command_)
    assert first.exit_code == 0, first.output
    told = json.loads(first.stdout)
    assert (told["sent"], told["acknowledged"], told["sent_again"], told["calls"]) == (700, 700, 0, 2)
    assert len(stream.records()) == 700 == read_truth(tmp_path / "truth").rows.read
    again = json.loads(stream.send(*command_).stdout)
    assert (again["sent"], again["acknowledged"]) == (0, 700)
    assert len(stream.records()) == 700


def test_what_is_faulty_and_what_looks_back_are_sent_too(stream: Stream, tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    result = stream.send(
        *("--truth", str(first), "--heartbeat-rate", "0.2", "|", "synthetic"),
        *("--messages", "900", "--devices", "9", "--fault-rate", "0.5"),
    )
    assert result.exit_code == 0, result.output
    truth, heartbeats = read_truth(first).rows, read_truth(first).kinds["heartbeat"]
    assert (truth.read, truth.accepted, sum(truth.quarantined.values())) == (900, 450, 450)
    assert not {"truncated_object", "record_too_large"} & truth.quarantined.keys()
    results = [each["result"] for each in handler(kinesis_event(stream.records()), None)["records"]]
    assert results.count("Dropped") == heartbeats > 0
    result = stream.send(
        *("--truth", str(second), "|", "follow-up", "--of", str(first)),
        *("--late", "5", "--corrected", "4", "--repeated", "3"),
    )
    assert result.exit_code == 0, result.output
    assert vars(read_truth(second).rows) == {
        "read": 12,
        "accepted": 12,
        "inserted": 5,
        "updated": 4,
        "duplicates": 3,
        "quarantined": {},
    }
    assert len(stream.records()) == len(results) + 12


def test_heartbeats_are_counted_apart_and_the_transform_drops_as_many(stream: Stream, tmp_path: Path) -> None:
    places = ["--state", str(tmp_path / "state"), "--truth", str(tmp_path / "truth"), "-o", "json"]
    what = ["|", "synthetic", "--messages", "300", "--devices", "9"]
    first = stream.send(*places, "--heartbeat-rate", "0.2", *what)
    assert first.exit_code == 0, first.output
    truth = read_truth(tmp_path / "truth")
    heartbeats = truth.kinds["heartbeat"]
    assert heartbeats > 0
    assert (truth.rows.read, json.loads(first.stdout)["sent"]) == (300, 300 + heartbeats)
    records = stream.records()
    response = handler(kinesis_event(records), None)
    assert [each["result"] for each in response["records"]].count("Dropped") == heartbeats
    assert len(records) == 300 + heartbeats
    again = json.loads(stream.send(*places, "--heartbeat-rate", "0.2", *what).stdout)
    assert (again["sent"], again["acknowledged"]) == (0, 300 + heartbeats)
    # Another delivery, which the state is not of.
    other = stream.send(*places, *what)
    assert other.exit_code == 2, other.output


def kinesis_event(records: list[bytes]) -> dict[str, Any]:
    """Write an invocation by a Firehose that reads a stream."""
    told = [
        {
            "recordId": str(number),
            "data": base64.b64encode(data).decode(),
            "approximateArrivalTimestamp": 1_775_044_800_000,
        }
        for number, data in enumerate(records)
    ]
    arn = "arn:aws:firehose:us-east-1:123456789012:deliverystream/devices"
    return {"invocationId": "i", "deliveryStreamArn": arn, "region": "us-east-1", "records": told}


def test_real_readings_are_sent_as_many_as_are_asked_for(stream: Stream, shared_data: Path) -> None:
    result = stream.send(
        "|",
        "replay",
        "--source",
        str(shared_data / "air_quality"),
        "--from",
        "2013-03-01",
        "--station",
        "dingling",
        "--count",
        "9",
    )
    assert result.exit_code == 0, result.output
    records = stream.records()
    assert len(records) == 9
    assert {json.loads(record)["device_id"] for record in records} == {"dingling"}


def test_for_ever_ends_with_ctrl_c_and_tells_what_was_sent(
    stream: Stream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = inventing.simulate

    def interrupted(plan: Any, *arguments: Any) -> Any:
        if plan.seed == 3:
            raise KeyboardInterrupt
        return original(plan, *arguments)

    monkeypatch.setattr(inventing, "simulate", interrupted)
    result = stream.send(
        *("--state", str(tmp_path / "state"), "-o", "json", "|"),
        *("synthetic", "--forever", "--messages", "10", "--devices", "2"),
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["sent"] == 20
    assert len({json.loads(record)["event_id"] for record in stream.records()}) == 20


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--truth", "t.json", "|", "synthetic", "--forever"], 2, "--truth: what is sent for ever has none"),
        (["--heartbeat-rate", "1", "|", "synthetic"], 2, "--heartbeat-rate: expected a share"),
        (["|", "synthetic", "--messages", "0"], 2, "--messages: expected 1 or more, got 0"),
        (["|", "follow-up", "--of", "nowhere", "--late", "1"], 2, "nowhere: expected the truth file"),
        (["|", "replay", "--source", "nowhere"], 2, "--source: expected a folder"),
    ],
)
def test_what_is_wrong_is_told(stream: Stream, arguments: list[str], code: int, message: str) -> None:
    result = stream.send(*arguments)
    assert (result.exit_code, message in result.stderr) == (code, True), result.output


def test_a_stream_that_is_not_there_is_told(stream: Stream) -> None:
    result = stream.send("|", "synthetic", "--messages", "5", name="nothing-there")
    assert result.exit_code == 1
    assert "stream nothing-there: Kinesis PutRecords: ResourceNotFoundException" in result.stderr
