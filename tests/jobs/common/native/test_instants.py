import json

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from jobs.common.native.instants import to_micros
from jobs.common.readers import columns
from jobs.common.readers.framing import Number

SOUND = (
    "2024-02-29T05:00:00Z",
    "2024-02-29T23:59:59.5Z",
    "2024-02-29T05:00:00.123456789+05:30",
    "2000-02-29T00:00:00.000001-23:59",
    "2100-12-31T23:59:59.999999999Z",
    "2000-01-01T00:00:00Z",
)
ODD = (
    "2023-02-29T05:00:00Z",
    "2100-02-29T05:00:00Z",
    "1999-12-31T23:59:59-00:01",
    "2101-01-01T00:00:00Z",
    "2024-02-29T05:00:00.Z",
    "2024-02-29T05:00:60Z",
    "2024-02-29T05:00:00.1234567891Z",
    "2024-02-29T05:00:00+24:00",
    "2024-02-29 05:00:00Z",
    "2024-02-29t05:00:00z",
    "2024-00-29T05:00:00Z",
    "2024-02-29T05:00:00",
    "",
)
written = (
    st.sampled_from([*SOUND, *ODD])
    .flatmap(lambda text: st.tuples(st.just(text), st.integers(0, 40), st.sampled_from("0123456789+-:.TZ9 ")))
    .map(lambda parts: json.dumps(parts[0][: parts[1]] + parts[2] + parts[0][parts[1] + 1 :]))
)
values = st.one_of(
    st.sampled_from([*map(json.dumps, [*SOUND, *ODD]), "true", "{}", "1e3", "1.5", "-5", "0", "00"]),
    st.integers(-(10**16), 10**16).map(str),
    st.integers(900_000_000_000, 4_200_000_000_000).map(str),
    written,
)


def strict(value: str) -> int | None:
    try:
        return columns.to_micros(json.loads(value, parse_int=Number, parse_float=Number))
    except (columns.Fault, ValueError):
        return None


def taken(texts: list[str]) -> list[int | None]:
    data = [text.encode() for text in texts]
    offsets = np.cumsum([0, *map(len, data)]).astype(np.int32)
    micros, is_sure = to_micros(np.frombuffer(b"".join(data), np.uint8), offsets)
    return [int(one) if sure else None for one, sure in zip(micros, is_sure, strict=True)]


@given(st.lists(values, max_size=30))
@example([json.dumps(text) for text in (*SOUND, *ODD)])
def test_what_is_taken_is_what_the_strict_reader_takes(texts: list[str]) -> None:
    for text, found in zip(texts, taken(texts), strict=True):
        assert found in (None, strict(text)), text


def test_every_plain_form_is_taken_in_any_company() -> None:
    texts = [json.dumps(text) for text in SOUND] + ["1709182800000"]
    assert taken(texts) == [strict(text) for text in texts]
    for text in texts:
        assert taken([text, text]) == [strict(text)] * 2


def test_every_day_of_the_range_is_itself() -> None:
    start, end = np.datetime64("2000-01-01"), np.datetime64("2101-01-01")
    days = np.arange(start, end)
    expected = [int(day.astype("datetime64[us]").astype(np.int64)) for day in days]
    assert taken([f'"{day}T00:00:00Z"' for day in days]) == expected
