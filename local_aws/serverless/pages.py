"""Lists in pages, with a token for the next."""

import base64
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from local_aws.api.errors import validation
from local_aws.serverless import guesses
from local_aws.serverless.entities import Application, JobRun

_T = TypeVar("_T")
_S = TypeVar("_S", Application, JobRun)
_MOST: Final = 50


def page(items: Sequence[_T], request: Mapping[str, Any]) -> tuple[list[_T], dict[str, str]]:
    """Cut a page out of a list by the request's `nextToken`; with it comes the next token, where more is left.

    A token holds for the filters that it was given for.

    Raises:
        AwsError: `ValidationException`, where the token is none of ours.
    """
    size = request.get("maxResults", _MOST)
    filters = {name: value for name, value in request.items() if name not in ("nextToken", "maxResults")}
    mark = f"{zlib.crc32(json.dumps(filters, sort_keys=True).encode()):08x}"
    begin = _begin(str(request["nextToken"]), mark) if "nextToken" in request else 0
    more = begin + size < len(items)
    token = base64.urlsafe_b64encode(f"{mark}_{begin + size}".encode()).decode()
    return list(items[begin : begin + size]), {"nextToken": token} if more else {}


def grouped(items: Iterable[_S], states: Iterable[str] | None) -> list[_S]:
    """Keep what is in the states of a filter, in groups by state, in the filter's order; without one keep all."""
    every = list(items)
    if states is None:
        return every
    return [item for state in dict.fromkeys(states) for item in every if item.state == state]


def _begin(token: str, mark: str) -> int:
    try:
        found, _, begin = base64.urlsafe_b64decode(token).decode().partition("_")
        if found == mark:
            return int(begin)
    except ValueError:
        pass
    raise validation(guesses.BAD_TOKEN)
