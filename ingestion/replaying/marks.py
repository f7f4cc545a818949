"""Which objects were replayed: a mark for each, put on the condition that none is there.

A mark bears the ETag of what was replayed, how many messages that were, and when. A crash before the mark lets an
object be sent again: its messages bear the same ids, so that the job knows them.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final

import msgspec
from botocore.exceptions import ClientError

from ingestion.devices.errors import SourceError

FOLDER: Final = "_replayed/"
_EXISTS: Final = frozenset({"PreconditionFailed", "412"})
_GONE: Final = frozenset({"404", "NoSuchKey"})


@dataclass(frozen=True)
class Mark:
    """What was done with an object."""

    etag: str
    messages: int
    unread: int
    to: str
    at: str


class Marks:
    """The marks of a bucket, below `_replayed/` of the same bucket."""

    def __init__(self, s3: Any, bucket: str) -> None:
        """Keep them by a client of S3."""
        self._s3, self._bucket = s3, bucket

    def find(self, key: str) -> Mark | None:
        """Return the mark of an object; None where it was not replayed.

        Raises:
            SourceError: What is there is no mark.
        """
        name = f"{FOLDER}{key}.json"
        try:
            body = self._s3.get_object(Bucket=self._bucket, Key=name)["Body"].read()
        except ClientError as fault:
            if fault.response["Error"]["Code"] in _GONE:
                return None
            raise
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
                Key=f"{FOLDER}{key}.json",
                Body=msgspec.json.encode(asdict(mark)),
                ContentType="application/json",
                IfNoneMatch="*",
            )
        except ClientError as fault:
            if fault.response["Error"]["Code"] in _EXISTS:
                return False
            raise
        return True
