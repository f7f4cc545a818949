"""Buckets as moto has them, bare and mended by the very settings that the doctor names."""

from collections.abc import Iterator
from typing import Any

import pytest

from orchestrator.doctor import buckets
from orchestrator.doctor.checks import Check, State, ok
from tests.orchestrator.doctor.cloud import moto


@pytest.fixture
def s3() -> Iterator[Any]:
    """Give an S3 with one bucket, `bare`."""
    with moto() as client:
        s3 = client("s3")
        s3.create_bucket(Bucket="bare")
        yield s3


def settings(s3: Any, bucket: str) -> list[Check]:
    checks = (buckets.check_public_access, buckets.check_encryption, buckets.check_versioning)
    return [found for check in checks for found in buckets.check_settings(check, s3, bucket)]


def test_a_bucket_that_is_not_there_is_told_once_with_the_command_that_makes_it(s3: Any) -> None:
    [found] = buckets.check_bucket(s3, "none-such", "us-east-1")
    assert (found.state, found.found) == (State.MISSING, "there is none")
    assert found.mend == "aws s3api create-bucket --bucket none-such --region us-east-1"
    assert settings(s3, "none-such") == []
    [found] = buckets.check_bucket(s3, "none-such", "eu-west-1")
    assert found.mend.endswith("--create-bucket-configuration LocationConstraint=eu-west-1")


def test_a_bucket_of_another_region_is_advised_against(s3: Any) -> None:
    assert list(buckets.check_bucket(s3, "bare", "us-east-1")) == [ok("bucket bare", "in us-east-1")]
    [found] = buckets.check_bucket(s3, "bare", "eu-west-1")
    assert (found.state, found.found) == (State.WARN, "in us-east-1")


def test_a_bare_bucket_is_advised_on_and_a_mended_one_is_well(s3: Any) -> None:
    assert [each.state for each in settings(s3, "bare")] == [State.WARN] * 3
    blocks = dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
    )
    s3.put_public_access_block(Bucket="bare", PublicAccessBlockConfiguration=blocks)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    s3.put_bucket_encryption(Bucket="bare", ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_bucket_versioning(Bucket="bare", VersioningConfiguration={"Status": "Enabled"})
    assert settings(s3, "bare") == [
        ok("bucket bare: public access", "blocked"),
        ok("bucket bare: encryption", "aws:kms"),
        ok("bucket bare: versioning", "enabled"),
    ]


def test_a_block_with_a_hole_is_none(s3: Any) -> None:
    s3.put_public_access_block(Bucket="bare", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    assert settings(s3, "bare")[0].state is State.WARN


def test_logs_need_a_bucket(s3: Any) -> None:
    assert list(buckets.check_log_bucket(s3, "bare", "us-east-1")) == [ok("LogUri", "bucket bare")]
    [none] = buckets.check_log_bucket(s3, None, "us-east-1")
    assert (none.state, none.found) == (State.WARN, "none")
    [gone] = buckets.check_log_bucket(s3, "none-such", "us-east-1")
    mend = "aws s3api create-bucket --bucket none-such --region us-east-1"
    assert (gone.state, gone.mend) == (State.MISSING, mend)


def test_a_bucket_of_logs_elsewhere_is_made_with_its_constraint(s3: Any) -> None:
    [gone] = buckets.check_log_bucket(s3, "none-such", "eu-west-1")
    assert gone.mend == (
        "aws s3api create-bucket --bucket none-such --region eu-west-1 "
        "--create-bucket-configuration LocationConstraint=eu-west-1"
    )
