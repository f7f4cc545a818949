"""Small objects that several orchestrators write at once, each write on a condition (decision D11).

A version is S3's ETag, a hash of the bytes: whoever writes puts something into the body that nobody else writes (a
nonce), so that a version never comes back, and a body that is found is known to be one's own.
"""

import base64
import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from botocore.exceptions import ClientError

from orchestrator.aws.clock import Clock
from orchestrator.aws.faults import code_of
from orchestrator.aws.retrying import Retrying

_EXISTS: Final = "PreconditionFailed"
_GONE: Final = frozenset({"404", "NoSuchKey"})


@dataclass(frozen=True)
class Stored:
    """An object as it was read."""

    body: bytes
    version: str


class Store(Protocol):
    """Objects by key."""

    def get(self, key: str, until: float) -> Stored | None:
        """Read an object; None where there is none."""

    def create(self, key: str, body: bytes, until: float) -> str | None:
        """Write an object that is not there yet and return its version; None where one is there."""

    def replace(self, key: str, body: bytes, version: str, until: float) -> str | None:
        """Write an object over that version of it and return the new one; None where it is another one by now."""

    def keys(self, prefix: str, until: float) -> list[str]:
        """List the keys that begin so."""


class S3Store:
    """Objects of a bucket, their keys below a prefix."""

    def __init__(
        self,
        client: Any,
        bucket: str,
        clock: Clock,
        prefix: str = "_state/",
        draws: random.Random | None = None,
    ) -> None:
        """Make it with a boto3 client, which may retry by itself."""
        self._client, self._bucket, self._prefix = client, bucket, prefix
        self._retrying = Retrying("S3", clock, draws or random.Random())  # noqa: S311 - waits, not secrets

    def get(self, key: str, until: float) -> Stored | None:
        """Read an object; None where there is none."""

        def read() -> Stored | None:
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key)
            except ClientError as error:
                if code_of(error) in _GONE:
                    return None
                raise
            return Stored(answer["Body"].read(), answer["ETag"])

        return self._retrying.read("GetObject", read, until)

    def create(self, key: str, body: bytes, until: float) -> str | None:
        """Write an object that is not there yet and return its version; None where one is there."""
        return self._put(key, body, {"IfNoneMatch": "*"}, until)

    def replace(self, key: str, body: bytes, version: str, until: float) -> str | None:
        """Write an object over that version of it and return the new one; None where it is another one by now."""
        return self._put(key, body, {"IfMatch": version}, until)

    def delete(self, key: str, until: float) -> None:
        """Delete an object, whether it is there or not."""
        self._retrying.read(
            "DeleteObject",
            lambda: self._client.delete_object(Bucket=self._bucket, Key=self._prefix + key),
            until,
        )

    def keys(self, prefix: str, until: float) -> list[str]:
        """List the keys that begin so."""
        found: list[str] = []
        token: dict[str, str] = {}
        while True:
            answer = self._retrying.read(
                "ListObjectsV2",
                lambda token=token: self._client.list_objects_v2(  # type: ignore[misc] # mypy takes no default in a lambda
                    Bucket=self._bucket, Prefix=self._prefix + prefix, **token
                ),
                until,
            )
            found += [each["Key"].removeprefix(self._prefix) for each in answer.get("Contents", [])]
            if not answer.get("IsTruncated"):
                return found
            token = {"ContinuationToken": answer["NextContinuationToken"]}

    def _put(self, key: str, body: bytes, condition: dict[str, str], until: float) -> str | None:
        version = self._retrying.read("PutObject", self._once(key, body, condition), until)
        if version != _EXISTS:
            return version
        # An earlier attempt may have been carried out and not answered: then what is there is ours.
        found = self.get(key, until)
        return found.version if found and found.body == body else None

    def _once(self, key: str, body: bytes, condition: dict[str, str]) -> Callable[[], str]:
        def put() -> str:
            try:
                answer = self._client.put_object(
                    Bucket=self._bucket,
                    Key=self._prefix + key,
                    Body=body,
                    ContentType="application/json",
                    ChecksumSHA256=_checksum(body),
                    **condition,
                )
            except ClientError as error:
                if (
                    code_of(error) == _EXISTS or code_of(error) in _GONE
                ):  # gone: of IfMatch, where it was deleted
                    return _EXISTS
                raise
            return str(answer["ETag"])

        return put


def _checksum(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()
