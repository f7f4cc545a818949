import json
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jobs.common.readers.columns import (
    BAD_TYPE,
    OUT_OF_RANGE,
    Extractor,
    Fault,
    Field,
    to_boolean,
    to_double,
    to_json,
    to_micros,
    to_text,
)
from jobs.common.readers.framing import Number, frame
from tests.jobs.common.readers.framing_examples import values, written

FIELDS = (
    Field("id", "string", is_required=True),
    Field("at", "timestamp", is_required=True),
    Field("seen", "timestamp"),
    Field("note", "string"),
    Field("lat", "double", ("location", "lat")),
    Field("pm10", "double", ("metrics", "air", "pm10")),
    Field("rain", "double", ("metrics", "rain")),
)
extract = Extractor(FIELDS)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 12, 31, 23, 59, 59, 999_999, UTC)


def parsed(text: str) -> Any:
    (found,) = frame([text.encode()])
    assert found.fault is None
    return found.value


def micros(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2013-03-01T00:00:00+08:00", "2013-02-28T16:00:00.000000"),
        ("2013-02-28T16:00:03.120Z", "2013-02-28T16:00:03.120000"),
        ("2013-02-28t16:00:03z", "2013-02-28T16:00:03.000000"),
        ("2013-02-28T16:00:03.1Z", "2013-02-28T16:00:03.100000"),
        ("2013-02-28T16:00:03.000001Z", "2013-02-28T16:00:03.000001"),
        ("2013-02-28T16:00:03.123456999Z", "2013-02-28T16:00:03.123456"),
        ("2013-02-28T16:00:03.000000999Z", "2013-02-28T16:00:03.000000"),
        ("2013-02-28T16:00:00+00:00", "2013-02-28T16:00:00.000000"),
        ("2013-02-28T16:00:00-00:00", "2013-02-28T16:00:00.000000"),
        ("2013-02-28T16:00:00-05:30", "2013-02-28T21:30:00.000000"),
        ("2013-02-28T23:59:59+23:59", "2013-02-28T00:00:59.000000"),
        ("2013-02-28T00:00:00-23:59", "2013-02-28T23:59:00.000000"),
        ("2016-02-29T00:00:00Z", "2016-02-29T00:00:00.000000"),
        ("2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000000"),
        ("2000-01-01T00:00:00Z", "2000-01-01T00:00:00.000000"),
        ("1999-12-31T23:00:00-01:00", "2000-01-01T00:00:00.000000"),
        ("2100-12-31T23:59:59.999999999Z", "2100-12-31T23:59:59.999999"),
        ("2101-01-01T00:59:59.999999+01:00", "2100-12-31T23:59:59.999999"),
    ],
)
def test_an_rfc_3339_text_with_an_offset_is_an_instant(text: str, instant: str) -> None:
    expected = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert to_micros(text) == micros(expected)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "2013-02-28", "2013-02-28T16:00:00", "2013-02-28 16:00:00Z", "2013-02-28T16:00Z",
        "2013-02-28T16:00:60Z", "2016-12-31T23:59:60Z", "2013-02-28T16:60:00Z", "2013-02-28T24:00:00Z",
        "2013-02-28T16:00:00.Z", "2013-02-28T16:00:00.1234567890Z", "2013-02-28T16:00:00,5Z",
        "2013-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2013-13-01T00:00:00Z", "2013-00-01T00:00:00Z",
        "2013-01-00T00:00:00Z", "2013-04-31T00:00:00Z", "0000-02-30T00:00:00Z", "0001-02-29T00:00:00Z",
        "2013-02-28T16:00:00+24:00", "2013-02-28T16:00:00+23:60", "2013-02-28T16:00:00+08",
        "2013-02-28T16:00:00+0800", "2013-02-28T16:00:00+8:00", "2013-02-28T16:00:00 Z", "2013-02-28T16:00:00UTC",
        " 2013-02-28T16:00:00Z", "2013-02-28T16:00:00Z\n", "20130228T160000Z", "13-02-28T16:00:00Z",
        "+2013-02-28T16:00:00Z", "12013-02-28T16:00:00Z", "2013-2-28T16:00:00Z", "1362067200000",
        "2013-02-28T16:00:00\u22120:00", "\u0662\u0660\u0661\u0663-02-28T16:00:00Z", "2013-02-28T16:00:00Z[UTC]",
    ],
)  # fmt: skip
def test_another_text_is_no_instant(text: str) -> None:
    with pytest.raises(Fault, match=BAD_TYPE):
        to_micros(text)


