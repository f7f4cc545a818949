"""EMR's service role, the instance profile with the role of the nodes, and the role of jobs on EMR Serverless."""

import json
import shlex
from collections.abc import Iterator, Sequence
from typing import Any, Final

from botocore.exceptions import ClientError

from orchestrator.aws.faults import code_of
from orchestrator.doctor.checks import Check, missing, ok
from orchestrator.doctor.policy import AWS, EC2_SERVICE, EMR_SERVICE, node_policy, trust, trusts
from orchestrator.doctor.serverless_policy import SERVERLESS_SERVICE

_NONE: Final = "NoSuchEntity"
# https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-iam-role.html
_SERVICE_POLICY: Final = "service-role/AmazonEMRServicePolicy_v2"


def check_service_role(iam: Any, name: str, partition: str = AWS) -> Iterator[Check]:
    """See whether the service role is there and EMR may take it."""
    title = f"service role {name}"
    try:
        role = iam.get_role(RoleName=_bare(name))["Role"]
    except ClientError as error:
        if code_of(error) != _NONE:
            raise
        word, arn = shlex.quote(_bare(name)), f"arn:{partition}:iam::aws:policy/{_SERVICE_POLICY}"
        attaching = f"aws iam attach-role-policy --role-name {word} --policy-arn {arn}"
        yield missing(title, "there is none", f"{_making(word, EMR_SERVICE)} && {attaching}")
        return
    yield _trusted(title, role, EMR_SERVICE)


def check_instance_profile(
    iam: Any, name: str, bucket: str, reads: Sequence[str] = (), partition: str = AWS
) -> Iterator[Check]:
    """See whether the instance profile is there, with a role that EC2 may take."""
    title = f"instance profile {name}"
    try:
        profile = iam.get_instance_profile(InstanceProfileName=_bare(name))["InstanceProfile"]
    except ClientError as error:
        if code_of(error) != _NONE:
            raise
        word, policy = shlex.quote(_bare(name)), json.dumps(node_policy(bucket, reads, partition))
        mend = " && ".join(
            [
                _making(word, EC2_SERVICE),
                f"aws iam put-role-policy --role-name {word} --policy-name emr-job-suite --policy-document '{policy}'",
                f"aws iam create-instance-profile --instance-profile-name {word}",
                _adding(word),
            ]
        )
        others = ", ".join(["read and write " + bucket, *(f"read {each}" for each in reads)])
        yield missing(title, f"there is none; the mend lets jobs {others}: add buckets they write", mend)
        return
    if not profile["Roles"]:
        yield missing(title, "it holds no role", _adding(shlex.quote(_bare(name))))
        return
    yield _trusted(title, profile["Roles"][0], EC2_SERVICE)


def check_job_role(
    iam: Any, name: str, bucket: str, reads: Sequence[str] = (), partition: str = AWS
) -> Iterator[Check]:
    """See whether the role of jobs on EMR Serverless is there, and EMR Serverless may take it."""
    title = f"job role {_bare(name)}"
    try:
        role = iam.get_role(RoleName=_bare(name))["Role"]
    except ClientError as error:
        if code_of(error) != _NONE:
            raise
        word, policy = shlex.quote(_bare(name)), json.dumps(node_policy(bucket, reads, partition))
        putting = f"aws iam put-role-policy --role-name {word} --policy-name emr-job-suite --policy-document '{policy}'"
        others = ", ".join(["read and write " + bucket, *(f"read {each}" for each in reads)])
        told = f"there is none; the mend lets jobs {others}: add buckets they write"
        yield missing(title, told, f"{_making(word, SERVERLESS_SERVICE)} && {putting}")
        return
    yield _trusted(title, role, SERVERLESS_SERVICE)


def _making(word: str, service: str) -> str:
    return (
        f"aws iam create-role --role-name {word} --assume-role-policy-document '{json.dumps(trust(service))}'"
    )


def _adding(word: str) -> str:
    return f"aws iam add-role-to-instance-profile --instance-profile-name {word} --role-name {word}"


def _trusted(title: str, role: Any, service: str) -> Check:
    if trusts(role["AssumeRolePolicyDocument"], service):
        return ok(title, str(role["Arn"]))
    word, document = shlex.quote(role["RoleName"]), json.dumps(trust(service))
    mend = f"aws iam update-assume-role-policy --role-name {word} --policy-document '{document}'"
    return missing(title, f"{service} may not take the role {role['RoleName']}", mend)


def _bare(name: str) -> str:
    """Return the name in an ARN, or the name itself."""
    return name.rpartition("/")[2]
