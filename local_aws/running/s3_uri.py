"""URIs of S3, in each of the schemes that Hadoop has had for it."""

import re
from typing import Final, NamedTuple

_URI: Final = re.compile(r"s3[an]?://(?P<bucket>[^/]+)(?:/(?P<key>.*))?")


class S3Uri(NamedTuple):
    """A bucket, and a key that may be empty."""

    bucket: str
    key: str


def s3_uri(text: str) -> S3Uri | None:
    """Take a URI apart; None where it is none of S3."""
    found = _URI.fullmatch(text)
    return S3Uri(found["bucket"], found["key"] or "") if found else None
