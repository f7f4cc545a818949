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
_KEPT: Final = {
    # A cluster that is there already: at its launch it has no tag yet.
    "Null": {f"elasticmapreduce:ResourceTag/{OWNER}": "false"},
    "ForAnyValue:StringEquals": {"aws:TagKeys": [OWNER, RUN, LIFETIME, IDLE]},
}
AWS: Final = "aws"
# What no document of AWS settles, and no account has been asked.
UNCONFIRMED: Final = (
    "The policy has not been tried on an account. Not confirmed: that the tags of a launch are judged by those of its "
    "request alone (LaunchAsOwner, KeepTags); in aws-cn, whether iam:PassedToService wants names that end in .cn. "
    "Not in it: rights on your KMS keys (kms:Decrypt, kms:GenerateDataKey), where buckets, queues or topics are "
    "encrypted with them; rights on Glue's tables and the data that queries of a pipeline read."
)


def policy_statements(
    owner: str, bucket: str, roles: Sequence[str], reads: Sequence[str] = (), partition: str = AWS
) -> dict[str, Any]:
    """Return the policy of whoever runs the orchestrator.

    Clusters are launched with the owner's tag only, and only such clusters are changed; the tag itself may not be, as
    whoever changes it changes what may be ended.

    Args:
        owner: The value of the owner's tag, which is the name of the bucket with the state.
        bucket: The bucket with state, packages and logs.
        roles: The ARNs of EMR's service role and of the role in the instance profile.
        reads: Further buckets that are listed and read: those of inputs, and of logs.
        partition: That of the Region, as ARNs name it: aws, aws-cn or aws-us-gov.
    """
    clusters = f"arn:{partition}:elasticmapreduce:*:*:cluster/*"
    keep = allow("KeepTags", ("elasticmapreduce:AddTags", "elasticmapreduce:RemoveTags"), clusters, _KEPT)
    of_ours = {"StringEquals": {f"elasticmapreduce:ResourceTag/{OWNER}": owner}}
    return {
        "Version": VERSION,
        "Statement": [
            allow("See", _LOOK, "*"),
            allow(
                "LaunchAsOwner",
                ("elasticmapreduce:AddTags", "elasticmapreduce:RunJobFlow"),
                "*",
                {"StringEquals": {f"elasticmapreduce:RequestTag/{OWNER}": owner}},
            ),
            allow("ChangeOurs", _CHANGE, clusters, of_ours),
            {**keep, "Effect": "Deny"},
            allow(
                "PassRoles",
                ("iam:PassRole",),
                list(roles),
                {"StringEquals": {"iam:PassedToService": [EMR_SERVICE, EC2_SERVICE]}},
            ),
            *bucket_statements(bucket, reads, partition),
        ],
    }


def node_policy(bucket: str, reads: Sequence[str] = (), partition: str = AWS) -> dict[str, Any]:
    """Return the least policy of nodes: what the bucket holds, and further buckets that jobs read."""
    s3 = f"arn:{partition}:s3:::"
    further = ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:ListMultipartUploadParts")
    return {
        "Version": VERSION,
        "Statement": [
            *bucket_statements(bucket, reads, partition),
            allow("Write", further, f"{s3}{bucket}/*"),
        ],
    }


def bucket_statements(bucket: str, reads: Sequence[str] = (), partition: str = AWS) -> list[dict[str, Any]]:
    """Return what lets read and write the bucket, and list and read further ones."""
    s3 = f"arn:{partition}:s3:::"
    others = [each for each in dict.fromkeys(reads) if each != bucket]
    told = [
        allow("ListBucket", ("s3:ListBucket",), f"{s3}{bucket}"),
        allow("State", ("s3:GetObject", "s3:PutObject"), f"{s3}{bucket}/*"),
    ]
    if others:
        told += [
            allow("ListInputs", ("s3:ListBucket",), [f"{s3}{each}" for each in others]),
            allow("ReadInputs", ("s3:GetObject",), [f"{s3}{each}/*" for each in others]),
        ]
    return told


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


def allow(
    sid: str, actions: Sequence[str], resource: Any, condition: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return a statement that allows actions."""
    told = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resource}
    return {**told, "Condition": condition} if condition else told
