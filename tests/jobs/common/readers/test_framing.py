from pathlib import Path

import pytest

from jobs.common.readers.framing import BAD_ENCODING, MALFORMED_JSON, RECORD_TOO_LARGE, Number, exact
from tests.jobs.common.readers.framing_examples import (
    MIB,
    ROOMY,
    TIGHT,
    assert_nothing_is_lost,
    framed,
    limited,
    verdicts,
)


@pytest.mark.parametrize(
    ("data", "places"),
    [
        (b"", []),
        (b"\n\r\n \t\r\n\n", []),
        (b"1\n2\n", [(0, b"1"), (2, b"2")]),
        (b"1\r\n2\r\n3", [(0, b"1"), (3, b"2"), (6, b"3")]),
        (b"\n\n {} \n\n[]", [(3, b"{}"), (8, b"[]")]),
        (b'{"a":1}{"b":2}', [(0, b'{"a":1}'), (7, b'{"b":2}')]),
        (b'{"a":1} \t {"b":2}\r', [(0, b'{"a":1}'), (10, b'{"b":2}')]),
        (b'[]{}"s"[]', [(0, b"[]"), (2, b"{}"), (4, b'"s"'), (7, b"[]")]),
        (b'"a""b"1"c"', [(0, b'"a"'), (3, b'"b"'), (6, b"1"), (7, b'"c"')]),
        (b"[]1", [(0, b"[]"), (2, b"1")]),
        (b"{}true{}", [(0, b"{}"), (2, b"true"), (6, b"{}")]),
        (b'1{}2[]3"x"null', [(0, b"1"), (1, b"{}"), (3, b"2"), (4, b"[]"), (6, b"3"), (7, b'"x"'), (10, b"null")]),
        (b"1 2\t3\r4", [(0, b"1"), (2, b"2"), (4, b"3"), (6, b"4")]),
        ('"é" {"€":"😀"}"z"'.encode(), [(0, '"é"'.encode()), (5, '{"€":"😀"}'.encode()), (19, b'"z"')]),
        (b"-0 1E5 0.10e-2", [(0, b"-0"), (3, b"1E5"), (7, b"0.10e-2")]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("limits", [ROOMY, TIGHT], ids=["roomy", "tight"])
def test_values_are_taken_apart_with_their_places(
    limits: tuple[int, int, int], data: bytes, places: list[tuple[int, bytes]]
) -> None:
    with limited(limits):
        found = framed(data)
    assert [(each.position, each.raw) for each in found] == places
    assert [each.fault for each in found] == [None] * len(places)


@pytest.mark.parametrize(
    "line",
    [
        b"012", b"1,2", b"truefalse", b"null1", b"1true", b"-", b"+1", b".5", b"1.", b"1.e5", b"0x1", b"1e", b"1e+",
        b"NaN", b"Infinity", b"-Infinity", b"nul", b"True", b"'a'", b"{'a':1}", b"{a:1}", b'{"a":NaN}', b"[1,]",
        b"[1 2]", b'{"a":1,}', b'{"a" 1}', b'{"a":1', b"[1", b'"\\x"', b'"\\u12g4"', b'"\x01"', b'"\t"',
        b"]", b"}", b"[}", b"\xef\xbb\xbf{}", b"\x0c1", b"\x00", b"#", b"[1]]"[3:], b'"\\', b'"\\u12', b"[1}",
        b"1/*", b"1.5.5", b"2'a'", "\uff11".encode(), b"1\xc2\xa0",
    ],
)  # fmt: skip
def test_what_does_not_parse_takes_the_rest_of_its_line_and_no_more(line: bytes) -> None:
    data = b'{"a":1} ' + line + b' {"b":2}\r\n{"c":3}'
    assert verdicts(data) == [
        (b'{"a":1}', None),
        (line + b' {"b":2}', MALFORMED_JSON),
        (b'{"c":3}', None),
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(b'{"a":1,"a":1}', MALFORMED_JSON, id="a name twice"),
        pytest.param(b'{"a":1,"\\u0061":2}', MALFORMED_JSON, id="a name twice, once escaped"),
        pytest.param(b'[{"x":[{"b":1,"c":2,"b":3}]}]', MALFORMED_JSON, id="a name twice, deep"),
        pytest.param(b'{"a":{"a":{"a":1}}}', None, id="a name again, further in"),
        pytest.param(b'[{"a":1},{"a":1}]', None, id="a name again, beside"),
        pytest.param(b'{"a":1,"A":1}', None, id="another case"),
        pytest.param(b"[" * 512 + b"]" * 512, None, id="512 levels"),
        pytest.param(b"[" * 513 + b"]" * 513, MALFORMED_JSON, id="513 levels"),
        pytest.param(b'{"a":[' * 256 + b"]}" * 256, None, id="512 levels of both"),
        pytest.param(b'[{"a":' * 257 + b"1" + b"}]" * 257, MALFORMED_JSON, id="514 levels of both"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, MALFORMED_JSON, id="100,000 levels"),
        pytest.param(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, MALFORMED_JSON, id="100,000 objects"),
        pytest.param(b"[" + b"[]," * 600 + b"[]]", None, id="many brackets, few levels"),
        pytest.param(b'"' + b"[" * 600 + b'"', None, id="brackets in a text"),
        pytest.param(b'"\\ud800"', BAD_ENCODING, id="a lone high surrogate"),
        pytest.param(b'"\\uDFFF"', BAD_ENCODING, id="a lone low surrogate"),
        pytest.param(b'"\\udc00\\ud800"', BAD_ENCODING, id="a pair the wrong way round"),
        pytest.param(b'"\\ud800\\ud800\\udc00"', BAD_ENCODING, id="a lone one before a pair"),
        pytest.param(b'"\\ud83d\\\\ude00"', BAD_ENCODING, id="a pair broken by a backslash"),
        pytest.param(b'{"\\udbff":1}', BAD_ENCODING, id="a lone one in a name"),
        pytest.param(b'{"a":"\\ud800","a":1}', BAD_ENCODING, id="a lone one and a name twice"),
        pytest.param(b'"\\ud83d\\ude00"', None, id="a pair"),
        pytest.param(b'"\\\\ud800"', None, id="a backslash before what looks like one"),
        pytest.param(b'"\\\\\\\\ud800 \\n\\\\"', None, id="two backslashes before what looks like one"),
        pytest.param(b'"\\\\\\ud800"', BAD_ENCODING, id="a backslash before one"),
        pytest.param(b'"\\ud7ff\\ue000\\u0000"', None, id="the neighbours of surrogates"),
    ],
)
def test_a_value_that_is_refused_for_what_it_holds_is_refused_alone(
    line: bytes, expected: str | None
) -> None:
    assert verdicts(b"1 " + line + b'{"b":2}') == [(b"1", None), (line, expected), (b'{"b":2}', None)]
    assert verdicts(line) == [(line, expected)]


@pytest.mark.parametrize("wrong", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"])
@pytest.mark.parametrize(
    "form", [b"%b", b'"%b"', b'{"a":"%b"}', b'{"a":1,"a":"%b"}', b"12%b", b"nope %b", b"[%b"]
)
def test_invalid_utf_8_takes_the_rest_of_the_line_from_its_value(form: bytes, wrong: bytes) -> None:
    line = form % wrong
    data = b'{"a":1}{"b":2} ' + line + b'{"c":3}\n{"d":4}'
    assert verdicts(data) == [
        (b'{"a":1}', None),
        (b'{"b":2}', None),
        (line + b'{"c":3}', BAD_ENCODING),
        (b'{"d":4}', None),
    ]


def test_a_value_of_one_mebibyte_is_taken_and_one_byte_more_is_refused_alone() -> None:
    most = b'"' + b"x" * (MIB - 2) + b'"'
    wide = '"{}"'.format("é" * (MIB // 2)).encode()
    assert verdicts(b"1 " + most + b"{}") == [(b"1", None), (most, None), (b"{}", None)]
    for large in (most[:-1] + b'x"', wide):
        assert verdicts(b"1 " + large + b"{}") == [(b"1", None), (large, RECORD_TOO_LARGE), (b"{}", None)]
    repeated = b'{"a":1,"a":' + most + b"}"
    assert verdicts(repeated) == [(repeated, MALFORMED_JSON)]


@pytest.mark.parametrize(
    "text", ["1", "-0", "1.0", "1E5", "0.10", "1e400", "9" * 5000, "12345678901234567890"]
)
def test_numbers_stay_as_they_were_written(text: str) -> None:
    assert framed(f'[{text}]{{"a":{text}}}'.encode())[0].value == [text]
    (number,) = framed(text.encode())
    assert (type(number.value), number.value) == (Number, text)


@pytest.mark.parametrize("text", ["1.0", "1E5", "0.10", "1e400", "-0.0"])
def test_a_line_that_is_one_object_may_hold_floats_and_can_be_had_exactly(text: str) -> None:
    (found,) = framed(f'{{"a":{text},"b":1,"c":[{text}]}}\n'.encode())
    assert found.value == {"a": float(text), "b": "1", "c": [float(text)]}
    assert type(found.value["b"]) is Number
    assert exact(found.raw) == {"a": text, "b": "1", "c": [text]}


# What holds two values one after the other, or none.
TWO_VALUES = {"n_structure_double_array.json"}
BLANK_FILES = {"n_structure_no_data.json", "n_single_space.json"}
TWICE = {"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"}


def test_the_corner_cases_that_are_json_parse(shared_data: Path) -> None:
    files = sorted((shared_data / "json_parsing").glob("y_*.json"))
    assert len(files) > 40
    for file in files:
        data = file.read_bytes()
        if b"\n" in data.rstrip():
            continue
        (found,) = framed(data)
        assert (file.name, found.raw) == (file.name, data.strip())
        assert (file.name, found.fault) == (file.name, MALFORMED_JSON if file.name in TWICE else None)


def test_the_corner_cases_that_are_no_json_are_refused(shared_data: Path) -> None:
    files = sorted((shared_data / "json_parsing").glob("[ni]_*.json"))
    assert len(files) > 100
    unfaulted = set()
    for file in files:
        found = framed(file.read_bytes())
        assert_nothing_is_lost(file.read_bytes(), found)
        if file.name.startswith("n_") and not {each.fault for each in found} & {MALFORMED_JSON, BAD_ENCODING}:
            unfaulted.add(file.name)
    assert unfaulted == TWO_VALUES | BLANK_FILES
