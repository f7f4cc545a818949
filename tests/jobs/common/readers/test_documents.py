import json
import re
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jobs.common.readers import framing
from jobs.common.readers.documents import OUTSIDE_RECORDS, frame
from jobs.common.readers.framing import BAD_ENCODING, MALFORMED_JSON, RECORD_TOO_LARGE, TRUNCATED_OBJECT
from tests.jobs.common.readers.framing_examples import MIB, ROOMY, TIGHT, hostile, limited, values, written

STRUCTURE = re.compile(rb'(?:[ \t\r\n{}\[\],:]|"Records"|"\\u0052ecords")*')
Verdicts = list[tuple[bytes, str | None]]


def verdicts(data: bytes) -> Verdicts:
    return [(found.raw, found.fault) for found in frame([data])]


def chunked(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    at = 0
    for size in cycle([*sizes, 1]):
        if at >= len(data):
            return
        yield data[at : at + size]
        at += size


@pytest.mark.parametrize(
    ("data", "places"),
    [
        (b"", []),
        (b" \r\n\t\n", []),
        (b'{"a":1}', [(0, b'{"a":1}')]),
        (b'{\n  "a": [\n    1\n  ]\n}\n', [(0, b'{\n  "a": [\n    1\n  ]\n}')]),
        (b'{"a":1}\n{"b":2}\r\n\n{"c":3}', [(0, b'{"a":1}'), (8, b'{"b":2}'), (18, b'{"c":3}')]),
        (b'{"a":1}{"b":2} {"c":\n3}', [(0, b'{"a":1}'), (7, b'{"b":2}'), (15, b'{"c":\n3}')]),
        (b'1 "a"[2]\nnull\n', [(0, b"1"), (2, b'"a"'), (5, b"[2]"), (9, b"null")]),
        ('{"é":1}{"😀":2}'.encode(), [(0, '{"é":1}'.encode()), (8, '{"😀":2}'.encode())]),
        (b'{"Records":[]}', []),
        (b' {\n"Records" :\t[ ] \n} ', []),
        (b'{"Records":[{"a":1}]}', [(12, b'{"a":1}')]),
        (b'{"Records":[{"a":1},{"b":2}]}', [(12, b'{"a":1}'), (20, b'{"b":2}')]),
        (b'{\r\n"Records": [\n  {"a":\n1} ,\n  2\n]\n}\n', [(18, b'{"a":\n1}'), (31, b"2")]),
        (b'{"Records":[1,"x",[2],null]}', [(12, b"1"), (14, b'"x"'), (18, b"[2]"), (22, b"null")]),
        (b'{"Records":[1]}{"Records":[2]}\n{"Records":[3]}', [(12, b"1"), (27, b"2"), (43, b"3")]),
        (b'{"Records":[1]}{"a":1}\n{"Records":[]}2', [(12, b"1"), (15, b'{"a":1}'), (37, b"2")]),
        (b'{"Records":[{"Records":[1]}]}', [(12, b'{"Records":[1]}')]),
        (b'{"Records":{"a":[1]}}', [(0, b'{"Records":{"a":[1]}}')]),
        (b'{"records":[1]}', [(0, b'{"records":[1]}')]),
        (b'[{"Records":[1]}]', [(0, b'[{"Records":[1]}]')]),
        (b'{"\\u0052ecords":[1]}', [(17, b"1")]),
        ('{"Records":["é","€"]}{"a":1}'.encode(), [(12, '"é"'.encode()), (17, '"€"'.encode()), (24, b'{"a":1}')]),
    ],
)  # fmt: skip
def test_documents_and_records_are_taken_apart_with_their_places(
    data: bytes, places: list[tuple[int, bytes]]
) -> None:
    found = list(frame([data]))
    assert [(each.position, each.raw, each.fault) for each in found] == [(*place, None) for place in places]
    assert [each.value for each in found] == [json.loads(raw, parse_int=str) for _, raw in places]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"Records":[1],"x":2}', [(b"1", None), (b'"x":2', OUTSIDE_RECORDS)]),
        (
            b'{"Records":[1], "x" : [2,\n3] ,"y":{}\n} {"a":1}',
            [(b"1", None), (b'"x" : [2,\n3]', OUTSIDE_RECORDS), (b'"y":{}', OUTSIDE_RECORDS), (b'{"a":1}', None)],
        ),
        (b'{"x":1,"Records":[2]}', [(b'"x":1', OUTSIDE_RECORDS), (b"2", None)]),
        (
            '{ "x":"é","y": [{}] , "Records" : [2 ,3],"z":4}{"Records":[5]}'.encode(),
            [('"x":"é","y": [{}]'.encode(), OUTSIDE_RECORDS), (b"2", None), (b"3", None),
             (b'"z":4', OUTSIDE_RECORDS), (b"5", None)],
        ),
        (b'{"Records":[1],"Records":[2]}', [(b"1", None), (b'"Records":[2]', OUTSIDE_RECORDS)]),
        (
            b'{"Records":1,"Records":[2]}',
            [(b'"Records":1', OUTSIDE_RECORDS), (b"2", None)],
        ),
    ],
)  # fmt: skip
def test_members_beside_the_records_are_refused_and_the_records_stay(data: bytes, expected: Verdicts) -> None:
    assert verdicts(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"a":1}xyz\n{"b":2}', [(b'{"a":1}', None), (b"xyz", MALFORMED_JSON), (b'{"b":2}', None)]),
        (b'{"a":1\n{"b":2}', [(b'{"a":1', MALFORMED_JSON), (b'{"b":2}', None)]),
        (b'{"a":\n{"b":2}\n{"c":3}', [(b'{"a":', MALFORMED_JSON), (b'{"b":2}', None), (b'{"c":3}', None)]),
        (b'{"a":"x\r\n{"b":2}', [(b'{"a":"x', MALFORMED_JSON), (b'{"b":2}', None)]),
        (b'oops \n  {"a":1} \n\n', [(b'oops \n  {"a":1}', MALFORMED_JSON)]),
        (b"truefalse", [(b"truefalse", MALFORMED_JSON)]),
        (b"1,2", [(b"1,2", MALFORMED_JSON)]),
        (b"[NaN]\n{}", [(b"[NaN]", MALFORMED_JSON), (b"{}", None)]),
        (b'{\n  "a": 1,\n  "b"\n}\n{"c":3}', [(b'{\n  "a": 1,\n  "b"\n}', MALFORMED_JSON), (b'{"c":3}', None)]),
        (b"\xef\xbb\xbf{}\n{}", [(b"\xef\xbb\xbf{}", MALFORMED_JSON), (b"{}", None)]),
        (b'{"a":"\xff"} {}\n{}', [(b'{"a":"\xff"} {}', BAD_ENCODING), (b"{}", None)]),
        (b"{} \xff\n{}", [(b"{}", None), (b"\xff", BAD_ENCODING), (b"{}", None)]),
        (b"12\xe2\x82", [(b"12\xe2\x82", BAD_ENCODING)]),
        (
            b'{"Records":[{"a":1},{"b":},{"c":3}]}\n{"d":4}',
            [(b'{"a":1}', None), (b'{"b":},{"c":3}]}', MALFORMED_JSON), (b'{"d":4}', None)],
        ),
        (b'{"Records":[{"a":1}{"b":2}]}', [(b'{"a":1}', None), (b'{"b":2}]}', MALFORMED_JSON)]),
        (b'{"Records":[1,]}\n{}', [(b"1", None), (b"]}", MALFORMED_JSON), (b"{}", None)]),
        (b'{"Records":[,1]}', [(b",1]}", MALFORMED_JSON)]),
        (b'{"Records":[1]]', [(b"1", None), (b"]", MALFORMED_JSON)]),
        (b'{"Records":[1],}', [(b"1", None), (b"}", MALFORMED_JSON)]),
        (b'{"Records":[1],"x"}', [(b"1", None), (b'"x"}', MALFORMED_JSON)]),
        (b'{"Records":[1],"x" 2}', [(b"1", None), (b'"x" 2}', MALFORMED_JSON)]),
        (b'{"Records":[1],2}', [(b"1", None), (b"2}", MALFORMED_JSON)]),
        (b'{"Records":[1,\xff]}\n{}', [(b"1", None), (b"\xff]}", BAD_ENCODING), (b"{}", None)]),
        (b'{"Records":[1\xff', [(b"1\xff", BAD_ENCODING)]),
        (
            b'{"Records":[\n{"a":1},\nwrong,\n{"b":2},\n{"c":3}\n]}',
            [(b'{"a":1}', None), (b"wrong,", MALFORMED_JSON), (b'{"b":2}', None), (b",", MALFORMED_JSON),
             (b'{"c":3}', None), (b"]}", MALFORMED_JSON)],
        ),
    ],
)  # fmt: skip
def test_what_does_not_parse_takes_all_up_to_the_next_line_that_begins_a_document(
    data: bytes, expected: Verdicts
) -> None:
    assert verdicts(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"Records":[', [(b"", TRUNCATED_OBJECT)]),
        (b'{"Records":[1', [(b"1", None), (b"", TRUNCATED_OBJECT)]),
        (b'{"Records":[{"a":1}', [(b'{"a":1}', None), (b"", TRUNCATED_OBJECT)]),
        (b'{"Records":[{"a":1}, \n', [(b'{"a":1}', None), (b"", TRUNCATED_OBJECT)]),
        (b'{"Records":[{"a":1}]', [(b'{"a":1}', None), (b"", TRUNCATED_OBJECT)]),
        (b'{"Records":[{"a":1}],', [(b'{"a":1}', None), (b"", TRUNCATED_OBJECT)]),
        (b'{"Records":[{"a":1},{"b', [(b'{"a":1}', None), (b'{"b', MALFORMED_JSON)]),
        (b'{"Records":', [(b'{"Records":', MALFORMED_JSON)]),
        (b'{"x":1,"Records":[2', [(b'{"x":1,"Records":[2', MALFORMED_JSON)]),
    ],
)
def test_of_a_truncated_array_the_whole_records_stay_and_the_cut_is_told(
    data: bytes, expected: Verdicts
) -> None:
    assert verdicts(data) == expected


