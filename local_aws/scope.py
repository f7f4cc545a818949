"""Who asks for what: whether a request is this machine's, and for which service and Region it is signed.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

_CREDENTIAL: Final = re.compile(
    r"Credential=[^,\s]*/\d{8}/(?P<region>[^/,\s]+)/(?P<service>[^/,\s]+)/aws4_request"
)

# A page of a browser tells where it is from; and a name that is made to lead here is not one of these.
_HERE: Final = re.compile(r"(127\.0\.0\.1|([\w.-]+\.)?localhost)(:\d+)?")


class Scope(NamedTuple):
    """A Region and a service."""

    region: str
    service: str


def scope_of(authorization: str) -> Scope | None:
    """Read the scope out of an `Authorization` header; None where it has none."""
    found = _CREDENTIAL.search(authorization)
    return Scope(found["region"], found["service"]) if found else None


def is_from_here(environ: Mapping[str, Any]) -> bool:
    """Tell a program of this machine from a page of a browser, which could ask in its user's name."""
    return "HTTP_ORIGIN" not in environ and _HERE.fullmatch(environ.get("HTTP_HOST", "")) is not None