@pytest.mark.parametrize(
    "value",
    [
        "1999-12-31T23:59:59.999999999Z", "2000-01-01T00:00:00+00:01", "2101-01-01T00:00:00Z",
        "2100-12-31T23:59:59-00:01", "0000-01-01T00:00:00Z", "0000-02-29T00:00:00Z", "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59", Number("0"), Number("-0"), Number("-1"), Number("946684799999"),
        Number("4133980800000"), Number("999999999999999"), Number("1000000000000000"), Number("9" * 5000),
        Number("-" + "9" * 5000), Number("1362067200"),
    ],
)  # fmt: skip
def test_an_instant_outside_of_2000_to_2100_is_out_of_range(value: str) -> None:
    with pytest.raises(Fault, match=OUT_OF_RANGE):
        to_micros(value)


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("946684800000", FIRST),
        ("4133980799999", LAST.replace(microsecond=999_000)),
        ("1362067203120", datetime(2013, 2, 28, 16, 0, 3, 120_000, UTC)),
    ],
)
def test_an_integer_is_epoch_milliseconds(digits: str, expected: datetime) -> None:
    assert to_micros(Number(digits)) == micros(expected)


@pytest.mark.parametrize(
    "value",
    [Number("1362067203120.0"), Number("1.362067203120e12"), Number("1E12"), True, False, None, [], {}],
)
def test_a_fraction_an_exponent_and_other_types_are_no_instant(value: object) -> None:
    with pytest.raises(Fault, match=BAD_TYPE):
        to_micros(value)


offsets = st.integers(-(24 * 60 - 1), 24 * 60 - 1).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(
    instant=st.datetimes(datetime(1999, 12, 30), datetime(2101, 1, 2), timezones=offsets)  # noqa: DTZ001 - given offsets
)
@example(instant=FIRST)
@example(instant=FIRST - timedelta(microseconds=1))
@example(instant=LAST)
@example(instant=LAST + timedelta(microseconds=1))
def test_instants_are_those_of_datetime(instant: datetime) -> None:
    if FIRST <= instant <= LAST:
        assert to_micros(instant.isoformat()) == micros(instant)
    else:
        with pytest.raises(Fault, match=OUT_OF_RANGE):
            to_micros(instant.isoformat())


@pytest.mark.parametrize(
    ("number", "expected"),
    [("1", "1.0"), ("-0", "0.0"), ("-0.0", "0.0"), ("-0e5", "0.0"), ("1E5", "100000.0"), ("0.1", "0.1"),
     ("1e-400", "0.0"), ("-1e-400", "0.0"), ("1.7976931348623157e308", "1.7976931348623157e+308"),
     ("12345678901234567890", "1.2345678901234567e+19"), ("0." + "3" * 5000, "0.3333333333333333")],
)  # fmt: skip
def test_a_number_is_its_nearest_double(number: str, expected: str) -> None:
    assert repr(to_double(Number(number))) == expected


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 5000, "1.7976931348623159e308"])
def test_what_overflows_a_double_is_out_of_range(number: str) -> None:
    with pytest.raises(Fault, match=OUT_OF_RANGE):
        to_double(Number(number))


@pytest.mark.parametrize("value", [True, False, "1", "", "NaN", [], {}, [Number("1")]])
def test_only_numbers_are_doubles(value: object) -> None:
    with pytest.raises(Fault, match=BAD_TYPE):
        to_double(value)


@pytest.mark.parametrize("value", [Number("1"), True, [], {}, ["a"]])
def test_only_texts_are_strings(value: object) -> None:
    with pytest.raises(Fault, match=BAD_TYPE):
        to_text(value)


@pytest.mark.parametrize("value", [Number("1"), Number("0"), "true", "", [], {}, None])
def test_only_true_and_false_are_booleans(value: object) -> None:
    assert (to_boolean(True), to_boolean(False)) == (True, False)
    with pytest.raises(Fault, match=BAD_TYPE):
        to_boolean(value)


def test_any_value_but_null_is_json_and_keeps_its_numbers_as_written() -> None:
    fields = [Field("flag", "boolean"), Field("body", "json"), Field("inner", "json", ("outer", "inner"))]
    assert Extractor(fields)(
        parsed('{"flag":false,"body":{"b":1.0,"a":[ ]},"outer":{"inner":"x","y":2}}')
    ) == (
        [False, '{"a":[],"b":1.0}', '"x"'],
        None,
        '{"outer":{"y":2}}',
    )
    assert Extractor(fields)(parsed('{"flag":"false","body":null,"outer":{"inner":{}}}')) == (
        [None, None, "{}"],
        ["bad_type_flag"],
        None,
    )


@pytest.mark.parametrize("text", ["", " ", "a\nb", "é😀", "\x00"])
def test_a_text_stays_as_it_is(text: str) -> None:
    assert to_text(text) == text


