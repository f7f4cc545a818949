"""boto3 clients of the embedded AWS."""

from collections.abc import Mapping
from typing import Any, Final

import boto3
from botocore.config import Config

REGION: Final = "us-east-1"
# What a client needs beside the endpoint; nobody takes these for secrets.
VARIABLES: Final[Mapping[str, str]] = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
}


def client(url: str, service: str, region: str = REGION) -> Any:
    """Return a client of a service; a call that fails is not tried again."""
    return boto3.client(  # type: ignore[call-overload] # any service's name
        service,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=VARIABLES["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=VARIABLES["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"mode": "standard", "total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )
