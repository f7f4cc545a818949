import gzip
import itertools
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from chispa import assert_df_equality
from hypothesis import example, given
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    DoubleType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from jobs.common.files import Files
from jobs.common.readers import documents, portable
from jobs.common.readers.cloudtrail import event_of
from jobs.common.readers.columns import Extractor, Field
from jobs.common.readers.framing import MOST_FAULT_BYTES, Number
from jobs.common.readers.inputs import find_objects
from jobs.common.readers.members import decode
from jobs.common.readers.portable import Form, TaskCounts, message_schema, read
from tests.jobs.common.readers.framing_examples import values, written

FIELDS = (
    Field("id", "string", is_required=True),
    Field("at", "timestamp"),
    Field("lat", "double", ("location", "lat")),
)
MARK = b"\xef\xbb\xbf"


def messages(spark: SparkSession, root: Path, contents: Mapping[str, bytes]) -> tuple[Any, int]:
    """Read objects of these names and contents: the collected rows, and the count of messages read."""
    write(root / "in", contents)
    objects = find_objects(Files(spark), [], [f"{root}/in/{name}" for name in contents])
    frame, counts = read(spark, objects, FIELDS, f"{root}/aside")
    return sorted(frame.collect(), key=lambda row: (row.source_object, row.position)), counts.messages()


def write(folder: Path, contents: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)


def raws(rows: Any) -> dict[str, list[tuple[int, bytes, str]]]:
    by_name = itertools.groupby(rows, key=lambda row: row.source_object.rsplit("/", 1)[-1])
    return {
        name: [(row.position, bytes(row.raw), (row.faults or [""])[0]) for row in group]
        for name, group in by_name
    }


def test_messages_are_rows_of_the_declared_schema(spark: SparkSession, tmp_path: Path) -> None:
    raw = [b'{"id":"a","at":"2013-03-01T00:00:00.1234567+08:00","location":{"lat":1.5},"x":1.0}', b'{"id":7}',
           b"[1]", b"oops"]  # fmt: skip
    stored = gzip.compress(b"\n".join(raw))[:-8] + bytes(8)
    write(tmp_path, {"a": stored})
    frame, _ = read(spark, find_objects(Files(spark), [f"{tmp_path}/a"], []), FIELDS, f"{tmp_path}/aside")
    schema = StructType(
        [
            StructField("id", StringType()),
            StructField("at", TimestampType()),
            StructField("lat", DoubleType()),
            StructField("rescued", StringType()),
            StructField("source_object", StringType(), False),
            StructField("position", LongType(), False),
            StructField("raw", BinaryType(), False),
            StructField("faults", ArrayType(StringType(), False)),
        ]
    )
    source, places = f"file:{tmp_path}/a", [0, *itertools.accumulate(len(each) + 1 for each in raw)]
    at = datetime(2013, 2, 28, 16, 0, 0, 123456, UTC)
    expected = [
        ("a", at, 1.5, '{"x":1.0}', source, places[0], bytearray(raw[0]), None),
        (None, None, None, None, source, places[1], bytearray(raw[1]), ["bad_type_id"]),
        (None, None, None, None, source, places[2], bytearray(raw[2]), ["not_an_object"]),
        (None, None, None, None, source, places[3], bytearray(raw[3]), ["malformed_json"]),
        (None, None, None, None, source, places[4] - 1, bytearray(8), ["truncated_object"]),
    ]
    assert message_schema(FIELDS) == schema
    assert_df_equality(frame, spark.createDataFrame(expected, schema), ignore_nullable=True)


ODD = {
    "a b": b"1", "a%20b": b"2", "a%2520b": b"{}", "long a b": b'{"id":"3"}', "long a%20b": b'{"id":"4"}',
    "[1]": b'{"id":1}', "{x}": b'{"id":2}', "c,d": b'{"id":3}', "ü€😀": b'{"id":4}', "ü": b"5",
    "back\\slash": b'{"id":5}', "#?&+=;'\"": b'{"id":6}', "_hidden": b'{"id":7}', ".hidden": b'{"id":8}',
    "copy._COPYING_": b'{"id":9}', "_.gz._COPYING_": gzip.compress(b"[10]"), "_tiny": b"11",
    "_hidden.bz2": b'{"id":12}', "x=1": b'{"id":13}',
}  # fmt: skip


def test_whatever_its_name_an_object_is_read_once_under_its_own_name(
    spark: SparkSession, tmp_path: Path
) -> None:
    rows, count = messages(spark, tmp_path, ODD)
    text = {name: gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw for name, raw in ODD.items()}
    assert {row.source_object: bytes(row.raw) for row in rows} == {
        f"file:{tmp_path}/in/{name}": raw for name, raw in text.items()
    }
    assert count == len(rows) == len(ODD)


