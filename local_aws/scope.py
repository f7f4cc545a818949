"""For which service and Region a request is signed.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import re
from typing import Final, NamedTuple

_CREDENTIAL: Final = re.compile(
    r"Credential=[^,\s]*/\d{8}/(?P<region>[^/,\s]+)/(?P<service>[^/,\s]+)/aws4_request"
)


class Scope(NamedTuple):
    """A Region and a service."""

    region: str
    service: str


def scope_of(authorization: str) -> Scope | None:
    """Read the scope out of an `Authorization` header; None where it has none."""
    found = _CREDENTIAL.search(authorization)
    return Scope(found["region"], found["service"]) if found else None
