"""Keys of objects: decoded once, and refused where they could be taken for something else later on."""

import re
from typing import Final
from urllib.parse import unquote_plus

from ingestion.s3_events.model import AllowList, Reason, RefusedError

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
MOST_BYTES: Final = 1024
_SHOWN: Final = 120
# C0, DEL, C1, and what ends a line elsewhere: they break logs, lists of inputs and terminals.
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# A dot, a slash or a NUL that one more decoding would bring out.
_TWICE: Final = re.compile("%(?:2e|2f|5c|00)", re.IGNORECASE)


def decoded(key: str) -> str:
    """Decode the key of a notification: a form's encoding, with a plus for a space.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html; EventBridge and SNS
    change nothing of it, but keys of EventBridge's own events are not encoded at all.
    """
    if "%" not in key and "+" not in key:
        return key
    try:
        return unquote_plus(key, errors="strict")
    except UnicodeDecodeError:
        raise RefusedError(
            Reason.KEY_NOT_UTF8,
            f"key: expected percent-encoded UTF-8, got {shown(key)}",
        ) from None


def check(key: str) -> None:
    """Refuse a decoded key that is too long, goes up, hides something, or breaks a line.

    Raises:
        RefusedError: It does.
    """
    if len(key) > MOST_BYTES or len(key.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise RefusedError(
            Reason.KEY_TOO_LONG,
            f"key: expected up to {MOST_BYTES} bytes, got {len(key)} characters: {shown(key)}",
        )
    if _CONTROL.search(key):
        raise RefusedError(
            Reason.KEY_CONTROL_CHARACTER, f"key: expected no control characters, got {shown(key)}"
        )
    if ".." in key and ".." in key.replace("\\", "/").split("/"):
        raise RefusedError(Reason.KEY_GOES_UP, f"key: expected no segment '..', got {shown(key)}")
    if "%" in key and _TWICE.search(key):
        raise RefusedError(
            Reason.KEY_ENCODED_TWICE,
            f"key: expected a key that was encoded once, got {shown(key)} after decoding",
        )


def check_allowed(bucket: str, key: str, allowed: AllowList) -> None:
    """Refuse what no pipeline has asked for.

    Raises:
        RefusedError: The bucket or the prefix is not on the list.
    """
    prefixes = allowed.prefixes.get(bucket)
    if prefixes is None:
        accepted = ", ".join(sorted(allowed.prefixes)) or "none"
        raise RefusedError(
            Reason.BUCKET_NOT_ALLOWED, f"bucket: expected one of {accepted}, got {shown(bucket)}"
        )
    if not key.startswith(tuple(prefixes)):
        accepted = ", ".join(prefixes) or "none"
        raise RefusedError(
            Reason.PREFIX_NOT_ALLOWED, f"key: expected one below {accepted} in {bucket}, got {shown(key)}"
        )


def shown(value: object) -> str:
    """Show a value on one line, shortened, so that it can be logged whatever it holds."""
    text = ascii(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
