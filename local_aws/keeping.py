"""What the embedded S3 holds, kept in one file while no server runs: buckets and their objects as they are now.

A tar file whose members bear numbers; bucket, key, content type, content encoding and metadata stand in their PAX
headers, as keys may be anything.

Not kept: how buckets are configured (policies, lifecycles, encryption, versioning), earlier versions, other headers,
tags, access lists, and storage classes: all comes back as STANDARD. An object that was uploaded in parts comes back
as if uploaded whole, with another ETag. What S3 does not give away, such as an object in GLACIER that is not restored,
is left out, and the log names it.
"""

import json
import logging
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from mypy_boto3_s3 import S3Client

_ABOUT: Final = "EMRJOBSUITE.about"
_IN_MEMORY: Final = 16 * 1024 * 1024
log = logging.getLogger("local_aws")


class KeptError(Exception):
    """A file that holds no buckets."""


class NotKeptError(Exception):
    """Buckets that could not be written to their file."""


def save(s3: S3Client, path: Path) -> int:
    """Write all buckets and objects to a file, which appears whole; returns how many objects there are.

    Raises:
        NotKeptError: Where that fails as a whole; the former file is then still there.
    """
    part = path.with_suffix(".part")
    try:
        with tarfile.open(part, "w", format=tarfile.PAX_FORMAT) as archive:
            buckets = [found["Name"] for found in s3.list_buckets()["Buckets"]]
            count = sum(_save_bucket(s3, archive, bucket, path.parent) for bucket in buckets)
        part.replace(path)
    except (OSError, ClientError, BotoCoreError) as fault:
        part.unlink(missing_ok=True)
        why = (fault.strerror if isinstance(fault, OSError) else None) or fault
        raise NotKeptError(
            f"{path}: expected to write the buckets there, failed: {why}; what this server held is lost, what an "
            "earlier one kept there is as it was; make room before the next start"
        ) from fault
    return count


def load(s3: S3Client, path: Path) -> int:
    """Put back what was kept, where there is such a file; returns how many objects there are.

    Raises:
        KeptError: Where the file cannot be read.
    """
    if not path.exists():
        return 0
    count = 0
    try:
        with tarfile.open(path, "r:") as archive:
            for member in archive:
                about = json.loads(member.pax_headers[_ABOUT])
                if "key" not in about:
                    s3.create_bucket(Bucket=about["bucket"])
                    continue
                s3.put_object(
                    Bucket=about["bucket"],
                    Key=about["key"],
                    Body=archive.extractfile(member) or b"",
                    ContentType=about["type"],
                    Metadata=about["metadata"],
                    ContentEncoding=about.get("encoding", ""),
                )
                count += 1
    except (tarfile.TarError, KeyError, ValueError, ClientError, BotoCoreError) as fault:
        raise KeptError(
            f"{path}: expected the buckets that a server has kept, failed: {fault}; move it away to begin with none"
        ) from fault
    return count


def _save_bucket(s3: S3Client, archive: tarfile.TarFile, bucket: str, scratch: Path) -> int:
    try:
        keys = list(_keys(s3, bucket))
    except (ClientError, BotoCoreError) as fault:
        log.warning("s3://%s is not kept: %s", bucket, fault)
        return 0
    archive.addfile(_member(archive, {"bucket": bucket}))
    count = 0
    for key in keys:
        # Read whole before any of it is written: half a member would spoil all that follow.
        with SpooledTemporaryFile(_IN_MEMORY, dir=str(scratch)) as body:
            try:
                about = _read(s3, bucket, key, body)
            except (ClientError, BotoCoreError) as fault:
                log.warning("s3://%s/%s is not kept: %s", bucket, key, fault)
                continue
            size = body.tell()
            body.seek(0)
            archive.addfile(_member(archive, about, size), body)
        count += 1
    return count


def _read(s3: S3Client, bucket: str, key: str, body: IO[bytes]) -> dict[str, Any]:
    told = s3.get_object(Bucket=bucket, Key=key)
    shutil.copyfileobj(told["Body"], body)
    return {
        "bucket": bucket,
        "key": key,
        "type": told["ContentType"],
        "encoding": told.get("ContentEncoding", ""),
        "metadata": told["Metadata"],
    }


def _keys(s3: S3Client, bucket: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        yield from (found["Key"] for found in page.get("Contents", []))


def _member(archive: tarfile.TarFile, about: dict[str, Any], size: int = 0) -> tarfile.TarInfo:
    member = tarfile.TarInfo(f"{len(archive.getmembers()):08d}")
    member.size = size
    member.pax_headers = {_ABOUT: json.dumps(about)}
    return member