@pytest.mark.parametrize(
    ("message", "columns", "faults", "rescued"),
    [
        ("{}", {}, None, None),
        ('{"id":"d","note":"","location":{"lat":1},"metrics":{"air":{"pm10":2.5},"rain":0}}',
         {"id": "d", "note": "", "lat": 1.0, "pm10": 2.5, "rain": 0.0}, None, None),
        ('{"id":null,"at":null,"note":null,"location":null,"metrics":{"air":null,"rain":null}}', {}, None, None),
        ('{"id":"","at":"","note":""}', {"note": ""}, None, None),
        ('{"seen":""}', {}, ["bad_type_seen"], None),
        ('{"location":{},"metrics":{"air":{}}}', {}, None, None),
        ('{"location":[],"metrics":"x"}', {}, ["bad_type_location", "bad_type_metrics"], None),
        ('{"location":"","metrics":false}', {}, ["bad_type_location", "bad_type_metrics"], None),
        ('{"metrics":{"air":7,"rain":1}}', {"rain": 1.0}, ["bad_type_metrics.air"], None),
        ('{"id":5,"at":true,"location":{"lat":"1"},"metrics":{"rain":1e999}}', {},
         ["bad_type_id", "bad_type_at", "bad_type_location.lat", "out_of_range_metrics.rain"], None),
        ('{"at":1,"seen":1.5}', {}, ["out_of_range_at", "bad_type_seen"], None),
        ('{"z":1.0,"a":[1E5,-0,12345678901234567890],"B":{"y":null,"x":true}}', {}, None,
         '{"B":{"x":true,"y":null},"a":[1E5,-0,12345678901234567890],"z":1.0}'),
        ('{"location":{"alt":1.50,"lat":2},"lat":3,"metrics":{"air":{"o":{}},"rain":[]}}', {"lat": 2.0},
         ["bad_type_metrics.rain"], '{"lat":3,"location":{"alt":1.50},"metrics":{"air":{"o":{}}}}'),
        ('{"\\u00e9\\u2028":"\\ud83d\\ude00\\u0000\\"\\\\\\/","\\uffff":1,"\\ud83d\\ude00":2}', {}, None,
         '{"é\u2028":"😀\\u0000\\"\\\\/","\uffff":1,"😀":2}'),
        ('{"x":null}', {}, None, '{"x":null}'),
        ('{"":[{"b":1,"a":[]}]}', {}, None, '{"":[{"a":[],"b":1}]}'),
    ],
)  # fmt: skip
def test_columns_faults_and_the_rest_are_told_apart(
    message: str, columns: dict[str, object], faults: list[str] | None, rescued: str | None
) -> None:
    expected = [columns.get(field.column) for field in FIELDS]
    assert extract(parsed(message)) == (expected, faults, rescued)


def test_messages_do_not_share_their_values() -> None:
    first, _, _ = extract({"id": "a"})
    assert extract({}) == ([None] * len(FIELDS), None, None)
    assert first[0] == "a"
    assert extract.nothing == [None] * len(FIELDS)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_every_nesting_that_is_accepted_can_be_rescued(opening: str, closing: str) -> None:
    text = '{"deep":' + opening * 511 + "[]"[: 2 * (opening == "{")] + closing * 511 + "}"
    text = text if opening == "[" else '{"deep":' + opening * 510 + "[]" + closing * 510 + "}"
    assert sys.getrecursionlimit() == 1000
    assert extract(parsed(text)) == ([None] * len(FIELDS), None, text)


@given(value=values)
def test_what_is_rescued_reads_as_what_was_written(value: Any) -> None:
    text = to_json(value)
    assert parsed(text) == value
    assert json.loads(text) == json.loads(written(value))
    assert to_json(json.loads(text, parse_float=Number, parse_int=Number)) == text


members = st.dictionaries(st.sampled_from(["lat", "alt", "rain", "air", "pm10", "é"]), values, max_size=4)


@given(
    message=st.dictionaries(
        st.sampled_from(["id", "note", "x", "location", "é"]), members | values, max_size=5
    )
)
def test_columns_and_the_rest_together_lose_nothing(message: dict[str, Any]) -> None:
    got, faults, rescued = extract(message)
    if faults:
        return
    rebuilt = parsed(rescued) if rescued else {}
    for field, value in zip(FIELDS, got, strict=True):
        if value is not None:
            *outer, last = field.path or (field.column,)
            branch = rebuilt
            for name in outer:
                branch = branch.setdefault(name, {})
            assert last not in branch
            branch[last] = value
    assert rebuilt == flattened(message)


def flattened(message: dict[str, Any]) -> dict[str, Any]:
    """Take away what columns cannot tell from absence, and turn the numbers of columns to doubles."""
    kept = {name: value for name, value in message.items() if name in {"x", "é"} or value is not None}
    if kept.get("id") == "":
        del kept["id"]
    location = kept.get("location")
    if location is not None:
        inside = {name: value for name, value in location.items() if name != "lat" or value is not None}
        if "lat" in inside:
            inside["lat"] = float(inside["lat"])
        kept["location"] = inside
        if not inside:
            del kept["location"]
    return kept
