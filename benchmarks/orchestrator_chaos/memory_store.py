"""The orchestrator's state in memory, with S3's semantics: for simulations of many orchestrators in one process."""

import hashlib

from orchestrator.aws.clock import Clock
from orchestrator.aws.store import Stored


class MemoryStore:
    """Objects by key; a call takes `latency_s` of the clock's time, before it is carried out."""

    def __init__(self, clock: Clock, latency_s: float = 0.0) -> None:
        """Begin without objects."""
        self._clock, self._latency_s = clock, latency_s
        self.objects: dict[str, bytes] = {}

    def get(self, key: str, until: float) -> Stored | None:
        """Read an object; None where there is none."""
        self._pass(until)
        body = self.objects.get(key)
        return None if body is None else Stored(body, _version(body))

    def create(self, key: str, body: bytes, until: float) -> str | None:
        """Write an object that is not there yet and return its version; None where one is there."""
        self._pass(until)
        return self._put(key, body, is_allowed=key not in self.objects)

    def replace(self, key: str, body: bytes, version: str, until: float) -> str | None:
        """Write an object over that version of it and return the new one; None where it is another one by now."""
        self._pass(until)
        there = self.objects.get(key)
        return self._put(key, body, is_allowed=there is not None and _version(there) == version)

    def keys(self, prefix: str, until: float) -> list[str]:
        """List the keys that begin so."""
        self._pass(until)
        return sorted(key for key in self.objects if key.startswith(prefix))

    def _put(self, key: str, body: bytes, *, is_allowed: bool) -> str | None:
        # What is refused because one's own bytes are there is taken for done: an answer may have been lost.
        if not is_allowed and self.objects.get(key) != body:
            return None
        self.objects[key] = body
        return _version(body)

    def _pass(self, until: float) -> None:
        if self._latency_s:
            self._clock.sleep(min(self._latency_s, max(0.0, until - self._clock.now())))


def _version(body: bytes) -> str:
    """Return what S3 returns as ETag of an object that came in one piece and is not encrypted by a key of KMS."""
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
