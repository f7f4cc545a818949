"""The policies that a caller and EMR's roles need, and no more.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticmapreduce.html
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from orchestrator.ownership import IDLE, LIFETIME, OWNER, RUN

VERSION: Final = "2012-10-17"
EMR_SERVICE: Final = "elasticmapreduce.amazonaws.com"
EC2_SERVICE: Final = "ec2.amazonaws.com"
_LOOK: Final = (
    "elasticmapreduce:DescribeCluster",
    "elasticmapreduce:DescribeReleaseLabel",
    "elasticmapreduce:DescribeStep",
    "elasticmapreduce:ListClusters",
    "elasticmapreduce:ListInstanceFleets",
    "elasticmapreduce:ListSteps",
)
_CHANGE: Final = (
    "elasticmapreduce:AddJobFlowSteps",
    "elasticmapreduce:CancelSteps",
    "elasticmapreduce:SetTerminationProtection",
    "elasticmapreduce:TerminateJobFlows",
)
_CLUSTERS: Final = "arn:aws:elasticmapreduce:*:*:cluster/*"
_KEEP_TAGS: Final = {
    "Sid": "KeepTags",
    "Effect": "Deny",
    "Action": ["elasticmapreduce:AddTags", "elasticmapreduce:RemoveTags"],
    "Resource": _CLUSTERS,
    "Condition": {
        # A cluster that is there already: at its launch it has no tag yet.
        "Null": {f"elasticmapreduce:ResourceTag/{OWNER}": "false"},
        "ForAnyValue:StringEquals": {"aws:TagKeys": [OWNER, RUN, LIFETIME, IDLE]},
    },
}


def policy_statements(owner: str, bucket: str, roles: Sequence[str]) -> dict[str, Any]:
    """Return the policy of whoever runs the orchestrator.

    Clusters are launched with the owner's tag only, and only such clusters are changed; the tag itself may not be, as
    whoever changes it changes what may be ended.

    Args:
        owner: The value of the owner's tag, which is the name of the bucket with the state.
        bucket: The bucket with state, packages and logs.
        roles: The ARNs of EMR's service role and of the role in the instance profile.
    """
    of_ours = {"StringEquals": {f"elasticmapreduce:ResourceTag/{OWNER}": owner}}
    return {
        "Version": VERSION,
        "Statement": [
            _allow("See", _LOOK, "*"),
            _allow(
                "LaunchAsOwner",
                ("elasticmapreduce:AddTags", "elasticmapreduce:RunJobFlow"),
                "*",
                {"StringEquals": {f"elasticmapreduce:RequestTag/{OWNER}": owner}},
            ),
            _allow("ChangeOurs", _CHANGE, _CLUSTERS, of_ours),
            _KEEP_TAGS,
            _allow(
                "PassRoles",
                ("iam:PassRole",),
                list(roles),
                {"StringEquals": {"iam:PassedToService": [EMR_SERVICE, EC2_SERVICE]}},
            ),
            _allow("ListBucket", ("s3:ListBucket",), f"arn:aws:s3:::{bucket}"),
            _allow("State", ("s3:GetObject", "s3:PutObject"), f"arn:aws:s3:::{bucket}/*"),
        ],
    }


def trust(service: str) -> dict[str, Any]:
    """Return the trust policy of a role of a service."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": VERSION, "Statement": [statement]}


def trusts(document: Any, service: str) -> bool:
    """Tell whether a trust policy lets a service take the role."""
    parsed = json.loads(document) if isinstance(document, str) else document
    statements = parsed.get("Statement", [])
    for each in [statements] if isinstance(statements, dict) else statements:
        services = each.get("Principal", {})
        named = services.get("Service", []) if isinstance(services, dict) else []
        if each.get("Effect") == "Allow" and service in ([named] if isinstance(named, str) else named):
            return True
    return False


def _allow(
    sid: str, actions: Sequence[str], resource: Any, condition: dict[str, Any] | None = None
) -> dict[str, Any]:
    told = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resource}
    return {**told, "Condition": condition} if condition else told
