"""What tests of the transform ask for again and again: messages, records, events, and what the job makes of a text."""

import base64
import gzip
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from ingestion.devices.faults import Sound, break_message
from ingestion.devices.reasons import REASONS
from ingestion.firehose_transform.batch import Counts, Edge, transform_batch
from ingestion.firehose_transform.events import Answer, FirehoseEvent, read_event
from ingestion.firehose_transform.sending_back import Piece, Target, Time
from ingestion.firehose_transform.settings import Settings
from jobs.common.readers.columns import Extractor
from jobs.common.readers.framing import frame
from jobs.device_readings import FIELDS

ARN = "arn:aws:firehose:us-east-1:123456789012:deliverystream/device-readings"
STREAM_ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/devices"
RECEIVED_MS = 1709287205000
HEARTBEAT = b'{"device_id":"a","type":"heartbeat","event_time":1709287200000}'
EDGE = Edge(lambda _: refusing(), Time(lambda: 60_000, lambda _: None))


def message(
    number: int = 1, event_time: str = '"2024-03-01T10:00:00.123Z"', metrics: str = '{"pm2_5":4.0}'
) -> bytes:
    return (
        f'{{"device_id":"a","event_id":"a-{number}","event_time":{event_time},'
        f'"received_at":"2024-03-01T10:00:05Z","firmware":"1.0","location":{{"lat":1.0,"lon":2.0}},"metrics":{metrics}}}'
    ).encode()


def aggregate(parts: Sequence[bytes]) -> bytes:
    """Aggregate by AWS's own package, which puts its folder on the path; it is taken off again."""
    path = list(sys.path)
    from aws_kinesis_agg.aggregator import RecordAggregator  # noqa: PLC0415 - it changes sys.path when loaded

    sys.path[:] = path
    aggregator = RecordAggregator()
    for number, part in enumerate(parts):
        aggregator.add_user_record(f"key-{number % 3}", part)
    content: bytes = aggregator.clear_and_get().get_contents()[2]
    return content


def event(records: Sequence[bytes], source: str | None = None) -> FirehoseEvent:
    return read_event(raw_event(records, source))


def raw_event(records: Sequence[bytes], source: str | None = None) -> dict[str, Any]:
    metadata = {"shardId": "shardId-000000000000", "partitionKey": "device-7", "subsequenceNumber": 0}
    return {
        "invocationId": "call-1",
        "deliveryStreamArn": ARN,
        "region": "us-east-1",
        **({"sourceKinesisStreamArn": source} if source else {}),
        "records": [
            {
                "recordId": f"{number:056d}",
                "approximateArrivalTimestamp": RECEIVED_MS,
                "data": base64.b64encode(data).decode(),
                **({"kinesisRecordMetadata": metadata} if source else {}),
            }
            for number, data in enumerate(records)
        ],
    }


def run(
    records: Sequence[bytes], edge: Edge = EDGE, source: str | None = None, **settings: Any
) -> tuple[list[Answer], Counts]:
    """Transform records; the ids come back as they were given."""
    given = event(records, source)
    response, counts = transform_batch(given, Settings(**settings), edge)
    assert [answer["recordId"] for answer in response["records"]] == [
        each.record_id for each in given.records
    ]
    return response["records"], counts


def data_of(answer: Answer) -> bytes:
    return base64.b64decode(answer["data"])


def results(answers: Sequence[Answer]) -> list[str]:
    return [answer["result"] for answer in answers]


def length(answers: Sequence[Answer]) -> int:
    """Tell how long an answer is as Lambda writes it."""
    return len(json.dumps({"records": list(answers)}, ensure_ascii=False).encode())


class Memory:
    """A stream that keeps what it takes; `script` tells of each call what it does instead."""

    def __init__(self, *script: Callable[[Sequence[Piece]], list[Piece]]) -> None:
        self.most_records, self.most_bytes = 500, 4 * 1024 * 1024
        self.calls: list[list[Piece]] = []
        self.taken: list[Piece] = []
        self._script = list(script)

    def put(self, pieces: Sequence[Piece]) -> list[Piece]:
        self.calls.append(list(pieces))
        failed = self._script.pop(0)(pieces) if self._script else []
        self.taken += [piece for piece in pieces if piece not in failed]
        return failed


def edge(
    target: Target, remaining_ms: Callable[[], float] = lambda: 60_000, pauses: list[float] | None = None
) -> Edge:
    return Edge(lambda _: target, Time(remaining_ms, (pauses if pauses is not None else []).append))


def refusing() -> Target:
    raise AssertionError("nothing was to be sent back")


_extract = Extractor(FIELDS)


def judged(text: bytes) -> list[Any]:
    """Tell what the job device_readings makes of a text: rows with faults and the rest, or a fault and its bytes."""
    return [
        (framed.fault, framed.raw.rstrip(b" \t\r"))
        if framed.fault
        else _extract(framed.value)
        if isinstance(framed.value, dict)
        else framed.raw
        for framed in frame([text])
    ]


SOUND = Sound(message(), RECEIVED_MS)
_TIMES = (
    "2024-03-01T18:00:00+08:00",
    "2024-03-01t10:00:00.123456789z",
    "2024-02-30T10:00:00Z",
    "1999-01-01T00:00:00Z",
)
instants = st.one_of(
    st.sampled_from([json.dumps(text) for text in _TIMES]),
    st.integers(-1, 4_133_980_800_001).map(str),
    st.datetimes().map(lambda moment: f'"{moment.isoformat()}-05:30"'),
)
sound = st.builds(message, st.integers(1, 9), instants)
faulty = st.builds(
    lambda reason, number: break_message(reason, number, SOUND).data,
    st.sampled_from([reason for reason in REASONS if reason not in ("truncated_object", "record_too_large")]),
    st.integers(0, 40),
)
spaced = sound.map(lambda data: data.replace(b'"event_id"', b' "event\\u005fid" ').replace(b":", b": ", 1))
odd = st.sampled_from(
    [b"", b" ", b"Hello World", b"[1]", b"42", b"\xff\x00", b"\xef\xbb\xbf{}", b'{"a":NaN}', b"null\r"]
)
pieces = st.one_of(sound, sound, faulty, spaced, odd, st.binary(max_size=12))
texts = st.lists(st.tuples(pieces, st.sampled_from([b"\n", b"\r\n", b"", b" "])), max_size=6).map(
    lambda parts: b"".join(piece + end for piece, end in parts)
)
"""Texts of sound, faulty and odd messages, in lines or glued."""

records = st.one_of(
    texts,
    texts.map(gzip.compress),
    st.binary(max_size=60),
    st.lists(texts, min_size=1, max_size=3).map(aggregate),
)
"""Records: plain, gzip, any bytes, aggregates."""


def sample(shared_data: Path, name: str) -> Any:
    """Load an event as Lambda would; one of the samples is no JSON and stays text."""
    text = (shared_data / "aws_events" / name).read_text()
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
