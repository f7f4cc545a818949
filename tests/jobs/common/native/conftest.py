"""An S3 that no Spark session knows of."""

from collections.abc import Iterator

import pytest

from local_aws.s3_server import S3Server


@pytest.fixture(scope="module")
def s3_server() -> Iterator[S3Server]:
    """Start it once a file."""
    server = S3Server()
    yield server
    server.close()
