"""As much of S3 as the state needs, in memory, behind the methods of boto3: whole objects, writes on a condition."""

import hashlib
import io
from typing import Any

from botocore.exceptions import ClientError

_CONDITION = 412
_MISSING = 404


class MemoryS3:
    """A client of one bucket; strongly consistent, as S3 is."""

    def __init__(self) -> None:
        """Begin without objects."""
        self.objects: dict[str, bytes] = {}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """Read an object."""
        del Bucket
        if Key not in self.objects:
            raise _error("GetObject", "NoSuchKey", _MISSING)
        return {"Body": io.BytesIO(self.objects[Key]), "ETag": _etag(self.objects[Key])}

    def put_object(self, *, Key: str, Body: bytes, **asked: Any) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """Write an object, where the condition holds."""
        there = self.objects.get(Key)
        if asked.get("IfNoneMatch") == "*" and there is not None:
            raise _error("PutObject", "PreconditionFailed", _CONDITION)
        if (version := asked.get("IfMatch")) is not None:
            if there is None:
                raise _error("PutObject", "NoSuchKey", _MISSING)
            if _etag(there) != version:
                raise _error("PutObject", "PreconditionFailed", _CONDITION)
        self.objects[Key] = Body
        return {"ETag": _etag(Body)}

    def delete_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """Delete an object, whether it is there or not."""
        del Bucket
        self.objects.pop(Key, None)
        return {}

    def list_objects_v2(self, *, Prefix: str, **_asked: Any) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """List keys, all on one page."""
        return {
            "Contents": [{"Key": key} for key in sorted(self.objects) if key.startswith(Prefix)],
            "IsTruncated": False,
        }


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def _error(operation: str, code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)
