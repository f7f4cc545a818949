"""What the native engine makes of objects is, row by row, what the strict reader and the rules make of them."""

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs import cloudtrail_events, device_readings
from jobs.common.commit.staging import QUARANTINE_COLUMNS
from jobs.common.files import Entry
from jobs.common.kinds.messages import MessageJob
from jobs.common.native import lines, parquet, reading
from jobs.common.native.judging import Judge
from jobs.common.native.reading import Reading, ReadReport, read_objects
from jobs.common.quality import REASONS
from jobs.common.readers.columns import Extractor
from jobs.common.readers.dataset import Dataset
from jobs.common.readers.members import decode
from jobs.common.readers.portable import message_schema, messages_of
from tests.jobs.common.native.arrow import LOCAL, values, whole
from tests.jobs.common.native.test_judging import ODD
from tests.jobs.messages import message

READINGS, EVENTS = device_readings.JOB, cloudtrail_events.JOB
Found = tuple[int, list[Any], list[Any], dict[str, int]]


def dataset(job: MessageJob) -> Dataset:
    return Dataset(job.fields, job.rules, job.derived, job.form)


def natively(folder: Path, objects: list[bytes], job: MessageJob = READINGS) -> tuple[Found, ReadReport]:
    """Read objects as one task: messages, good rows, refused ones, and the first reasons."""
    entries = []
    for number, stored in enumerate(objects):
        path = folder / f"o{number}"
        path.write_bytes(stored)
        entries.append(Entry(str(path), len(stored), 0, None, is_folder=False))
    report = read_objects(Reading(LOCAL, dataset(job), job.table, str(folder), 1), entries)
    good: list[Any] = []
    for at, parts in report.parts.items():
        for rows in whole(LOCAL, [part.segment for part in parts]):
            good += values(rows)
            of_partition = {
                tuple(str(row[name]) for name in job.table.partition_by) for row in rows.to_pylist()
            }
            assert of_partition == {at}
    refused = [row for rows in whole(LOCAL, report.refused) for row in values(rows)]
    assert (report.objects, report.accepted) == (len(objects), len(good))
    return (report.messages, sorted(good, key=repr), sorted(refused, key=repr), dict(report.reasons)), report


def strictly(folder: Path, objects: list[bytes], job: MessageJob = READINGS) -> Found:
    """Read them by the strict reader and the rules alone."""
    extract, judge = Extractor(job.fields), Judge(job.rules, job.derived)
    schema = parquet.arrow_schema(message_schema(job.fields))
    found = [
        row
        for number, stored in enumerate(objects)
        for row in messages_of(str(folder / f"o{number}"), decode([stored]), extract, job.form)
    ]
    columns = zip(*found, strict=True) if found else [[] for _ in schema]
    rows = judge.judge(
        pa.table(
            [pa.array(column, one.type) for column, one in zip(columns, schema, strict=True)], schema=schema
        )
    ).to_pylist()
    good = [tuple(row[name] for name in job.table.schema.names) for row in rows if not row[REASONS]]
    refused = [tuple(row[name] for name in QUARANTINE_COLUMNS) for row in rows if row[REASONS]]
    reasons = Counter(row[REASONS][0] for row in rows if row[REASONS])
    return len(found), sorted(good, key=repr), sorted(refused, key=repr), dict(reasons)


odd = st.fixed_dictionaries({}, optional={name: st.sampled_from(choices) for name, choices in ODD.items()})
good = st.builds(message, st.sampled_from("ab"), st.sampled_from("123"), metrics=st.just({"pm10": 1.5}))
written = st.one_of(
    good.map(json.dumps),
    good.map(lambda one: json.dumps(one, separators=(",", ":"), ensure_ascii=False)),
    odd.map(lambda changes: json.dumps(message(**changes))),
    st.sampled_from(
        ['{"a":1,"a":2}', "[1]", "", " ", "\r", "nonsense", '{"device_id":"\\ud800"}', "{", "}", '"']
    ),
).map(str.encode)
bodies = st.lists(written | st.just(b"\xff{}"), max_size=7).map(b"\n".join)
ending = st.sampled_from([b"", b"\n", b"\r\n", b"\n\n", b"x"])
objects = st.lists(
    st.tuples(bodies, ending, st.booleans(), st.integers(0, 30)).map(
        lambda parts: (
            gzip.compress(parts[0] + parts[1], mtime=0)[: -parts[3] or None]
            if parts[2]
            else parts[0] + parts[1]
        )
    ),
    max_size=3,
)


