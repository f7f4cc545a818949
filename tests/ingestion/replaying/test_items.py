"""Messages that were put aside, as Firehose and the jobs write them."""

import base64
import gzip
import json
from pathlib import Path

import duckdb
import pytest

from ingestion.devices.errors import SourceError
from ingestion.replaying.items import Item, Unread, of_firehose, of_quarantine

URI = "s3://raw/processing-failed/x"


def envelope(data: bytes, **further: str) -> bytes:
    told = {"rawData": base64.b64encode(data).decode(), "errorCode": "Lambda.FunctionError", **further}
    return json.dumps({"attemptsMade": 4, **told, "lambdaArn": "arn"}).encode() + b"\n"


def test_each_envelope_is_a_message_by_its_line() -> None:
    body = envelope(b"a") + b"\n" + envelope(b"\x00\n", errorCode="Lambda.MissingRecordId")
    expected = [
        Item(URI, 0, b"a", "Lambda.FunctionError"),
        Item(URI, 2, b"\x00\n", "Lambda.MissingRecordId"),
    ]
    assert list(of_firehose(URI, body)) == expected
    assert list(of_firehose(URI, gzip.compress(body))) == expected


@pytest.mark.parametrize("line", [b"no JSON", b"{}", b'{"rawData":7}', b'{"rawData":"***"}', b"\xff", b"[]"])
def test_a_line_that_is_no_envelope_is_told_and_hides_no_other(line: bytes) -> None:
    first, second, third = of_firehose(URI, envelope(b"a") + line + b"\n" + envelope(b"b"))
    assert isinstance(second, Unread)
    assert (second.position, second.text.startswith("expected an envelope of Firehose")) == (1, True)
    assert [each.data for each in (first, third) if isinstance(each, Item)] == [b"a", b"b"]


def test_damaged_gzip_is_refused() -> None:
    with pytest.raises(SourceError, match="expected sound gzip"):
        list(of_firehose(URI, gzip.compress(envelope(b"a"))[:-9]))


def test_rows_of_a_quarantine_name_the_object_that_they_come_from(tmp_path: Path) -> None:
    path = tmp_path / "q.parquet"
    rows = duckdb.sql(
        "SELECT * FROM (VALUES (['b_reason'], 'two'::BLOB, 's3://raw/o', 9), "
        "(['a', 'b'], 'one'::BLOB, 's3://raw/o', 2), (['x'], NULL, 's3://raw/o', 11)) "
        "t(reasons, raw, source_object, position)"
    )
    assert rows is not None
    rows.write_parquet(str(path))
    assert list(of_quarantine("s3://q/1", path.read_bytes())) == [
        Item("s3://raw/o", 2, b"one", "a,b"),
        Item("s3://raw/o", 9, b"two", "b_reason"),
        Unread("s3://q/1", 11, "a row without its bytes"),
    ]


def test_what_is_no_quarantine_is_refused() -> None:
    with pytest.raises(SourceError, match="expected a file of a job's quarantine"):
        list(of_quarantine("s3://q/1", b"PAR1"))