def test_the_place_of_a_cut_is_the_end_of_the_object() -> None:
    assert list(frame([b'{"Records":[1 \n'])) == [
        framing.Framed(12, b"1", "1", None),
        framing.Framed(15, b"", None, TRUNCATED_OBJECT),
    ]


@pytest.mark.parametrize(
    ("record", "fault"),
    [
        (b'{"a":1,"a":2}', MALFORMED_JSON),
        (b'{"a":"\\ud800"}', BAD_ENCODING),
        (b'{"a":' * 256 + b"[\n" * 256 + b"]" * 256 + b"}" * 256, None),
        (b"[\n" * 513 + b"]" * 513, MALFORMED_JSON),
        (b"[\n" * 100_000 + b"\n]" * 100_000, MALFORMED_JSON),
        (b'"' + b"x" * (MIB - 2) + b'"', None),
        (b'"' + b"x" * (MIB - 1) + b'"', RECORD_TOO_LARGE),
        (b'"' + b"x" * (5 * MIB) + b'"', RECORD_TOO_LARGE),
    ],
    ids=["a name twice", "a lone surrogate", "512 levels", "513 levels", "100,000 levels", "1 MiB", "more", "5 MiB"],
)  # fmt: skip
def test_a_record_that_is_refused_for_what_it_holds_is_refused_alone(record: bytes, fault: str) -> None:
    for form, around in ((b'{"Records":[1,%b,2]}3', b"123"), (b"1 %b\n2 3", b"123")):
        data = form % record
        assert verdicts(data) == [
            (around[:1], None),
            (record, fault),
            (around[1:2], None),
            (around[2:], None),
        ]
        assert list(frame(chunked(data, [7, 100_000]))) == list(frame([data]))


