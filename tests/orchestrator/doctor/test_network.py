"""Subnets as moto has them: of one VPC, in several zones, tagged."""

from collections.abc import Iterator
from typing import Any

import pytest

from orchestrator.doctor.checks import State
from orchestrator.doctor.network import MANAGED, check_subnets
from tests.orchestrator.doctor.cloud import moto


@pytest.fixture
def ec2() -> Iterator[Any]:
    """Give an EC2."""
    with moto() as client:
        yield client("ec2")


def subnet(ec2: Any, vpc: str, zone: str, number: int) -> str:
    made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=zone)
    return str(made["Subnet"]["SubnetId"])


def states(ec2: Any, *subnets: str) -> list[State]:
    return [each.state for each in check_subnets(ec2, subnets)]


def test_subnets_that_are_well_and_those_that_are_not(ec2: Any) -> None:
    vpc, other = (ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"] for _ in range(2))
    first, second = subnet(ec2, vpc, "us-east-1a", 1), subnet(ec2, vpc, "us-east-1b", 2)
    same, apart = subnet(ec2, vpc, "us-east-1a", 3), subnet(ec2, other, "us-east-1b", 4)
    ec2.create_tags(Resources=[first, second], Tags=[{"Key": MANAGED, "Value": "true"}])
    assert states(ec2, first, second) == [State.OK, State.OK, State.OK]
    assert states(ec2, first, same) == [State.OK, State.WARN, State.WARN]
    assert states(ec2, first, apart) == [State.MISSING, State.OK, State.WARN]
    *_, tags = check_subnets(ec2, [same])
    assert tags.mend == (
        f"aws ec2 create-tags --resources {same} --tags Key=for-use-with-amazon-emr-managed-policies,Value=true"
    )


def test_a_subnet_that_is_not_there_is_told_in_the_words_of_ec2(ec2: Any) -> None:
    [found] = check_subnets(ec2, ["subnet-0123456789abcdef0"])
    assert (found.state, found.found) == (
        State.MISSING,
        "The subnet ID 'subnet-0123456789abcdef0' does not exist",
    )


def test_where_none_is_named_nothing_is_known(ec2: Any) -> None:
    [found] = check_subnets(ec2, [])
    assert (found.state, found.found) == (State.UNKNOWN, "none is named")
