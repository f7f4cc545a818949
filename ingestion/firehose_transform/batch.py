"""One event to its answer: read, fit, send back what does not fit, count.

Every recordId comes once, in the event's order. A record is Dropped where it holds nothing but heartbeats or blanks, or
after each of its messages was acknowledged by the stream; it is ProcessingFailed, with its original data, where it
cannot be opened or cannot be sent back. Where only some of its pieces were taken, the others are written here if they
fit, so that nothing comes twice; else it fails as a whole, and its replay brings the taken ones again, under the same
`event_id`.
"""

import binascii
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ingestion.firehose_transform.errors import PutRefusedError
from ingestion.firehose_transform.events import Answer, FirehoseEvent, Response
from ingestion.firehose_transform.fitting import Fit, Size, answer_bytes, base64_bytes, fit, surely_fit
from ingestion.firehose_transform.partitions import keys_of
from ingestion.firehose_transform.records import Reading, read_record
from ingestion.firehose_transform.sending_back import Piece, Target, Time, cut, put_all
from ingestion.firehose_transform.settings import Settings
from ingestion.firehose_transform.streams.registry import choose_stream
from ingestion.firehose_transform.streams.stream import Stream

MOST_FAULTS: Final = 10
"""So many faults are told of a batch, the most frequent ones: a line of the log has its limit."""


@dataclass(frozen=True)
class Edge:
    """What the transform needs of the world: the stream an event came from, reached if need be, and time."""

    connect: Callable[[FirehoseEvent], Target]
    time: Time


@dataclass(frozen=True)
class Counts:
    """What became of a batch.

    `received` records are `ok`, `dropped` or `failed`; the `messages` found in those that opened are `written`,
    `heartbeats`, `sent_back`, or `kept` with a record that failed. `mixed` records hold messages of several partitions;
    `faults` are the most frequent of the records that failed.
    """

    received: int
    ok: int
    dropped: int
    failed: int
    messages: int
    written: int
    heartbeats: int
    sent_back: int
    kept: int
    mixed: int
    faults: dict[str, int]


def transform_batch(event: FirehoseEvent, settings: Settings, edge: Edge) -> tuple[Response, Counts]:
    """Answer an event, and tell what became of its records and messages.

    Raises:
        SettingsError: no stream's function is known for the delivery stream.
    """
    stream = choose_stream(settings.stream, event.delivery_stream or event.delivery_stream_arn)
    readings = [read_record(source, stream) for source in event.records]
    found = sum(len(reading.messages) for reading in readings)
    if settings.partition_keys:
        _set_keys(readings, stream, settings.partition_keys)
    originals_fit = True
    if not _surely_fit(readings, settings.most_response_bytes):
        sizes = [_size(reading) for reading in readings]
        fitted = fit(sizes, settings.most_response_bytes)
        originals_fit = fitted.originals_fit
        if pieces := _pieces(readings, fitted):
            left, why = _put(pieces, event, edge)
            _settle(readings, fitted.rooms, left, why)
    answers = [_answer(reading, originals_fit=originals_fit) for reading in readings]
    return {"records": answers}, _count(readings, answers, found)


def _set_keys(readings: list[Reading], stream: Stream, names: Sequence[str]) -> None:
    for reading in readings:
        if reading.messages:
            arrival = reading.source.approximate_arrival_timestamp
            reading.keys, reading.is_mixed = keys_of(reading.messages, arrival, stream, names)


def _surely_fit(readings: list[Reading], most_bytes: int) -> bool:
    data = sum(max(reading.data_bytes, len(reading.source.data)) for reading in readings)
    ids = sum(len(reading.source.record_id) for reading in readings)
    return surely_fit(len(readings), data, ids, most_bytes)


def _size(reading: Reading) -> Size:
    source = reading.source
    failed = answer_bytes(source.record_id, len(source.data))
    empty = answer_bytes(source.record_id, 0)
    written = failed if reading.fault else _written_bytes(reading)
    return Size(written, failed, empty, reading.is_marked)


def _written_bytes(reading: Reading) -> int:
    return answer_bytes(reading.source.record_id, base64_bytes(reading.data_bytes), reading.keys)


def _pieces(readings: list[Reading], fitted: Fit) -> list[Piece]:
    """Cut up what does not fit; what cannot be sent back has a fault from here on."""
    pieces: list[Piece] = []
    for place in fitted.rooms:
        reading = readings[place]
        if reading.fault:
            continue
        cut_up = cut(place, reading.messages, reading.source.partition_key)
        if reading.is_marked:
            reading.fault = "it was sent back before and does not fit into the answer"
        elif cut_up is None:
            reading.fault = "a message too long for a record, in a batch too long for the answer"
        else:
            pieces += cut_up
    return pieces


def _put(pieces: list[Piece], event: FirehoseEvent, edge: Edge) -> tuple[list[Piece], str]:
    try:
        return put_all(pieces, edge.connect(event), edge.time)
    except PutRefusedError as error:
        return pieces, str(error)


def _settle(readings: list[Reading], rooms: Mapping[int, int], left: Iterable[Piece], why: str) -> None:
    """Take what was acknowledged off the records it came with; fail those whose rest does not fit."""
    waiting: dict[int, list[bytes]] = {}
    for piece in left:
        waiting.setdefault(piece.place, []).extend(piece.messages)
    for place, room in rooms.items():
        reading = readings[place]
        if reading.fault:
            continue
        rest = waiting.get(place, [])
        reading.sent_back = len(reading.messages) - len(rest)
        reading.messages = rest
        if rest and _written_bytes(reading) > room:
            reading.fault = f"it does not fit into the answer, and {why}"


def _answer(reading: Reading, *, originals_fit: bool) -> Answer:
    source = reading.source
    if reading.fault:
        data = source.data if originals_fit else ""
        return {"recordId": source.record_id, "result": "ProcessingFailed", "data": data}
    if not reading.messages:
        return {"recordId": source.record_id, "result": "Dropped", "data": ""}
    lines = b"\n".join(reading.messages) + b"\n"
    data = binascii.b2a_base64(lines, newline=False).decode("ascii")
    answer: Answer = {"recordId": source.record_id, "result": "Ok", "data": data}
    if reading.keys:
        answer["metadata"] = {"partitionKeys": reading.keys}
    return answer


def _count(readings: list[Reading], answers: list[Answer], found: int) -> Counts:
    results = Counter(answer["result"] for answer in answers)
    heartbeats = sum(reading.heartbeats for reading in readings)
    return Counts(
        received=len(readings),
        ok=results["Ok"],
        dropped=results["Dropped"],
        failed=results["ProcessingFailed"],
        messages=heartbeats + found,
        written=sum(len(reading.messages) for reading in readings if not reading.fault),
        heartbeats=heartbeats,
        sent_back=sum(reading.sent_back for reading in readings),
        kept=sum(len(reading.messages) for reading in readings if reading.fault),
        mixed=sum(reading.is_mixed for reading in readings),
        faults=dict(Counter(reading.fault for reading in readings if reading.fault).most_common(MOST_FAULTS)),
    )