def test_a_document_larger_than_a_fault_is_cut_into_rows_that_follow_each_other() -> None:
    large = b'{"a":"' + b"x" * 100 + b'"}'
    cuts = [(large[start : start + 48], RECORD_TOO_LARGE) for start in range(0, len(large), 48)]
    with limited(TIGHT):
        assert verdicts(large + b"\n{}") == [*cuts, (b"{}", None)]
        assert verdicts(b'{"Records":[1,' + large) == [(b"1", None), *cuts]
        for size in (46, 47, 48, 49):
            wrong = b"?" * size
            cuts = [(cut, MALFORMED_JSON) for cut in (wrong[:48], wrong[48:]) if cut]
            assert verdicts(wrong + b"\n{}") == [*cuts, (b"{}", None)]


formats = st.sampled_from(["lines", "glued", "records", "pretty", "pretty records", "apart"])


@given(documents=st.lists(st.tuples(formats, st.lists(values, max_size=3)), max_size=4))
@pytest.mark.parametrize("limits", [ROOMY, TIGHT], ids=["roomy", "tight"])
def test_framing_gives_back_what_was_written_in_any_form(
    limits: tuple[int, int, int], documents: list[tuple[str, list[Any]]]
) -> None:
    if any(len(in_form(form, [one]).encode()) > limits[0] for form, content in documents for one in content):
        return
    text = "".join(in_form(form, content) for form, content in documents)
    with limited(limits):
        found = list(frame([text.encode()]))
    assert [each.value for each in found] == [held(one) for _, content in documents for one in content]
    assert {each.fault for each in found} <= {None}


