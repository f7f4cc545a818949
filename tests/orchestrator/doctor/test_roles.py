"""Roles and instance profiles: there, and of the right service."""

import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from orchestrator.doctor.checks import State
from orchestrator.doctor.policy import EC2_SERVICE, EMR_SERVICE, node_policy
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


def carry_out(iam: Any, mend: str) -> None:
    """Do what the commands of a mend do; moto has none of AWS's own policies to attach."""
    for command in mend.split(" && "):
        _, _, operation, *options = shlex.split(command)
        names = ["".join(map(str.capitalize, each[2:].split("-"))) for each in options[::2]]
        if operation != "attach-role-policy":
            getattr(iam, operation.replace("-", "_"))(**dict(zip(names, options[1::2], strict=True)))


@pytest.mark.parametrize("partition", ["aws", "aws-cn"])
def test_a_service_role_that_is_not_there_is_made_with_that_name_and_the_managed_policy_of_v2(
    iam: Any, partition: str
) -> None:
    [found] = check_service_role(iam, "arn:aws:iam::1:role/EMR_DefaultRole_V2", partition)
    assert (found.state, found.found) == (State.MISSING, "there is none")
    assert found.mend.endswith(
        " && aws iam attach-role-policy --role-name EMR_DefaultRole_V2 "
        f"--policy-arn arn:{partition}:iam::aws:policy/service-role/AmazonEMRServicePolicy_v2"
    )
    carry_out(iam, found.mend)
    [mended] = check_service_role(iam, "EMR_DefaultRole_V2")
    assert mended.state is State.OK


def test_an_instance_profile_that_is_not_there_is_made_with_rights_on_the_buckets_that_are_known(
    iam: Any,
) -> None:
    [found] = check_instance_profile(iam, "mine", "state", ["raw"], "aws-us-gov")
    assert (found.state, found.found) == (
        State.MISSING,
        "there is none; the mend lets jobs read and write state, read raw: add buckets they write",
    )
    carry_out(iam, found.mend)
    [mended] = check_instance_profile(iam, "mine", "state")
    assert mended.state is State.OK
    kept = iam.get_role_policy(RoleName="mine", PolicyName="emr-job-suite")["PolicyDocument"]
    assert kept == node_policy("state", ["raw"], "aws-us-gov")


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
    states = {name: next(check_instance_profile(iam, name, "b")) for name in ("nodes", "of-emr", "empty")}
    assert [each.state for each in states.values()] == [State.OK, State.MISSING, State.MISSING]
    assert states["empty"].found == "it holds no role"
    assert states["empty"].mend == (
        "aws iam add-role-to-instance-profile --instance-profile-name empty --role-name empty"
    )
