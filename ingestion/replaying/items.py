"""Messages that were put aside, read from the objects that hold them; each is known by its object and its position."""

import base64
import binascii
import gzip
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import msgspec

from ingestion.devices.errors import SourceError

_GZIP: Final = b"\x1f\x8b"


class Envelope(msgspec.Struct):
    """What Firehose writes of a record that was not transformed.

    https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-failure-handling.html
    """

    rawData: str  # noqa: N815 - AWS's name
    errorCode: str = ""  # noqa: N815 - AWS's name
    errorMessage: str = ""  # noqa: N815 - AWS's name


@dataclass(frozen=True)
class Item:
    """One message: `position` is its line in an object of Firehose, or what the quarantine tells."""

    source_object: str
    position: int
    data: bytes
    reason: str


@dataclass(frozen=True)
class Unread:
    """A line or row that is no message put aside."""

    source_object: str
    position: int
    text: str


_decode: Final = msgspec.json.Decoder(Envelope).decode


def of_firehose(uri: str, body: bytes) -> Iterator[Item | Unread]:
    """Read an object below `processing-failed/`: a line of JSON for each record.

    Raises:
        SourceError: It is damaged gzip.
    """
    for number, line in enumerate(_opened(uri, body).splitlines()):
        if not line.strip():
            continue
        try:
            envelope = _decode(line)
            data = base64.b64decode(envelope.rawData, validate=True)
        except (msgspec.MsgspecError, UnicodeDecodeError, binascii.Error, ValueError) as fault:
            yield Unread(uri, number, f"expected an envelope of Firehose, got: {fault}")
            continue
        yield Item(uri, number, data, envelope.errorCode)


def of_quarantine(uri: str, body: bytes) -> Iterator[Item | Unread]:
    """Read a file of a job's quarantine; its rows name the object that they come from.

    Raises:
        SourceError: It is no Parquet file of a quarantine.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        path.write_bytes(body)
        try:
            rows = duckdb.execute(
                "SELECT source_object, position, raw, array_to_string(reasons, ',') FROM read_parquet(?) "
                "ORDER BY source_object, position",
                [str(path)],
            ).fetchall()
        except duckdb.Error as fault:
            raise SourceError(f"{uri}: expected a file of a job's quarantine, got: {fault}") from fault
    for source, position, raw, reasons in rows:
        if raw is None:
            yield Unread(uri, int(position or 0), "a row without its bytes")
        else:
            yield Item(str(source), int(position), bytes(raw), str(reasons))


def _opened(uri: str, body: bytes) -> bytes:
    if not body.startswith(_GZIP):
        return body
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error) as fault:
        raise SourceError(f"{uri}: expected sound gzip, got: {fault}; it stays where it is") from fault
