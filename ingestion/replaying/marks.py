"""Which objects were replayed: a mark for each, put on the condition that none is there.

A mark bears the ETag of what was replayed, how many messages that were, and when: an object that has been replaced is
another one. Rows of a quarantine are known by the object and the position that they come from, as runs that were tried
again put the same message into two files: the mark lists those that were sent. A crash before the mark lets an object
be sent again: its messages bear the same ids, so that the job knows them.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import msgspec
from botocore.exceptions import ClientError

from ingestion.devices.errors import SourceError

FOLDER: Final = "_replayed/"
_EXISTS: Final = frozenset({"PreconditionFailed", "412"})


@dataclass(frozen=True)
class Mark:
    """What was done with an object; `positions` are those of messages that other objects hold too, by where from."""

    etag: str
    messages: int
    unread: int
    to: str
    at: str
    positions: dict[str, list[int]] = field(default_factory=dict)


class Marks:
    """The marks of a bucket, below `_replayed/` of the same bucket."""

    def __init__(self, s3: Any, bucket: str) -> None:
        """Keep them by a client of S3."""
        self._s3, self._bucket = s3, bucket

    def below(self, prefix: str) -> Iterator[tuple[str, Mark]]:
        """Return the names and marks of what was replayed of objects below a prefix.

        Raises:
            SourceError: What is there is no mark.
        """
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=f"{FOLDER}{prefix}"
        )
        for page in pages:
            for each in page.get("Contents", []):
                yield each["Key"], self._read(each["Key"])

    def _read(self, name: str) -> Mark:
        body = self._s3.get_object(Bucket=self._bucket, Key=name)["Body"].read()
        try:
            return msgspec.json.decode(body, type=Mark)
        except msgspec.MsgspecError as fault:
            raise SourceError(
                f"s3://{self._bucket}/{name}: expected what a replay has written, got: {fault}"
            ) from fault

    def put(self, key: str, mark: Mark) -> bool:
        """Mark an object; False where somebody else has meanwhile."""
        try:
            self._s3.put_object(
                Bucket=self._bucket,
                Key=name_of(key, mark.etag),
                Body=msgspec.json.encode(asdict(mark)),
                ContentType="application/json",
                IfNoneMatch="*",
            )
        except ClientError as fault:
            if fault.response["Error"]["Code"] in _EXISTS:
                return False
            raise
        return True


def name_of(key: str, etag: str) -> str:
    """Name the mark of an object as it is."""
    return f"{FOLDER}{key}.{etag}.json"
