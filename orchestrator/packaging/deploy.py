"""Put the package, entry files and bootstrap scripts on S3, each once, under a name that tells its content.

`s3://<bucket>/artifacts/<digits of its SHA-256>/<name>`: what a name holds never changes, so a step that waits, or
one that is tried again, runs what it was made with, whoever deploys meanwhile.
"""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from botocore.exceptions import ClientError
from mypy_boto3_s3 import S3Client

from orchestrator.aws.faults import AWS_ERRORS, THROTTLES, code_of, refusal
from orchestrator.errors import FailedError
from orchestrator.packaging.archive import packed, short_hash
from orchestrator.packaging.artifacts import Artifacts, BootstrapArtifact

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


def deploy(s3: S3Client, bucket: str, root: Path) -> Collected:
    """Upload what is not there yet and return where everything is.

    Raises:
        UsageError: The folder is no checkout.
        RefusedError: AWS refuses a call, or is not reached.
        FailedError: Another object lies where ours belongs, or others keep getting in the way.
    """
    collected = collect(bucket, root)
    for file in collected.files:
        put(s3, file)
    return collected


def put(s3: S3Client, file: ArtifactFile) -> None:
    """Put a file where none is, or see that it is the same.

    Raises:
        RefusedError: AWS refuses a call, or is not reached.
        FailedError: Another object lies there, or others keep getting in the way.
    """
    try:
        is_there = any(_is_there(s3, file) for _ in range(_MOST_TRIES))
    except AWS_ERRORS as fault:
        raise refusal("S3", f"{getattr(fault, 'operation_name', 'PutObject')} {file.uri}", fault) from fault
    if not is_there:
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


def _is_there(s3: S3Client, file: ArtifactFile) -> bool:
    """Try once; False where another's call came between."""
    checksum = _base64(file.content)
    try:
        s3.put_object(
            Bucket=file.bucket, Key=file.key, Body=file.content, IfNoneMatch="*", ChecksumSHA256=checksum
        )
    except ClientError as fault:
        if code_of(fault) == _EXISTS:
            return _is_same(s3, file, checksum)
        if code_of(fault) in THROTTLES:
            return False
        raise
    return True


def _is_same(s3: S3Client, file: ArtifactFile, checksum: str) -> bool:
    """See that an object is ours; False where it is gone again.

    Raises:
        FailedError: It is another.
    """
    try:
        head = s3.head_object(Bucket=file.bucket, Key=file.key, ChecksumMode="ENABLED")
        kept = head.get("ChecksumSHA256")
        if kept is None:  # put by other means than ours
            kept = _base64(s3.get_object(Bucket=file.bucket, Key=file.key)["Body"].read())
    except ClientError as fault:
        if code_of(fault) in _GONE:
            return False
        raise
    if (head["ContentLength"], kept) != (len(file.content), checksum):
        raise FailedError(
            f"{file.uri}: expected {len(file.content)} bytes with SHA-256 {checksum}, found another object of "
            f"{head['ContentLength']} bytes, {kept}; nothing overwrites it: find out who put it, and delete it"
        )
    return True


def _base64(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()
