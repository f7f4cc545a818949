"""Single fields of a message, each with its own reason to be refused."""

import math
import re
from datetime import UTC, datetime
from typing import Any, Final

from ingestion.s3_events.keys import shown
from ingestion.s3_events.model import Reason, RefusedError

# 5 TiB was the limit for long, 50 TB is: what is larger is no object's size.
MOST_SIZE: Final = 50 * 10**12
# Sequencers are hexadecimal, and "can be of different lengths".
_SEQUENCER: Final = re.compile("[0-9A-Fa-f]{1,64}")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z")
# A character above 0x7E in an identifier, or a space, is no identifier's.
_IDENTIFIER: Final = re.compile("[!-~]{1,1024}")


def mapping(holder: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a mapping that has to be there.

    Raises:
        RefusedError: It is not.
    """
    value = holder.get(name)
    if not isinstance(value, dict):
        raise RefusedError(Reason.FIELD_MISSING, f"{name}: expected an object, got {shown(value)}")
    return value


def text(holder: dict[str, Any], name: str) -> str:
    """Return a text that has to be there and not be empty.

    Raises:
        RefusedError: It is not.
    """
    value = holder.get(name)
    if not isinstance(value, str) or not value:
        raise RefusedError(Reason.FIELD_MISSING, f"{name}: expected some text, got {shown(value)}")
    return value


def check_major(holder: dict[str, Any], name: str, major: str) -> None:
    """Refuse a version of the message that may mean something else.

    Raises:
        RefusedError: Its first number is another one.
    """
    version = holder.get(name)
    if not isinstance(version, str) or version.partition(".")[0] != major:
        raise RefusedError(
            Reason.UNKNOWN_VERSION, f"{name}: expected version {major} or {major}.x, got {shown(version)}"
        )


def instant(holder: dict[str, Any], name: str) -> float:
    """Return an instant, in seconds of the Unix epoch.

    Raises:
        RefusedError: It is not written as S3 writes it.
    """
    value = holder.get(name)
    try:
        if isinstance(value, str) and _TIME.fullmatch(value):
            # Python takes six digits of a second, S3 may write nine.
            whole, _, fraction = value[:-1].partition(".")
            moment = datetime.fromisoformat(whole).replace(tzinfo=UTC).timestamp()
            return moment + (float(f"0.{fraction}") if fraction else 0.0)
    except ValueError:
        pass  # the thirtieth of February, or the twenty-fifth hour
    raise RefusedError(
        Reason.BAD_TIME, f"{name}: expected a time as 2026-01-31T09:00:00.000Z, got {shown(value)}"
    )


def size(holder: dict[str, Any]) -> int:
    """Return the size of an object that is there.

    Raises:
        RefusedError: It is none.
    """
    value = holder.get("size")
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)  # as tools write it that know no integers
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_SIZE:
        raise RefusedError(Reason.BAD_SIZE, f"size: expected 0 to {MOST_SIZE} bytes, got {shown(value)}")
    return value


def etag(holder: dict[str, Any], name: str) -> str | None:
    """Return the ETag without quotes, None where there is none.

    Raises:
        RefusedError: It is none that S3 would give.
    """
    value = holder.get(name)
    if value is None or value == "":
        return None
    bare = value.strip('"') if isinstance(value, str) else ""
    if not _IDENTIFIER.fullmatch(bare):
        raise RefusedError(Reason.BAD_ETAG, f"{name}: expected an ETag, got {shown(value)}")
    return bare


def version_id(holder: dict[str, Any], name: str) -> str | None:
    """Return the version, None where the bucket keeps none.

    The id `null` is that of all objects that were written while it kept none: it tells nothing apart.

    Raises:
        RefusedError: It is none that S3 would give.
    """
    value = holder.get(name)
    if value is None or value in ("", "null"):  # a list is in no set
        return None
    if not isinstance(value, str) or not _IDENTIFIER.fullmatch(value):
        raise RefusedError(Reason.BAD_VERSION_ID, f"{name}: expected a version id, got {shown(value)}")
    return value


def sequencer(holder: dict[str, Any]) -> str | None:
    """Return the sequencer in upper case, None where there is none.

    Raises:
        RefusedError: It is not hexadecimal: no order could be made of it.
    """
    value = holder.get("sequencer")
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not _SEQUENCER.fullmatch(value):
        raise RefusedError(
            Reason.BAD_SEQUENCER, f"sequencer: expected up to 64 hexadecimal digits, got {shown(value)}"
        )
    return value.upper()
