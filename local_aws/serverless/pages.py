"""Lists in pages, with a token for the next."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from local_aws.api import pages
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
    filters = {name: value for name, value in request.items() if name not in ("nextToken", "maxResults")}
    size, token = request.get("maxResults", _MOST), request.get("nextToken")
    found, more = pages.page(items, size, filters, token, validation(guesses.BAD_TOKEN))
    return found, {"nextToken": more} if more else {}


def grouped(items: Iterable[_S], states: Iterable[str] | None) -> list[_S]:
    """Keep what is in the states of a filter, in groups by state, in the filter's order; without one keep all."""
    every = list(items)
    if states is None:
        return every
    return [item for state in dict.fromkeys(states) for item in every if item.state == state]