def test_content_alone_tells_what_is_compressed(spark: SparkSession, tmp_path: Path) -> None:
    endings = ("gz", "bz2", "zst", "snappy", "deflate", "lz4", "GZ", "json", "parquet")
    plain = {f"plain.{ending}": b'{"id":"%s"}\n' % ending.encode() for ending in endings}
    zipped = {f"zipped.{ending}": gzip.compress(b"[]" + plain[f"plain.{ending}"]) for ending in endings}
    rows, _ = messages(spark, tmp_path, {**plain, **zipped})
    found = raws(rows)
    for ending in endings:
        line = plain[f"plain.{ending}"].strip()
        assert found[f"plain.{ending}"] == [(0, line, "")]
        assert found[f"zipped.{ending}"] == [(0, b"[]", "not_an_object"), (2, line, "")]


def test_objects_of_few_bytes_and_of_none(spark: SparkSession, tmp_path: Path) -> None:
    contents = {
        "0": b"", "1": b"1", "1brace": b"}", "2": b"{}", "2magic": b"\x1f\x8b", "3": b"123", "3mark": MARK,
        "3braces": b"}}}",
        "4": b"1234", "4mark": MARK + b"}", "4mark1": MARK + b"1", "4braces": b"}}}}", "4magic": b"\x1f\x8b\x08\x00",
        "4blank": b" \n\r\n",
    }  # fmt: skip
    expected = {
        "0": [(0, b"", "truncated_object")],
        "1": [(0, b"1", "not_an_object")],
        "2": [(0, b"{}", "")],
        "2magic": [(0, b"", "truncated_object")],
        "3": [(0, b"123", "not_an_object")],
        "4": [(0, b"1234", "not_an_object")],
        "4magic": [(0, b"", "truncated_object")],
    }
    malformed = ("1brace", "3mark", "3braces", "4mark", "4mark1", "4braces")
    rows, count = messages(spark, tmp_path, contents)
    assert raws(rows) == {**expected, **{name: [(0, contents[name], "malformed_json")] for name in malformed}}
    assert count == 13


def test_no_objects_are_no_rows(spark: SparkSession, tmp_path: Path) -> None:
    frame, counts = read(spark, [], FIELDS, f"{tmp_path}/aside")
    assert (frame.collect(), counts.messages()) == ([], 0)


def test_an_object_is_whole_in_one_task_whatever_the_session_would_split(
    spark: SparkSession, tmp_path: Path
) -> None:
    settings_ = {"spark.sql.files.maxPartitionBytes": "1000", "spark.sql.files.openCostInBytes": "10"}
    before = {name: str(spark.conf.get(name)) for name in settings_}
    line = b'{"id":"a"}\n'
    try:
        for name, value in settings_.items():
            spark.conf.set(name, value)
        rows, count = messages(spark, tmp_path, {"a": line * 2_000, "b": line * 300, "c.gz": line * 10})
        assert {name: spark.conf.get(name) for name in settings_} == settings_
    finally:
        for name, value in before.items():
            spark.conf.set(name, value)
    assert (count, {row.faults is None for row in rows}) == (2_310, {True})
    assert [row.position for row in rows[:2_000]] == [len(line) * at for at in range(2_000)]


@pytest.mark.parametrize("content", [b'{"id":"a"}' * 50, b'{"id":"a"}' * 3], ids=["more", "less"])
def test_an_object_that_changes_between_listing_and_reading_stops_the_run(
    spark: SparkSession, tmp_path: Path, content: bytes
) -> None:
    write(tmp_path, {"a": b'{"id":"a"}' * 10})
    objects = find_objects(Files(spark), [f"{tmp_path}/a"], [])
    frame, _ = read(spark, objects, FIELDS, f"{tmp_path}/aside")
    (tmp_path / "a").write_bytes(content)
    assert objects[0].size == 100
    with pytest.raises(Exception, match=r"expected 100 bytes|not valid for reading|Cannot seek after EOF"):
        assert len(frame.collect()) == 10


def test_a_long_damage_is_cut_into_rows_that_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_FAULT_BYTES == 8 * 1024 * 1024
    monkeypatch.setattr(portable, "MOST_FAULT_BYTES", 4)
    stored = gzip.compress(b"1") + b"0123456789"
    rows = list(portable.messages_of("u", decode([stored]), Extractor(())))
    assert [(position, raw, faults) for *_, position, raw, faults in rows] == [
        (0, b"1", ["not_an_object"]),
        (1, b"0123", ["truncated_object"]),
        (5, b"4567", ["truncated_object"]),
        (9, b"89", ["truncated_object"]),
    ]


