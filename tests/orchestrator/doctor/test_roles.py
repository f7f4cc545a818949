"""Roles and instance profiles: there, and of the right service."""

from collections.abc import Iterator
from typing import Any

import pytest

from orchestrator.doctor.checks import State
from orchestrator.doctor.policy import EC2_SERVICE, EMR_SERVICE
from orchestrator.doctor.roles import check_instance_profile, check_service_role
from tests.orchestrator.doctor.cloud import make_role, moto


@pytest.fixture
def iam() -> Iterator[Any]:
    """Give an IAM with a role of EMR, one of EC2, and profiles with and without a role."""
    with moto() as client:
        iam = client("iam")
        make_role(iam, "service", EMR_SERVICE)
        make_role(iam, "nodes", EC2_SERVICE)
        for name, role in (("nodes", "nodes"), ("of-emr", "service"), ("empty", None)):
            iam.create_instance_profile(InstanceProfileName=name)
            if role:
                iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role)
        yield iam


@pytest.mark.parametrize("name", ["service", "arn:aws:iam::123456789012:role/path/service"])
def test_a_service_role_by_name_or_arn(iam: Any, name: str) -> None:
    [found] = check_service_role(iam, name)
    assert (found.state, found.found) == (State.OK, "arn:aws:iam::123456789012:role/service")


def test_a_role_that_is_not_there_is_made_by_the_cli(iam: Any) -> None:
    for check in (check_service_role, check_instance_profile):
        [found] = check(iam, "none")
        assert (found.state, found.mend) == (State.MISSING, "aws emr create-default-roles")


def test_a_role_of_another_service_is_mended_by_its_trust_policy(iam: Any) -> None:
    [found] = check_service_role(iam, "nodes")
    assert (found.state, found.found) == (
        State.MISSING,
        "elasticmapreduce.amazonaws.com may not take the role nodes",
    )
    assert found.mend.startswith("aws iam update-assume-role-policy --role-name nodes --policy-document '{")
    iam.update_assume_role_policy(RoleName="nodes", PolicyDocument=found.mend.partition("document '")[2][:-1])
    [mended] = check_service_role(iam, "nodes")
    assert mended.state is State.OK


def test_an_instance_profile_needs_a_role_of_ec2(iam: Any) -> None:
    states = {name: next(check_instance_profile(iam, name)) for name in ("nodes", "of-emr", "empty")}
    assert [each.state for each in states.values()] == [State.OK, State.MISSING, State.MISSING]
    assert states["empty"].found == "it holds no role"
    assert states["empty"].mend == (
        "aws iam add-role-to-instance-profile --instance-profile-name empty --role-name empty"
    )
