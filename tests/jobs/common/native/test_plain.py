"""Lines are taken by DuckDB only where the strict reader takes each of them to the same values."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jobs.common.native import engine
from jobs.common.native.plain import MOST_LINE_BYTES, PlainLines
from jobs.common.readers import framing
from jobs.common.readers.columns import Extractor, Field
from jobs.common.readers.portable import messages_of

FIELDS = (
    Field("id", "string", is_required=True),
    Field("at", "timestamp"),
    Field("n", "double"),
    Field("lat", "double", ("place", "lat")),
    Field("town", "string", ("place", "town")),
)
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - as Arrow gives instants without a zone
GOOD = '{"id":"a","at":"2024-02-29T05:00:00Z","n":1.5,"place":{"lat":-0.0,"town":"x"}}'
LINES = PlainLines(FIELDS)


def strict(line: bytes) -> list[Any] | None:
    """Return the values of a line that is one message without a fault and with nothing unknown."""
    rows = list(messages_of("u", [line], Extractor(FIELDS)))
    if len(rows) != 1 or rows[0][-1] or rows[0][len(FIELDS)] is not None:
        return None
    return list(rows[0][: len(FIELDS)])


def plain(data: bytes) -> list[list[Any] | None]:
    parsed = LINES.parse(data if data.endswith(b"\n") else data + b"\n")
    rows = parsed.columns.to_pylist()
    found: list[list[Any] | None] = []
    for row, is_plain in zip(rows, parsed.is_plain, strict=True):
        values = list(row.values())
        if values[1] is not None:
            values[1] = (values[1] - EPOCH) // timedelta(microseconds=1)
        found.append(values if is_plain else None)
    return found


def assert_sound(lines: list[bytes]) -> None:
    data = b"".join(line + b"\n" for line in lines)
    for line, found in zip(lines, plain(data), strict=True):
        if found is not None:
            expected = strict(line + b"\n")
            assert found == expected, line
            assert [str(value) for value in found] == [str(value) for value in expected or ()], line


def test_a_plain_line_is_taken() -> None:
    micros = (datetime(2024, 2, 29, 5, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        microseconds=1
    )
    assert plain(GOOD.encode()) == [["a", micros, 1.5, 0.0, "x"]]
    assert str(plain(GOOD.encode())[0]) == str(["a", micros, 1.5, 0.0, "x"])


@pytest.mark.parametrize(
    "line",
    [
        GOOD + "\r",
        f"  {GOOD}",
        GOOD.replace(":", " : ").replace(" : 00 : 00Z", ":00:00Z"),
        GOOD.replace(",", " , "),
        '{"id":"é😀"}',
        '{"id":"a:,{}[]"}',
        '{"id":"a","at":1709182800000}',
        '{"id":"a","n":-1e-7,"place":{"town":""}}',
    ],
)
def test_what_is_well_written_is_taken_however_it_is_laid_out(line: str) -> None:
    assert plain(line.encode()) == [strict(line.encode())]


@pytest.mark.parametrize(
    "line",
    [
        GOOD.replace('"n":1.5', '"n":"1.5"'),
        GOOD.replace('"n":1.5', '"n":true'),
        GOOD.replace('"n":1.5', '"n":false'),
        GOOD.replace('"n":1.5', '"n": false '),
        GOOD.replace('"n":1.5', '"n":NaN'),
        GOOD.replace('"n":1.5', '"n":1e400'),
        GOOD.replace('"n":1.5', '"n":null'),
        GOOD.replace('"n":1.5', '"n":1.5,"n":1.5'),
        GOOD.replace('"n":1.5', '"n" :1.5,"n":1.5'),
        GOOD.replace('"id":"a"', '"id":5,"x" :1'),
        GOOD.replace('"id":"a"', '"id":":a","id" :"b"'),
        GOOD.replace('"id":"a"', '"id":true'),
        GOOD.replace('"id":"a"', r'"id":"\u0061"'),
        GOOD.replace('"id"', '"ID"'),
        GOOD.replace('"x"}}', '"x",}}'),
        GOOD.replace('"x"}}', '"x", }}'),
        GOOD.replace("}}", "},}"),
        GOOD.replace('{"lat"', '[{"lat"'),
        GOOD + GOOD,
        GOOD + "x",
        GOOD[:-1],
        "",
        "{}",
        "[]",
        '{"id":""}',
        '{"id":"a","place":{}}',
        '{"id":"a","place":5}',
        "5",
        '"id"',
        f'{{"id":"{"a" * MOST_LINE_BYTES}"}}',
    ],
)
def test_what_is_not_plain_is_left(line: str) -> None:
    assert plain(f"{GOOD}\n{line}\n{GOOD}\n".encode())[1] is None
    # Its neighbours are not.
    assert plain(f"{GOOD}\n{line}\n{GOOD}\n".encode())[::2] == plain(f"{GOOD}\n{GOOD}\n".encode())


@pytest.mark.parametrize("raw", [b"\xff", b"\xed\xa0\x80", b"\xc0\xaf", b"\x00", b"\x01", b"\xef\xbb\xbf"])
def test_bytes_that_are_no_text_are_left(raw: bytes) -> None:
    assert plain(b'{"id":"a' + raw + b'"}')[0] in (None, strict(b'{"id":"a' + raw + b'"}'))
    assert plain(raw + GOOD.encode()) == [None]


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        # Malformed, and nothing in its bytes says so.
        *(
            (f'{{"id":"{text}" 5}}', [False, True, True, True, True, False, True, True])
            for text in ("a", "é" * 100, "a" + "é" * 100)
        ),
        (GOOD, [False] * 8),
        *((GOOD[: GOOD.index(end)], [False] * 8) for end in ('"}}', ',"place', "Z")),
        *((GOOD[GOOD.index(start) :], [False] * 8) for start in ('"id', ":", "a")),
        (GOOD.replace(",", ",,", 1), [False] * 8),
        (GOOD + GOOD, [False] * 8),
    ],
)
def test_lines_are_asked_for_one_by_one_only_where_blocks_are_malformed(
    line: str, asked: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    queries = []

    def noting(rows: Any, what: str) -> Any:
        queries.append("json_valid" in what)
        return engine.select(rows, what)

    monkeypatch.setattr("jobs.common.native.plain.select", noting)
    lines, data = PlainLines(FIELDS), f"{GOOD}\n{line}\n{GOOD}\n".encode()
    while len(queries) < len(asked):
        assert lines.parse(data).is_plain.tolist() == [True, line == GOOD, True]
    assert queries == asked


names = st.sampled_from(["id", "at", "n", "place", "lat", "town", "ID", "x", "é", ""])
scalars = st.sampled_from(
    ['"a"', '""', '"true"', '":"', '",}"', '"}{"', '",,"', '"use"', '"se,"', f'"{"é" * 40}"', '"2024-02-29T05:00:00Z"',
     '"2024-02-29T05:00:00.5+08:00"', "1709182800000", "1", "-0", "1.5", "1e3", "1E400",
     "123456789012345678901234567890", "true", "false", "null", "NaN", "-Infinity", "[]", "[1,]", "{}", '"é"',
     r'"\n"', r'"\ud800"', "01", "+1", ".5", "1."]
)  # fmt: skip
blanks = st.sampled_from(["", "", "", " ", "\t", "\r", "\v"])


@st.composite
def objects(draw: st.DrawFn, depth: int = 2) -> str:
    members = []
    for _ in range(draw(st.integers(0, 5))):
        value = draw(objects(depth - 1)) if depth and draw(st.booleans()) else draw(scalars)
        members.append(f'{draw(blanks)}"{draw(names)}"{draw(blanks)}:{draw(blanks)}{value}{draw(blanks)}')
    # Cut off, glued, with a comma or a brace too many, or one too few.
    joint = draw(st.sampled_from([",", ",", ",", ",", ",,", " ", " ,"]))
    return (
        "{" + joint.join(members) + draw(st.sampled_from(["}", "}", "}", ",}", "", "}}", "} ", "}{}", "}5"]))
    )


@given(
    st.lists(
        objects().map(str.encode) | st.binary(max_size=12).filter(lambda raw: b"\n" not in raw),
        min_size=1,
        max_size=8,
    )
)
@example([b'{"id" :":x"}', b'{"id":"a","id" :":"}'])
def test_what_is_taken_is_what_the_strict_reader_takes(lines: list[bytes]) -> None:
    assert_sound(lines)


def test_every_small_message_of_tricky_parts_is_taken_right_or_left() -> None:
    parts = [
        '"id":"a"',
        '"id":5',
        '"id" :":"',
        '"n":1',
        '"n":"1"',
        '"n":true',
        '"x":1',
        '"x" :"n"',
        '"place":{"lat":1}',
        '"place":1',
    ]
    lines = [
        ("{" + ",".join(some) + "}").encode()
        for count in range(5)
        for some in itertools.product(parts, repeat=count)
    ]
    assert_sound(lines)


def test_no_plain_line_is_too_large_for_the_strict_reader() -> None:
    assert min(framing.MOST_VALUE_BYTES, framing.MOST_FAULT_BYTES) >= MOST_LINE_BYTES


def test_columns_have_the_fields_names_and_lines_their_places() -> None:
    parsed = LINES.parse(b"{}\n\n" + GOOD.encode() + b"\n")
    assert parsed.columns.column_names == [field.column for field in FIELDS]
    assert parsed.offsets.tolist() == [0, 3, 4, 5 + len(GOOD)]


def test_names_are_taken_literally() -> None:
    fields = (Field("a b", "double", ('x"y', "it's")), Field("c", "string"))
    line = json.dumps({'x"y': {"it's": 2}}) + "\n"
    # A backslash is not plain; without one, a name with a quote cannot be there.
    assert not PlainLines(fields).parse(line.encode()).is_plain[0]
    assert PlainLines((Field("a b", "double", ("it's",)),)).parse(b'{"it\'s":2}\n').columns.to_pylist() == [
        {"a b": 2.0}
    ]
