"""What the tests of logs share: one S3."""

from collections.abc import Iterator

import pytest

from local_aws.s3_server import S3Server


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    """Start an S3."""
    server = S3Server()
    yield server
    server.close()
