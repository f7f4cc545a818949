"""Clients of moto's services in the process, for what the doctor asks."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto import mock_aws

from orchestrator.doctor.policy import trust

REGION = "us-east-1"


@contextmanager
def moto() -> Iterator[Any]:
    """Give a maker of clients."""
    made = []

    def client(service: str) -> Any:
        found = boto3.client(  # type: ignore[call-overload] # any service's name
            service,
            region_name=REGION,
            aws_access_key_id="a",
            aws_secret_access_key="b",  # noqa: S106 - of nothing
        )
        made.append(found)
        return found

    with mock_aws():
        yield client
    for each in made:
        each.close()


def make_role(iam: Any, name: str, service: str) -> None:
    """Make a role that a service may take."""
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust(service)))
