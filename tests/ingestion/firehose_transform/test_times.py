import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.devices.fault_values import FAR_INSTANTS, NOT_INSTANTS
from ingestion.firehose_transform.times import in_utc
from jobs.common.readers.columns import Fault, to_micros
from jobs.common.readers.framing import Number
from tests.ingestion.firehose_transform.making import instants


@pytest.mark.parametrize(
    ("raw", "written"),
    [
        (b"1709287200000", b'"2024-03-01T10:00:00.000Z"'),
        (b"946684800001", b'"2000-01-01T00:00:00.001Z"'),
        (b"4133980799999", b'"2100-12-31T23:59:59.999Z"'),
        (b'"2024-03-01T18:00:00+08:00"', b'"2024-03-01T10:00:00Z"'),
        (b'"2024-02-29T20:30:00.120-05:30"', b'"2024-03-01T02:00:00.120Z"'),
        (b'"2024-03-01T10:00:00.123456789Z"', b'"2024-03-01T10:00:00.123456Z"'),
        (b'"2024-03-01t10:00:00z"', b'"2024-03-01T10:00:00Z"'),
        (b'"1999-12-31T23:30:00-01:00"', b'"2000-01-01T00:30:00Z"'),
        (b'"2101-01-01T00:30:00+01:00"', b'"2100-12-31T23:30:00Z"'),
    ],
)
def test_an_instant_is_written_in_utc(raw: bytes, written: bytes) -> None:
    assert in_utc(raw) == written


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b'""',
        b'"2024-03-01T10:00:00Z"',
        b'"2024-03-01T10:00:00.1Z"',
        b'"\\u0032024-03-01T10:00:00z"',
    ],
)
def test_what_is_settled_or_no_instant_stays(raw: bytes) -> None:
    assert in_utc(raw) is None


@pytest.mark.parametrize("raw", [*NOT_INSTANTS, *FAR_INSTANTS])
def test_what_the_job_refuses_stays_for_it_to_judge(raw: bytes) -> None:
    assert in_utc(raw) is None


def micros(raw: bytes) -> int | str:
    value = json.loads(raw, parse_int=Number, parse_float=Number)
    try:
        return to_micros(value)
    except Fault as fault:
        return str(fault)


@given(instants)
def test_the_job_reads_the_same_instant_and_it_is_written_once(raw: str) -> None:
    written = in_utc(raw.encode())
    if written is not None:
        assert micros(written) == micros(raw.encode())
        assert in_utc(written) is None


@given(st.binary(max_size=30))
def test_any_bytes_are_looked_at(raw: bytes) -> None:
    assert in_utc(raw) is None or raw.isdigit() or raw.startswith(b'"')
