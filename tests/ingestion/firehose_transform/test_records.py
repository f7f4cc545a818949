import gzip
import json

import pytest
from hypothesis import given

from ingestion.firehose_transform.events import SourceRecord
from ingestion.firehose_transform.records import MARK, Reading, read_record
from ingestion.firehose_transform.streams.registry import STREAMS
from ingestion.firehose_transform.streams.stream import Stream
from tests.ingestion.firehose_transform.making import (
    HEARTBEAT,
    aggregate,
    event,
    judged,
    message,
    records,
    texts,
)

(DEVICES,) = STREAMS
BINARY = "bytes that are no text, no gzip and no KPL aggregate"


def read(data: bytes) -> Reading:
    return read_record(event([data]).records[0], DEVICES)


@pytest.mark.parametrize(
    ("data", "messages", "heartbeats"),
    [
        (message(1) + message(2), [message(1), message(2)], 0),
        (message(1) + b"\r\n\n" + message(2, "1709287200123") + b"\n", [message(1), message(2)], 0),
        (HEARTBEAT + message(1) + HEARTBEAT + b"\n" + HEARTBEAT, [message(1)], 3),
        (HEARTBEAT, [], 1),
        (b"", [], 0),
        (b" \r\n\t", [], 0),
        (b"Hello World", [b"Hello World"], 0),
        (message(1) + b"oops" + message(2), [message(1), b"oops" + message(2)], 0),
        (b"[" + message(1) + b"]", [b"[" + message(1) + b"]"], 0),
        (message(1) + b"\n\0\xff", [message(1), b"\0\xff"], 0),
        (message(1) + message(2) + b"\n\0\xff", [message(1), message(2), b"\0\xff"], 0),
        (gzip.compress(message(1)) + gzip.compress(message(2)), [message(1), message(2)], 0),
        (aggregate([message(1), HEARTBEAT, gzip.compress(message(2))]), [message(1), message(2)], 1),
    ],
)
def test_a_record_becomes_its_messages(data: bytes, messages: list[bytes], heartbeats: int) -> None:
    source = event([data]).records[0]
    assert read_record(source, DEVICES) == Reading(source, messages, heartbeats)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (gzip.compress(message(1))[:-1], "gzip that ends too early"),
        (aggregate([message(1)])[:-1], "a KPL aggregate whose MD5 does not fit its content"),
        (message(1).decode().encode("utf-16"), BINARY),
        (b"\x08\x00\x12\x03abc", BINARY),
        (HEARTBEAT + b"\n\0\xff", BINARY),
    ],
)
def test_what_cannot_be_opened_as_a_whole_fails(data: bytes, fault: str) -> None:
    source = event([data]).records[0]
    assert read_record(source, DEVICES) == Reading(source, [], fault=fault)


def test_what_was_sent_back_is_written_whatever_it_is() -> None:
    source = event([MARK + b"\0\xff"]).records[0]
    assert read_record(source, DEVICES) == Reading(source, [b"\0\xff"], is_marked=True)


def test_a_record_of_very_many_lines_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.firehose_transform.records.MOST_LINES", 3)
    assert read(b"\n\n\n{}").messages == [b"{}"]
    assert read(aggregate([b"\n\n", b"\n\n{}"])).fault == "more than 3 lines"


@pytest.mark.parametrize("data", ["a", "YQ", "YQ==YQ==", "Y Q==", "é", "{}"])
def test_what_is_no_base64_fails(data: str) -> None:
    assert read_record(SourceRecord("1", data), DEVICES).fault == "data that is no base64"


def test_a_fault_in_a_streams_function_costs_one_record() -> None:
    def broken(text: bytes) -> bytes:
        return bytes(json.loads(text)["value"])

    stream = Stream("broken", (), broken)
    sources = event([b"{}", b'{"value":[97]}']).records
    assert [read_record(source, stream) for source in sources] == [
        Reading(sources[0], [], fault="the function of stream broken raised KeyError: 'value'"),
        Reading(sources[1], [b"a"]),
    ]


@given(records)
def test_no_bytes_are_too_odd_and_what_is_written_stays(data: bytes) -> None:
    first = read(data)
    assert not (first.messages and first.fault)
    assert read(MARK + b"\n".join(first.messages)).messages == first.messages
    assert all(b"\n" not in text and text.strip(b" \t\r") for text in first.messages)


@given(texts)
def test_the_job_makes_as_much_of_what_is_written_as_of_what_came(text: bytes) -> None:
    reading = read(text)
    if not reading.fault:
        assert verdicts(b"\n".join(reading.messages)) == verdicts(text)


def verdicts(text: bytes) -> list[object]:
    return [each[0] if isinstance(each, tuple) and len(each) == 2 else each for each in judged(text)]