def test_rows_travel_in_batches_of_bounded_bytes() -> None:
    small, large = ((b"x" * size, None) for size in (10, 1_000_000))
    batches = list(portable._batches([small] * 5_000 + [large] * 3 + [small]))
    assert [row for batch in batches for row in batch] == [small] * 5_000 + [large] * 3 + [small]
    assert max(len(batch) for batch in batches) < 1_000
    assert max(sum(len(raw) for raw, _ in batch) for batch in batches) <= 256 * 1024 + 1_000_000
    assert list(portable._batches([])) == []


def test_a_task_that_runs_again_replaces_its_count(spark: SparkSession, tmp_path: Path) -> None:
    counts = TaskCounts()
    both = counts.addInPlace(counts.addInPlace(counts.zero({5: (1, 5)}), {0: (1, 3)}), {1: (2, 4)})
    assert both == {0: (1, 3), 1: (2, 4)}
    assert counts.addInPlace(both, {0: (1, 2)}) == {0: (1, 2), 1: (2, 4)}
    write(tmp_path, {"a": b"1 2 3", "b": b"{}{}{}{}"})
    frame, read_ = read(spark, find_objects(Files(spark), [str(tmp_path)], []), FIELDS, f"{tmp_path}/aside")
    assert (read_.objects(), read_.messages()) == (0, 0)
    assert frame.count() == frame.count() == 7
    assert (read_.objects(), read_.messages()) == (2, 7)


EVENTS = Form(documents.frame, event_of)
CUT = (
    b'{"Records":[{"eventVersion":"1","eventType":"t","id":"a"},\n[1],{"id":"b"},'
    b'{"detail":{"eventVersion":"1","eventType":"t","id":"c"},"x":2}'
)


def rows_of(stored: bytes) -> list[tuple[Any, ...]]:
    extract = Extractor([Field("id", "string")])
    rows = portable.messages_of("u", decode([stored]), extract, EVENTS)
    return [(id_, rescued, position, faults) for id_, rescued, _, position, _, faults in rows]


def test_messages_are_taken_out_of_what_they_travel_in_by_the_form_of_the_job() -> None:
    known = '"eventType":"t","eventVersion":"1"'
    assert rows_of(CUT + b"]}") == [
        ("a", f"{{{known}}}", 12, None),
        (None, None, 59, ["not_an_object"]),
        (None, None, 63, ["not_a_cloudtrail_event"]),
        ("c", f'{{"envelope":{{"x":2}},{known}}}', 74, None),
    ]


def test_an_array_that_is_cut_is_told_once_whether_or_not_its_compression_is_cut_too() -> None:
    cut = (None, None, len(CUT), ["truncated_object"])
    packed = zlib.compressobj(wbits=31)
    torn = packed.compress(CUT) + packed.flush(zlib.Z_SYNC_FLUSH)
    for stored in (CUT, gzip.compress(CUT), torn):
        assert rows_of(stored)[4:] == [cut]


def test_every_kind_of_field_has_a_column(spark: SparkSession, tmp_path: Path) -> None:
    fields = [Field("flag", "boolean"), Field("body", "json")]
    write(tmp_path, {"a": b'{"flag":true,"body":[1.0]}'})
    frame, _ = read(spark, find_objects(Files(spark), [f"{tmp_path}/a"], []), fields, f"{tmp_path}/aside")
    assert [field.simpleString() for field in message_schema(fields)][:2] == ["flag:boolean", "body:string"]
    assert [(found.flag, found.body) for found in frame.collect()] == [(True, "[1.0]")]


NAMES = ["id", "at", "n", "note", "place", "x"]
TYPED = (
    Field("id", "string", is_required=True),
    Field("at", "timestamp"),
    Field("n", "double"),
    Field("note", "json"),
    Field("lat", "double", ("place", "lat")),
)


@given(
    message=st.dictionaries(
        st.sampled_from(NAMES), values | st.dictionaries(st.sampled_from(["lat", "y"]), values), max_size=6
    )
)
@example(message={"x": Number("1.50"), "n": Number("1.50")})
@example(message={"note": [Number("1E5")], "n": Number("-0.0"), "place": {"lat": Number("1e400")}})
def test_a_line_that_is_parsed_at_once_gives_what_one_gives_that_is_taken_apart(
    message: dict[str, Any],
) -> None:
    line = written(message).encode("ascii", "backslashreplace")
    # A blank behind it, and the line is not taken at once.
    at_once, apart = (
        [(*row[:-3], row[-1]) for row in portable.messages_of("u", [line + end], Extractor(TYPED))]
        for end in (b"\n", b" \n")
    )
    assert [[(type(one), str(one)) for one in row] for row in at_once] == [
        [(type(one), str(one)) for one in row] for row in apart
    ]
