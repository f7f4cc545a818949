"""What the embedded S3 holds, kept in one file while no server runs: buckets and their objects as they are now.

A tar file whose members bear numbers; bucket, key, content type and metadata stand in their PAX headers, as keys may be
anything. Earlier versions of objects, and how buckets are configured, are not kept.
"""

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from mypy_boto3_s3 import S3Client

_ABOUT: Final = "EMRJOBSUITE.about"


class KeptError(Exception):
    """A file that holds no buckets."""


def save(s3: S3Client, path: Path) -> int:
    """Write all buckets and objects to a file, which appears whole; returns how many objects there are."""
    part = path.with_suffix(".part")
    count = 0
    with tarfile.open(part, "w", format=tarfile.PAX_FORMAT) as archive:
        for bucket in [found["Name"] for found in s3.list_buckets()["Buckets"]]:
            archive.addfile(_member(archive, {"bucket": bucket}))
            for key in _keys(s3, bucket):
                told = s3.get_object(Bucket=bucket, Key=key)
                about = {
                    "bucket": bucket,
                    "key": key,
                    "type": told["ContentType"],
                    "metadata": told["Metadata"],
                }
                archive.addfile(_member(archive, about, told["ContentLength"]), told["Body"])
                count += 1
    part.replace(path)
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
                )
                count += 1
    except (tarfile.TarError, KeyError, ValueError) as fault:
        raise KeptError(
            f"{path}: expected the buckets that a server has kept, failed: {fault}; move it away to begin with none"
        ) from fault
    return count


def _keys(s3: S3Client, bucket: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        yield from (found["Key"] for found in page.get("Contents", []))


def _member(archive: tarfile.TarFile, about: dict[str, Any], size: int = 0) -> tarfile.TarInfo:
    member = tarfile.TarInfo(f"{len(archive.getmembers()):08d}")
    member.size = size
    member.pax_headers = {_ABOUT: json.dumps(about)}
    return member
