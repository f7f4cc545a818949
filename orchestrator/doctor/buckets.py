"""The buckets of state and logs: there, in this Region, closed, encrypted, versioned."""

import shlex
from collections.abc import Callable, Iterator
from typing import Any, Final

from botocore.exceptions import ClientError

from orchestrator.aws.faults import code_of
from orchestrator.doctor.checks import Check, missing, ok, warn

_GONE: Final = frozenset({"404", "NoSuchBucket"})
_NO_BLOCK: Final = "NoSuchPublicAccessBlockConfiguration"
_NO_ENCRYPTION: Final = "ServerSideEncryptionConfigurationNotFoundError"
_BLOCK: Final = "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"


def check_bucket(s3: Any, bucket: str, region: str) -> Iterator[Check]:
    """See whether the bucket of the state is there, and in this Region."""
    name = f"bucket {bucket}"
    try:
        answer = s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if not _is_gone(error):
            raise
        yield missing(name, "there is none", _making(bucket, region))
        return
    where = (
        answer.get("BucketRegion")
        or answer["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region")
        or region
    )
    if where != region:
        yield warn(
            name, f"in {where}", f"use one in {region}: reads and writes across Regions cost money and time"
        )
    else:
        yield ok(name, f"in {where}")


def _making(bucket: str, region: str) -> str:
    """Return the command that makes a bucket; S3 takes no constraint for us-east-1, and wants one elsewhere."""
    location = "" if region == "us-east-1" else f" --create-bucket-configuration LocationConstraint={region}"
    return f"aws s3api create-bucket --bucket {shlex.quote(bucket)} --region {region}{location}"


def check_log_bucket(s3: Any, bucket: str | None, region: str) -> Iterator[Check]:
    """See whether there is somewhere for EMR to put logs."""
    if bucket is None:
        yield warn("LogUri", "none", "give clusters a LogUri (s3://…): without one EMR keeps no logs")
        return
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if not _is_gone(error):
            raise
        yield missing("LogUri", f"no bucket {bucket}", _making(bucket, region))
    else:
        yield ok("LogUri", f"bucket {bucket}")


def check_settings(check: Callable[[Any, str], Iterator[Check]], s3: Any, bucket: str) -> Iterator[Check]:
    """Check something of a bucket; that there is none has been told already."""
    try:
        yield from check(s3, bucket)
    except ClientError as error:
        if not _is_gone(error):
            raise


def check_public_access(s3: Any, bucket: str) -> Iterator[Check]:
    """See whether the bucket is closed to the public."""
    word = shlex.quote(bucket)
    mend = f"aws s3api put-public-access-block --bucket {word} --public-access-block-configuration {_BLOCK}"
    found = _found(lambda: s3.get_public_access_block(Bucket=bucket), _NO_BLOCK)
    blocks = {} if found is None else found["PublicAccessBlockConfiguration"]
    is_closed = len(blocks) > 0 and all(blocks.values())
    name = f"bucket {bucket}: public access"
    yield ok(name, "blocked") if is_closed else warn(name, "not blocked", mend)


def check_encryption(s3: Any, bucket: str) -> Iterator[Check]:
    """See how the bucket's objects are encrypted."""
    word = shlex.quote(bucket)
    name = f"bucket {bucket}: encryption"
    found = _found(lambda: s3.get_bucket_encryption(Bucket=bucket), _NO_ENCRYPTION)
    if found is None:
        rule = '{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms"},"BucketKeyEnabled":true}]}'
        mend = (
            f"aws s3api put-bucket-encryption --bucket {word} --server-side-encryption-configuration '{rule}'"
        )
        yield warn(name, "no rule: S3 encrypts with its own keys", mend)
        return
    [rule, *_] = found["ServerSideEncryptionConfiguration"]["Rules"]
    yield ok(name, str(rule.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm", "as S3 does")))


def check_versioning(s3: Any, bucket: str) -> Iterator[Check]:
    """See whether the bucket keeps former versions."""
    word = shlex.quote(bucket)
    name = f"bucket {bucket}: versioning"
    if s3.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled":
        yield ok(name, "enabled")
        return
    mend = f"aws s3api put-bucket-versioning --bucket {word} --versioning-configuration Status=Enabled"
    yield warn(name, "not enabled: what is overwritten or deleted by mistake is lost", mend)


def _found(ask: Callable[[], Any], code_of_nothing: str) -> Any:
    try:
        return ask()
    except ClientError as error:
        if code_of(error) != code_of_nothing:
            raise
        return None


def _is_gone(error: ClientError) -> bool:
    return code_of(error) in _GONE
