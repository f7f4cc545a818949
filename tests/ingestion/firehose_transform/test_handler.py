import base64
import logging
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes import KinesisFirehoseEvent
from aws_lambda_powertools.utilities.data_classes.kinesis_firehose_event import (
    KinesisFirehoseDataTransformationResponse,
)

from ingestion.firehose_transform.batch import Counts
from ingestion.firehose_transform.errors import SettingsError, WrongEventError
from ingestion.firehose_transform.handler import _remaining_ms, handler
from tests.ingestion.firehose_transform.making import HEARTBEAT, message, raw_event, sample

FIREHOSE_SAMPLES = {"kinesis-firehose-event.json": 2, "powertools_kinesisFirehosePutEvent.json": 2}


class Context:
    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def test_the_answer_is_what_powertools_would_give() -> None:
    event = raw_event([message(1), HEARTBEAT])
    read, dropped = KinesisFirehoseEvent(event).records
    wanted = KinesisFirehoseDataTransformationResponse()
    data = base64.b64encode(read.data_as_bytes + b"\n").decode()
    wanted.add_record(read.build_data_transformation_response(result="Ok", data=data))
    wanted.add_record(dropped.build_data_transformation_response(result="Dropped"))
    assert handler(event, Context()) == wanted.asdict()


def test_the_batch_is_counted_in_one_line_of_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # Other tests of the same process may have turned loggers off, or their ways to pytest's.
    log = logging.getLogger("firehose-transform")
    monkeypatch.setattr(log, "disabled", False)
    monkeypatch.setattr(log, "propagate", True)
    monkeypatch.setattr(log, "level", logging.INFO)
    handler(raw_event([message(1), HEARTBEAT, b"\x1f\x8b"]), Context())
    (line,) = caplog.records
    assert (line.levelname, line.message) == ("WARNING", "batch transformed")
    told = {
        name: getattr(line, name) for name in (*Counts.__dataclass_fields__, "delivery_stream", "request_id")
    }
    assert told == {
        "received": 3,
        "ok": 1,
        "dropped": 1,
        "failed": 1,
        "messages": 2,
        "written": 1,
        "heartbeats": 1,
        "sent_back": 0,
        "kept": 0,
        "mixed": 0,
        "faults": {"gzip that ends too early": 1},
        "delivery_stream": "device-readings",
        "request_id": "request-1",
    }


def test_the_environment_says_how_to_transform(monkeypatch: pytest.MonkeyPatch) -> None:
    event = raw_event([message(1)]) | {"deliveryStreamArn": "aws:lambda:events"}
    with pytest.raises(SettingsError, match=r"^delivery stream 'aws:lambda:events': expected a name like"):
        handler(event, None)
    event = raw_event([message(1)]) | {"deliveryStreamArn": "arn:aws:firehose:x:1:deliverystream/other"}
    with pytest.raises(SettingsError, match=r"^delivery stream 'other': expected"):
        handler(event, None)
    monkeypatch.setenv("TRANSFORM_STREAM", "devices")
    monkeypatch.setenv("TRANSFORM_PARTITION_KEYS", "hour")
    (record,) = handler(event, None)["records"]
    assert record["metadata"] == {"partitionKeys": {"hour": "10"}}


def test_every_sample_goes_through_or_is_refused_with_what_was_expected(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRANSFORM_STREAM", "devices")
    names = {path.name for path in (shared_data / "aws_events").glob("*.json")}
    assert names > FIREHOSE_SAMPLES.keys()
    for name in sorted(names):
        event: Any = sample(shared_data, name)
        if name in FIREHOSE_SAMPLES:
            answered = handler(event, Context())["records"]
            assert [(each["recordId"], each["result"]) for each in answered] == [
                (each["recordId"], "Ok") for each in event["records"]
            ]
        else:
            with pytest.raises(WrongEventError, match=r"^expected a Firehose transformation event"):
                handler(event, Context())


def test_without_a_context_there_is_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([100.0, 130.0, 170.0])
    monkeypatch.setattr("ingestion.firehose_transform.handler.time.monotonic", lambda: next(now))
    remaining = _remaining_ms(None)
    assert [remaining(), remaining()] == [30_000, -10_000]
