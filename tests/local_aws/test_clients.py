"""Clients of the embedded AWS."""

import pytest
from botocore.exceptions import EndpointConnectionError

from local_aws.clients import client


def test_a_client_asks_its_endpoint_once() -> None:
    made = client("http://127.0.0.1:9", "s3")
    assert made.meta.endpoint_url == "http://127.0.0.1:9"
    assert made.meta.region_name == "us-east-1"
    tries: list[str] = []
    made.meta.events.register("before-send", lambda **_: tries.append("try"))
    with pytest.raises(EndpointConnectionError):
        made.list_buckets()
    assert tries == ["try"]
    made.close()
