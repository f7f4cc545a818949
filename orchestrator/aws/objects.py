"""Objects of any size on S3: listed by prefix, read in parts, never whole in memory."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from orchestrator.aws.clock import Clock
from orchestrator.aws.faults import code_of
from orchestrator.aws.retrying import Retrying

PART_BYTES: Final = 4 * 1024 * 1024
MOST_KEYS: Final = 20_000
_CHANGED: Final = frozenset({"PreconditionFailed", "404", "NoSuchKey", "InvalidRange"})


@dataclass(frozen=True)
class Listed:
    """An object as a list shows it; `version` is its ETag."""

    key: str
    size: int
    version: str


class Objects:
    """Reads objects with a boto3 client."""

    def __init__(
        self,
        client: Any,
        clock: Clock,
        draws: random.Random | None = None,
        part_bytes: int = PART_BYTES,
    ) -> None:
        """Make it; `part_bytes` is how much of an object is in memory at once."""
        self._client, self._part_bytes = client, part_bytes
        self._retrying = Retrying("S3", clock, draws or random.Random())  # noqa: S311 - waits, not secrets

    def files(self, bucket: str, prefix: str, until: float, most: int = MOST_KEYS) -> list[Listed]:
        """List the objects whose keys begin so, up to so many and the rest of their page.

        Raises:
            RefusedCallError: There is no such bucket, or it may not be listed.
        """
        found: list[Listed] = []
        token: dict[str, str] = {}
        while True:
            answer = self._retrying.read(
                "ListObjectsV2",
                lambda token=token: self._client.list_objects_v2(Bucket=bucket, Prefix=prefix, **token),  # type: ignore[misc] # mypy takes no default in a lambda
                until,
            )
            found += [Listed(each["Key"], each["Size"], each["ETag"]) for each in answer.get("Contents", [])]
            if not answer.get("IsTruncated") or len(found) >= most:
                return found
            token = {"ContinuationToken": answer["NextContinuationToken"]}

    def read(self, bucket: str, key: str, until: float) -> bytes | None:
        """Read a small object whole; None where there is none.

        Raises:
            RefusedCallError: It may not be read.
        """

        def whole() -> bytes | None:
            try:
                body: bytes = self._client.get_object(Bucket=bucket, Key=key)["Body"].read()
            except ClientError as error:
                if code_of(error) in _CHANGED:
                    return None
                raise
            return body

        return self._retrying.read("GetObject", whole, until)

    def parts(self, bucket: str, file: Listed, until: float) -> Iterator[bytes]:
        """Read an object part by part; one that is replaced meanwhile ends early.

        Raises:
            RefusedCallError: It may not be read.
        """
        for begin in range(0, file.size, self._part_bytes):
            part = self._retrying.read("GetObject", lambda at=begin: self._part(bucket, file, at), until)  # type: ignore[misc] # as above
            if part is None:
                return
            yield part

    def _part(self, bucket: str, file: Listed, begin: int) -> bytes | None:
        end = min(begin + self._part_bytes, file.size) - 1
        try:
            answer = self._client.get_object(
                Bucket=bucket, Key=file.key, Range=f"bytes={begin}-{end}", IfMatch=file.version
            )
        except ClientError as error:
            if code_of(error) in _CHANGED:
                return None
            raise
        body: bytes = answer["Body"].read()
        return body
