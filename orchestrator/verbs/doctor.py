"""Checks all that a run needs, and says of what is missing how to mend it; never stops at the first."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeAlias

from botocore.exceptions import UnknownRegionError

from orchestrator.aws.clients import Account
from orchestrator.config.cluster import ClusterConfig
from orchestrator.doctor import buckets
from orchestrator.doctor.account import check_credentials, check_release
from orchestrator.doctor.checks import Check, State, asked, ok
from orchestrator.doctor.machine import check_machine, release
from orchestrator.doctor.network import check_subnets
from orchestrator.doctor.policy import AWS
from orchestrator.doctor.queues import check_queue
from orchestrator.doctor.quotas import CODES, check_quota
from orchestrator.doctor.roles import check_instance_profile, check_job_role, check_service_role
from orchestrator.logs.places import folder_of
from orchestrator.rules.application import Application

# Those of cluster_configs/base.yaml, which the other shipped files extend.
SERVICE_ROLE: Final = "EMR_DefaultRole_V2"
INSTANCE_PROFILE: Final = "EMR_EC2_DefaultRole"
_NOT_NEEDED_LOCALLY: Final = frozenset({"service role", "instance profile", "job role", "subnets"})
# What is asked, the permission for it, and how.
Ask: TypeAlias = tuple[str, str, Callable[[], Iterable[Check]]]


@dataclass(frozen=True)
class Wanted:
    """What clusters are launched with; with a `job_role` jobs run on EMR Serverless, which needs no other role."""

    bucket: str
    release_label: str | None = None
    service_role: str = SERVICE_ROLE
    instance_profile: str = INSTANCE_PROFILE
    subnet_ids: Sequence[str] = ()
    log_uri: str | None = None
    reads: Sequence[str] = ()
    queues: Sequence[str] = ()
    job_role: str | None = None


def wanted_by(bucket: str, request: Mapping[str, Any]) -> Wanted:
    """Read from a RunJobFlow request what it is launched with."""
    instances = request.get("Instances", {})
    one = [instances["Ec2SubnetId"]] if instances.get("Ec2SubnetId") else []
    return Wanted(
        bucket,
        request.get("ReleaseLabel"),
        request.get("ServiceRole") or SERVICE_ROLE,
        request.get("JobFlowRole") or INSTANCE_PROFILE,
        tuple(instances.get("Ec2SubnetIds") or one),
        request.get("LogUri"),
    )


def wanted_by_application(bucket: str, config: ClusterConfig) -> Wanted:
    """Read from an application's file what its job runs need."""
    application = Application(config.request, config.job_run or {}, config.environment, config.limits)
    role = str((config.job_run or {})["executionRoleArn"])
    label = config.request.get("releaseLabel")
    return Wanted(bucket, label, log_uri=application.log_uri[1], job_role=role)


def doctor(account: Account, wanted: Wanted) -> list[Check]:
    """Check everything.

    Raises:
        UsageError: The release label is not in the catalog.
    """
    label, release_has = release(wanted.release_label)
    asks = [
        *_of_account(account, wanted, label),
        *_of_bucket(account, wanted.bucket),
        *_of_queues(account, wanted.queues),
        *_of_quotas(account),
    ]
    found = list(check_machine(label, release_has))
    for name, permission, ask in asks:
        if account.is_local and name in _NOT_NEEDED_LOCALLY:
            found.append(ok(name, "the embedded EMR asks for none"))
        else:
            found += asked(name, permission, ask, is_local=account.is_local)
    return [_for_endpoint(each, account.endpoint) for each in found]


def is_well(checks: Sequence[Check]) -> bool:
    """Tell whether nothing is missing."""
    return all(each.state is not State.MISSING for each in checks)


def partition_of(account: Account) -> str:
    """Return the partition of the account's Region, as ARNs name it; a Region that botocore does not know is in aws."""
    try:
        return str(account.session.get_partition_for_region(account.region))
    except UnknownRegionError:
        return AWS


def _for_endpoint(check: Check, endpoint: str | None) -> Check:
    """Let the command that mends go where the check went."""
    if endpoint is None or not check.mend.startswith("aws "):
        return check
    return replace(check, mend=f"aws --endpoint-url {endpoint} {check.mend.removeprefix('aws ')}")


def _of_account(account: Account, wanted: Wanted, label: str) -> Iterator[Ask]:
    iam = account.client("iam")
    logs = folder_of(wanted.log_uri) if wanted.log_uri else None
    log_bucket = logs.bucket if logs else None
    partition = partition_of(account)
    yield "credentials", "sts:GetCallerIdentity", lambda: check_credentials(account.client("sts"))
    yield (
        "EMR release",
        "elasticmapreduce:DescribeReleaseLabel",
        lambda: check_release(account.client("emr"), label),
    )
    yield (
        "LogUri",
        f"s3:ListBucket on arn:{partition}:s3:::{log_bucket}",
        lambda: buckets.check_log_bucket(account.client("s3"), log_bucket, account.region),
    )
    if wanted.job_role is not None:
        role = wanted.job_role
        ask = partial(check_job_role, iam, role, wanted.bucket, wanted.reads, partition)
        yield "job role", "iam:GetRole", ask
        return
    yield "service role", "iam:GetRole", lambda: check_service_role(iam, wanted.service_role, partition)
    yield (
        "instance profile",
        "iam:GetInstanceProfile",
        lambda: check_instance_profile(iam, wanted.instance_profile, wanted.bucket, wanted.reads, partition),
    )
    yield "subnets", "ec2:DescribeSubnets", lambda: check_subnets(account.client("ec2"), wanted.subnet_ids)


def _of_bucket(account: Account, bucket: str) -> Iterator[Ask]:
    s3, name = account.client("s3"), f"bucket {bucket}"
    where = f" on arn:{partition_of(account)}:s3:::{bucket}"
    yield name, f"s3:ListBucket{where}", lambda: buckets.check_bucket(s3, bucket, account.region)
    for what, action, check in (
        ("public access", "s3:GetBucketPublicAccessBlock", buckets.check_public_access),
        ("encryption", "s3:GetEncryptionConfiguration", buckets.check_encryption),
        ("versioning", "s3:GetBucketVersioning", buckets.check_versioning),
    ):
        yield f"{name}: {what}", action + where, partial(buckets.check_settings, check, s3, bucket)


def _of_queues(account: Account, queues: Sequence[str]) -> Iterator[Ask]:
    if queues:
        sqs = account.client("sqs")
        for name in queues:
            yield f"queue {name}", f"sqs:GetQueueUrl of {name}", partial(check_queue, sqs, name)


def _of_quotas(account: Account) -> Iterator[Ask]:
    client = account.client("service-quotas")
    for name in CODES:
        yield f"quota {name}", "servicequotas:GetServiceQuota", partial(check_quota, client, name)