def held(value: Any) -> Any:
    return {"v": value}


def in_form(form: str, content: list[Any]) -> str:
    texts = [written(held(one)) for one in content]
    if form == "lines":
        return "".join(f"{text}\r\n" for text in texts)
    if form == "glued":
        return "".join(texts)
    if form == "records":
        return '{"Records":[' + ",".join(texts) + "]}"
    if form == "apart":
        return "".join(f"\n \t{text} \n\n" for text in texts)
    spread = [text.replace("{", "{\n ", 1) for text in texts]
    if form == "pretty":
        return "".join(f"{text}\n" for text in spread)
    return '{\n "Records" : [\n' + " ,\n".join(spread) + "\n]\n}\n"


marked = st.lists(
    st.sampled_from([b'{"Records":[', b'{"x":1,"Records":[', b'{"Records"', b":[", b"]}", b'],"x":', b",", b"\n{",
                     b"\n", b'{"a":1}', b'"', b"{", b"}",
                     b"\xff", b"\xe2\x82", "é€😀".encode(), b"7" * 20, b"nul", b"NaN",
                     b'"' + b"y" * 44 + b'"', b"[" * 9, b"]" * 9, b" ", b"\\", b":", b"true"]),
    max_size=24,
).map(b"".join)  # fmt: skip


@given(data=marked | hostile | st.binary(max_size=80), sizes=st.lists(st.integers(1, 60), max_size=6))
@example(data=b"[NaN\xff", sizes=[2])
@example(data=b"          [NaN\xff", sizes=[10])
@example(data=b'{"Records":[1],"x":2}', sizes=[16])
@example(data=b'{"Records":[1,true]}', sizes=[16])
@pytest.mark.parametrize("limits", [ROOMY, TIGHT], ids=["roomy", "tight"])
def test_chunks_do_not_matter_and_nothing_is_lost(
    limits: tuple[int, int, int], data: bytes, sizes: list[int]
) -> None:
    with limited(limits):
        whole = list(frame([data]))
        assert list(frame(chunked(data, sizes))) == whole
        assert list(frame(chunked(data, [1]))) == whole
    at = 0
    for found in whole:
        assert STRUCTURE.fullmatch(data, at, found.position)
        assert data.startswith(found.raw, found.position)
        assert found.raw or found == whole[-1]
        at = found.position + len(found.raw)
    assert STRUCTURE.fullmatch(data, at)
