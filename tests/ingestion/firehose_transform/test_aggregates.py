import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.firehose_transform.aggregates import MAGIC, user_records
from ingestion.firehose_transform.errors import CannotOpenError
from tests.ingestion.firehose_transform.making import aggregate


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=20))
def test_what_awss_own_package_puts_together_comes_apart(parts: list[bytes]) -> None:
    assert user_records(aggregate(parts)) == parts


def closed(body: bytes) -> bytes:
    return MAGIC + body + hashlib.md5(body, usedforsecurity=False).digest()


@pytest.mark.parametrize(
    ("body", "records"),
    [
        (b"", []),
        (b"\x1a\x04\x08\x00\x1a\x00", [b""]),
        (b"\x1a\x02\x08\x00", [b""]),
        (b"\x1a\x06\x1a\x01a\x1a\x01b", [b"b"]),
        (b"\x08\x96\x01\x0d1234\x0912345678\x1a\x03\x1a\x01x", [b"x"]),
    ],
    ids=["no records", "empty data", "no data", "the last of two counts", "unknown fields are passed over"],
)
def test_protobuf_is_read_by_its_wire_format(body: bytes, records: list[bytes]) -> None:
    assert user_records(closed(body)) == records


@pytest.mark.parametrize(
    "body", [b"\x1a", b"\x1a\x05ab", b"\x1b", b"\xff" * 12, b"\x0d123", b"\x1a\x02\x1a\x05"]
)
def test_what_is_no_protobuf_is_refused(body: bytes) -> None:
    with pytest.raises(CannotOpenError, match=r"^a KPL aggregate that is no protobuf$"):
        user_records(closed(body))


@pytest.mark.parametrize(
    "data", [MAGIC, MAGIC + b"short", aggregate([b"a"])[:-1], aggregate([b"a"])[:-1] + b"\0"]
)
def test_an_aggregate_whose_md5_does_not_fit_is_refused(data: bytes) -> None:
    with pytest.raises(CannotOpenError, match=r"^a KPL aggregate whose MD5 does not fit its content$"):
        user_records(data)
