"""Scopes of signatures."""

import pytest

from local_aws.scope import Scope, scope_of


@pytest.mark.parametrize(
    ("header", "scope"),
    [
        (
            "AWS4-HMAC-SHA256 Credential=AKIA/20261126/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=ab",
            Scope("us-east-1", "s3"),
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a/b/20261126/eu-west-1/elasticmapreduce/aws4_request",
            Scope("eu-west-1", "elasticmapreduce"),
        ),
        ("AWS AKIA:signature", None),
        ("", None),
    ],
)
def test_a_scope_is_read_from_the_credential(header: str, scope: Scope | None) -> None:
    assert scope_of(header) == scope
