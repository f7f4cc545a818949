"""URIs of S3."""

import pytest

from local_aws.running.s3_uri import S3Uri, s3_uri


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s3://b/a/c.sh", S3Uri("b", "a/c.sh")),
        ("s3n://b/a", S3Uri("b", "a")),
        ("s3a://b/", S3Uri("b", "")),
        ("s3://b", S3Uri("b", "")),
        ("s3://", None),
        ("/usr/bin/true", None),
        ("file:///a", None),
        ("", None),
    ],
)
def test_a_uri_has_a_bucket_and_a_key(text: str, expected: S3Uri | None) -> None:
    assert s3_uri(text) == expected
