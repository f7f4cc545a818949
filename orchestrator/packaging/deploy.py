"""Put the package, entry files and bootstrap scripts on S3, each once, under a name that tells its content.

`s3://<bucket>/artifacts/<digits of its SHA-256>/<name>`: what a name holds never changes, so a step that waits, or
one that is tried again, runs what it was made with, whoever deploys meanwhile.
"""

import base64
import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from orchestrator.aws.clock import Clock, SystemClock
from orchestrator.aws.faults import RefusedCallError
from orchestrator.aws.retrying import Answer, Retrying
from orchestrator.errors import FailedError
from orchestrator.packaging.archive import packed, short_hash
from orchestrator.packaging.artifacts import Artifacts, BootstrapArtifact

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PATIENCE_S: Final = 300.0
BOOTSTRAP: Final = "bootstrap"
_JOBS: Final = "jobs"
# How often a put is tried that another's put or deletion gets in the way of.
_MOST_TRIES: Final = 5
_EXISTS: Final = "PreconditionFailed"
_GONE: Final = frozenset({"404", "NoSuchKey"})


@dataclass(frozen=True)
class ArtifactFile:
    """What stands, or is to stand, under a key that holds the first digits of its SHA-256."""

    bucket: str
    key: str
    content: bytes
    sha256: str

    @property
    def uri(self) -> str:
        """Return where it is on S3."""
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True)
class Patience:
    """How calls are tried again, and the instant at which they are given up, in seconds of the Unix epoch."""

    retrying: Retrying
    until: float

    @classmethod
    def of(cls, clock: Clock, until: float | None = None, draws: random.Random | None = None) -> Self:
        """Make it with a clock; without an instant it lasts as long as a launch may reasonably wait for S3."""
        retrying = Retrying("S3", clock, draws or random.Random())  # noqa: S311 - waits, not secrets
        return cls(retrying, clock.now() + PATIENCE_S if until is None else until)


@dataclass(frozen=True)
class Collected:
    """The artifacts of a checkout, and their files, the package first."""

    artifacts: Artifacts
    files: tuple[ArtifactFile, ...]


def collect(bucket: str, root: Path) -> Collected:
    """Tell where everything belongs, without a call to AWS: a plan needs no more.

    Raises:
        UsageError: The folder is no checkout.
    """
    name, content = packed(root)
    package = _file(bucket, name, content)
    entries = {path: _file(bucket, path, (root / path).read_bytes()) for path in entry_points(root)}
    scripts = {path: _file(bucket, path, (root / path).read_bytes()) for path in bootstrap_scripts(root)}
    artifacts = Artifacts(
        package.uri,
        {path: file.uri for path, file in entries.items()},
        {path: BootstrapArtifact(file.uri, file.sha256) for path, file in scripts.items()},
    )
    return Collected(artifacts, (package, *entries.values(), *scripts.values()))


def deploy(s3: "S3Client", bucket: str, root: Path, patience: Patience | None = None) -> Collected:
    """Upload what is not there yet and return where everything is.

    Raises:
        UsageError: The folder is no checkout.
        RefusedError: AWS refuses a call.
        TimedOutError: AWS was throttling, or not reached, until the time was over.
        FailedError: Another object lies where ours belongs, or others keep getting in the way.
    """
    collected = collect(bucket, root)
    patience = patience or Patience.of(SystemClock())
    for file in collected.files:
        put(s3, file, patience)
    return collected


def put(s3: "S3Client", file: ArtifactFile, patience: Patience | None = None) -> None:
    """Put a file where none is, or see that it is the same; S3 is asked until the time is over.

    Raises:
        RefusedError: AWS refuses a call.
        TimedOutError: AWS was throttling, or not reached, until the time was over.
        FailedError: Another object lies there, or others keep getting in the way.
    """
    calls = _Calls(s3, file, patience or Patience.of(SystemClock()))
    if not any(calls.is_there() for _ in range(_MOST_TRIES)):
        raise FailedError(
            f"{file.uri}: others wrote or deleted it {_MOST_TRIES} times while it was put; run the command again"
        )


def entry_points(root: Path) -> list[str]:
    """List the entry files: what stands directly in `jobs/`."""
    return _names(root, _JOBS, "*.py")


def bootstrap_scripts(root: Path) -> list[str]:
    """List the scripts for nodes."""
    return _names(root, BOOTSTRAP, "*")


def _names(root: Path, folder: str, pattern: str) -> list[str]:
    found = (path for path in (root / folder).glob(pattern) if path.is_file())
    return sorted(f"{folder}/{path.name}" for path in found if not path.name.startswith((".", "_")))


def _file(bucket: str, path: str, content: bytes) -> ArtifactFile:
    key = f"artifacts/{short_hash(content)}/{path.rpartition('/')[2]}"
    return ArtifactFile(bucket, key, content, hashlib.sha256(content).hexdigest())


@dataclass(frozen=True)
class _Calls:
    """The calls about one file; each gives the same however often it is made."""

    s3: "S3Client"
    file: ArtifactFile
    patience: Patience

    def is_there(self) -> bool:
        """Try once; False where another's call came between."""
        place = self._place()
        checksum = _base64(self.file.content)
        try:
            self._ask(
                "PutObject",
                lambda: self.s3.put_object(
                    **place, Body=self.file.content, IfNoneMatch="*", ChecksumSHA256=checksum
                ),
            )
        except RefusedCallError as refused:
            if refused.code == _EXISTS:
                return self._is_same(checksum)
            raise
        return True

    def _is_same(self, checksum: str) -> bool:
        """See that an object is ours; False where it is gone again.

        Raises:
            FailedError: It is another.
        """
        file, place = self.file, self._place()
        try:
            head = self._ask("HeadObject", lambda: self.s3.head_object(**place, ChecksumMode="ENABLED"))
            kept = head.get("ChecksumSHA256")
            if kept is None:  # put by other means than ours
                kept = self._ask("GetObject", lambda: _base64(self.s3.get_object(**place)["Body"].read()))
        except RefusedCallError as refused:
            if refused.code in _GONE:
                return False
            raise
        if (head["ContentLength"], kept) != (len(file.content), checksum):
            raise FailedError(
                f"{file.uri}: expected {len(file.content)} bytes with SHA-256 {checksum}, found another object of "
                f"{head['ContentLength']} bytes, {kept}; nothing overwrites it: find out who put it, and delete it"
            )
        return True

    def _place(self) -> dict[str, Any]:
        return {"Bucket": self.file.bucket, "Key": self.file.key}

    def _ask(self, operation: str, call: Callable[[], Answer]) -> Answer:
        retrying = self.patience.retrying
        return retrying.read(f"{operation} {self.file.uri}", call, self.patience.until)


def _base64(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()
