"""Lists in pages: a token leads to the next one, and holds for the filters that it was given for."""

import base64
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from local_aws.api.errors import AwsError

_T = TypeVar("_T")


def page(
    items: Sequence[_T], size: int, filters: Mapping[str, Any], token: object, refusal: AwsError
) -> tuple[list[_T], str | None]:
    """Cut out a page; with it comes the token of the next one, None where nothing is left.

    Without a token (none, or an empty one) it is the first page.

    Raises:
        AwsError: `refusal`, where the token is none of ours, or of other filters.
    """
    mark = f"{zlib.crc32(repr(sorted(filters.items(), key=lambda pair: pair[0])).encode()):08x}"
    begin = _begin(str(token), mark, refusal) if token else 0
    end = begin + size
    told = base64.urlsafe_b64encode(f"{mark}:{end}".encode()).decode()
    return list(items[begin:end]), told if end < len(items) else None


def _begin(token: str, mark: str, refusal: AwsError) -> int:
    try:
        found, _, begin = base64.b64decode(token, altchars=b"-_", validate=True).decode().partition(":")
        if found == mark:
            return int(begin)
    except ValueError:
        pass
    raise refusal
