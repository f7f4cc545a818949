"""EMR's service role, and the instance profile with the role of the nodes."""

import json
import shlex
from collections.abc import Iterator
from typing import Any, Final

from botocore.exceptions import ClientError

from orchestrator.aws.faults import code_of
from orchestrator.doctor.checks import Check, missing, ok
from orchestrator.doctor.policy import EC2_SERVICE, EMR_SERVICE, trust, trusts

_NONE: Final = "NoSuchEntity"
_DEFAULTS: Final = "aws emr create-default-roles"


def check_service_role(iam: Any, name: str) -> Iterator[Check]:
    """See whether the service role is there and EMR may take it."""
    title = f"service role {name}"
    try:
        role = iam.get_role(RoleName=_bare(name))["Role"]
    except ClientError as error:
        if code_of(error) != _NONE:
            raise
        yield missing(title, "there is none", _DEFAULTS)
        return
    yield _trusted(title, role, EMR_SERVICE)


def check_instance_profile(iam: Any, name: str) -> Iterator[Check]:
    """See whether the instance profile is there, with a role that EC2 may take."""
    title = f"instance profile {name}"
    try:
        profile = iam.get_instance_profile(InstanceProfileName=_bare(name))["InstanceProfile"]
    except ClientError as error:
        if code_of(error) != _NONE:
            raise
        yield missing(title, "there is none", _DEFAULTS)
        return
    if not profile["Roles"]:
        word = shlex.quote(_bare(name))
        yield missing(
            title,
            "it holds no role",
            f"aws iam add-role-to-instance-profile --instance-profile-name {word} --role-name {word}",
        )
        return
    yield _trusted(title, profile["Roles"][0], EC2_SERVICE)


def _trusted(title: str, role: Any, service: str) -> Check:
    if trusts(role["AssumeRolePolicyDocument"], service):
        return ok(title, str(role["Arn"]))
    word, document = shlex.quote(role["RoleName"]), json.dumps(trust(service))
    mend = f"aws iam update-assume-role-policy --role-name {word} --policy-document '{document}'"
    return missing(title, f"{service} may not take the role {role['RoleName']}", mend)


def _bare(name: str) -> str:
    """Return the name in an ARN, or the name itself."""
    return name.rpartition("/")[2]
