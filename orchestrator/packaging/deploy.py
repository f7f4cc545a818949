"""Put the package, entry files and bootstrap scripts on S3, each once, under a name that tells its content.

`s3://<bucket>/artifacts/<digits of its SHA-256>/<name>`: what a name holds never changes, so a step that waits, or
one that is tried again, runs what it was made with, whoever deploys meanwhile.
"""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from mypy_boto3_s3 import S3Client

from orchestrator.errors import FailedError, RefusedError
from orchestrator.packaging.archive import packed, short_hash
from orchestrator.packaging.artifacts import Artifacts, BootstrapArtifact

BOOTSTRAP: Final = "bootstrap"
_JOBS: Final = "jobs"
# How often a put is tried that another's put or deletion gets in the way of.
_MOST_TRIES: Final = 5
_EXISTS, _RACES, _IS_GONE = (
    "PreconditionFailed",
    "ConditionalRequestConflict",
    frozenset({"404", "NoSuchKey"}),
)


def deploy(s3: S3Client, bucket: str, root: Path) -> Artifacts:
    """Upload what is not there yet and return where everything is.

    Raises:
        UsageError: The folder is no checkout.
        RefusedError: AWS refuses a call.
        FailedError: Another object lies where ours belongs, S3 is not reached, or others keep getting in the way.
    """
    name, package = packed(root)
    entries = {path: (root / path).read_bytes() for path in entry_points(root)}
    scripts = {path: (root / path).read_bytes() for path in bootstrap_scripts(root)}
    return Artifacts(
        py_files=_put(s3, bucket, name, package),
        entry_points={path: _put(s3, bucket, path, content) for path, content in entries.items()},
        bootstrap={
            path: BootstrapArtifact(_put(s3, bucket, path, content), hashlib.sha256(content).hexdigest())
            for path, content in scripts.items()
        },
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


def _put(s3: S3Client, bucket: str, path: str, content: bytes) -> str:
    """Put an object where none is, or see that it is the same."""
    key = f"artifacts/{short_hash(content)}/{path.rpartition('/')[2]}"
    uri = f"s3://{bucket}/{key}"
    try:
        if not any(_is_there(s3, bucket, key, content) for _ in range(_MOST_TRIES)):
            raise FailedError(
                f"{uri}: others wrote or deleted it {_MOST_TRIES} times while it was put; run the command again"
            )
    except ClientError as fault:
        raise _refusal(uri, fault) from fault
    except BotoCoreError as fault:
        raise FailedError(f"{uri}: S3 is not reached: {fault}") from fault
    return uri


def _is_there(s3: S3Client, bucket: str, key: str, content: bytes) -> bool:
    """Try once; False where another's call came between."""
    checksum = base64.b64encode(hashlib.sha256(content).digest()).decode()
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=content, IfNoneMatch="*", ChecksumSHA256=checksum)
    except ClientError as fault:
        if _code(fault) == _EXISTS:
            return _is_same(s3, bucket, key, content, checksum)
        if _code(fault) == _RACES:
            return False
        raise
    return True


def _is_same(s3: S3Client, bucket: str, key: str, content: bytes, checksum: str) -> bool:
    """See that an object is ours; False where it is gone again.

    Raises:
        FailedError: It is another.
    """
    try:
        head = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
        kept = head.get("ChecksumSHA256")
        if kept is None:  # put by other means than ours
            body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            kept = base64.b64encode(hashlib.sha256(body).digest()).decode()
    except ClientError as fault:
        if _code(fault) in _IS_GONE:
            return False
        raise
    if (head["ContentLength"], kept) != (len(content), checksum):
        raise FailedError(
            f"s3://{bucket}/{key}: expected {len(content)} bytes with SHA-256 {checksum}, found another object of "
            f"{head['ContentLength']} bytes, {kept}; nothing overwrites it: find out who put it, and delete it"
        )
    return True


def _refusal(uri: str, fault: ClientError) -> RefusedError:
    about, request = fault.response.get("Error", {}), fault.response.get("ResponseMetadata", {})
    return RefusedError(
        f"{uri}: S3 refuses {fault.operation_name}: {about.get('Code')}: {about.get('Message')} "
        f"(request {request.get('RequestId')}); deploy needs s3:PutObject and s3:GetObject on artifacts/* of a bucket "
        "that is there"
    )


def _code(fault: ClientError) -> str:
    return str(fault.response.get("Error", {}).get("Code"))


def uris(artifacts: Artifacts) -> Iterator[str]:
    """Name everything that was deployed, the package first."""
    yield artifacts.py_files
    yield from artifacts.entry_points.values()
    yield from (script.uri for script in artifacts.bootstrap.values())
