"""Scopes of signatures."""

import pytest

from local_aws.scope import Scope, is_from_here, scope_of


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


@pytest.mark.parametrize(
    ("headers", "is_here"),
    [
        ({"HTTP_HOST": "127.0.0.1:4566"}, True),
        ({"HTTP_HOST": "localhost"}, True),
        ({"HTTP_HOST": "bucket.localhost:4566"}, True),
        ({"HTTP_HOST": "evil.example:4566"}, False),
        ({"HTTP_HOST": "127.0.0.1.evil.example"}, False),
        ({"HTTP_HOST": "127.0.0.1:4566", "HTTP_ORIGIN": "http://evil.example"}, False),
        ({"HTTP_HOST": "127.0.0.1:4566", "HTTP_ORIGIN": "null"}, False),
        ({}, False),
    ],
)
def test_a_page_of_a_browser_is_told_from_a_program(headers: dict[str, str], is_here: bool) -> None:
    assert is_from_here(headers) is is_here