@settings(max_examples=60)
@given(objects, st.sampled_from([1, 40, 300, lines.BLOCK_BYTES]))
def test_objects_are_read_as_the_strict_reader_reads_them(
    tmp_path_factory: pytest.TempPathFactory, stored: list[bytes], block_bytes: int
) -> None:
    folder = tmp_path_factory.mktemp("objects")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK_BYTES", block_bytes)
        patch.setattr(reading, "_BATCH_ROWS", 3)
        found, _ = natively(folder, stored)
    assert found == strictly(folder, stored)


def test_a_line_larger_than_a_block_is_read_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "BLOCK_BYTES", 200)
    glued = "".join(json.dumps(message("a", str(number))) for number in range(50))
    stored = [f"{json.dumps(message('b'))}\n{glued}\nbad\n{json.dumps(message('c'))}\n".encode()]
    found, _ = natively(tmp_path, stored)
    assert found == strictly(tmp_path, stored)
    assert (found[0], found[3]) == (53, {"malformed_json": 1})


def test_plain_lines_never_reach_the_strict_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = [
        b"".join(json.dumps(message("a", str(n), metrics={"pm10": n})).encode() + b"\n" for n in range(99))
    ]
    expected = strictly(tmp_path, stored)

    def refuse(*arguments: Any, **_: Any) -> Any:
        assert list(arguments[1]) == []
        return iter(())

    monkeypatch.setattr(reading, "messages_of", refuse)
    found, report = natively(tmp_path, stored)
    assert found == expected
    assert len(found[1]) == 99
    assert 0 < report.bytes_per_row < 1000


def test_events_are_taken_out_of_what_they_travel_in(tmp_path: Path) -> None:
    event = {
        "eventVersion": "1",
        "eventSource": "s3",
        "eventName": "Get",
        "eventID": "1",
        "readOnly": True,
        "eventTime": "2024-02-29T05:00:00Z",
        "awsRegion": "eu-west-1",
        "requestParameters": {"b": [1, 2.50]},
    }
    records = [
        event,
        {**event, "eventID": "2", "awsRegion": "us-east-1", "new": 1},
        {**event, "awsRegion": "NO"},
    ]
    stored = [
        gzip.compress(json.dumps({"Records": records}).encode(), mtime=0),
        json.dumps({"detail": event, "id": "x", "extra": 1}).encode(),
        b'{"Records":[' + json.dumps(event).encode() + b",nonsense",
    ]
    found, report = natively(tmp_path, stored, EVENTS)
    assert found == strictly(tmp_path, stored, EVENTS)
    assert set(report.parts) == {("2024-02-29", "eu-west-1"), ("2024-02-29", "us-east-1")}
    assert (
        found[3] == {"out_of_range_awsRegion": 1, "malformed_json": 1, "truncated_object": 1}
        or len(found[3]) > 1
    )


def test_many_refused_messages_are_put_away_in_bounded_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_MOST_REFUSED_BYTES", 500)
    monkeypatch.setattr(reading, "_BATCH_ROWS", 10)
    found, report = natively(tmp_path, [b"bad bytes\n" * 100])
    assert found == strictly(tmp_path, [b"bad bytes\n" * 100])
    assert len(report.refused) > 3


def test_no_objects_make_an_empty_report(tmp_path: Path) -> None:
    found, report = natively(tmp_path, [])
    assert found == (0, [], [], {})
    assert (report.parts, report.bytes_per_row, list(tmp_path.iterdir())) == ({}, 0.0, [])
