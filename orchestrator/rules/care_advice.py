"""Advice about what a cluster costs when nobody looks, about logs, and about security."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from orchestrator.config.secret import is_secret
from orchestrator.findings import ValuePath
from orchestrator.rules.cluster import Cluster
from orchestrator.rules.rule import Fault, Rule, advice, api, guide

TAG: Final = "for-use-with-amazon-emr-managed-policies"
_V2: Final = re.compile(r"(?i).*_?v2(_.*)?")
_SECONDS_PER_HOUR: Final = 3600


def no_idle_policy(cluster: Cluster) -> Iterator[Fault]:
    """Kept alive without an idle policy: it costs until somebody ends it."""
    has_none = cluster.request.get("AutoTerminationPolicy") is None
    if cluster.is_kept_alive and has_none and cluster.limits.idle_timeout_seconds is None:
        expected = "AutoTerminationPolicy with IdleTimeout, or limits.idle_timeout_seconds"
        yield Fault(
            ("AutoTerminationPolicy",), "kept alive, and nothing ends it when it is idle", expected=expected
        )


def no_lifetime(cluster: Cluster) -> Iterator[Fault]:
    """No lifetime: an idle policy never ends a cluster whose HDFS is 10 % full or more."""
    if cluster.limits.max_lifetime_hours is not None:
        return
    problem = "nothing bounds how long it lives"
    if cluster.request.get("AutoTerminationPolicy") is not None:
        problem += "; EMR calls no cluster idle whose HDFS is 10 % full or more"
    yield Fault(("limits",), problem, expected="limits.max_lifetime_hours")


def idle_policy_without_effect(cluster: Cluster) -> Iterator[Fault]:
    """Idle policy of a cluster that is not kept alive: it ends after its steps all the same."""
    if cluster.request.get("AutoTerminationPolicy") is not None and not cluster.is_kept_alive:
        expected = "Instances.KeepJobFlowAliveWhenNoSteps: true, or no policy"
        yield Fault(
            ("AutoTerminationPolicy",), "without effect: the cluster ends after its steps", expected=expected
        )


def idle_beyond_lifetime(cluster: Cluster) -> Iterator[Fault]:
    """Idle time-outs that are longer than the lifetime: they never come."""
    hours = cluster.limits.max_lifetime_hours
    policy = (cluster.request.get("AutoTerminationPolicy") or {}).get("IdleTimeout")
    given = {
        ("AutoTerminationPolicy", "IdleTimeout"): policy,
        ("limits", "idle_timeout_seconds"): cluster.limits.idle_timeout_seconds,
    }
    for path, seconds in given.items():
        if hours is not None and seconds is not None and seconds >= hours * _SECONDS_PER_HOUR:
            expected = f"less than limits.max_lifetime_hours, {hours:g} hours"
            yield Fault(path, "longer than the cluster lives", f"{seconds} seconds", expected)


def protection_without_effect(cluster: Cluster) -> Iterator[Fault]:
    """TerminationProtected on a cluster that is not kept alive: EMR ignores it after the last step."""
    if cluster.instances.get("TerminationProtected") and not cluster.is_kept_alive:
        path = ("Instances", "TerminationProtected")
        yield Fault(
            path, "ignored: the cluster ends after its steps", True, "KeepJobFlowAliveWhenNoSteps: true"
        )


def no_logs(cluster: Cluster) -> Iterator[Fault]:
    """No LogUri: logs are gone with the cluster."""
    if not cluster.request.get("LogUri"):
        yield Fault(("LogUri",), "no LogUri: logs are gone with the cluster", expected="s3://bucket/prefix/")


def metadata_without_token(cluster: Cluster) -> Iterator[Fault]:
    """IMDSv1: without a security configuration, instance credentials can be had without a token."""
    if not cluster.request.get("SecurityConfiguration"):
        expected = (
            "one with MinimumInstanceMetadataServiceVersion 2: cluster_configs/security_configuration.json"
        )
        yield Fault(("SecurityConfiguration",), "IMDSv1 is not switched off", expected=expected)


def no_encryption(cluster: Cluster) -> Iterator[Fault]:
    """Encryption: without a security configuration, disks and shuffles are not encrypted by EMR."""
    if not cluster.request.get("SecurityConfiguration"):
        expected = "one with EncryptionConfiguration: cluster_configs/security_configuration.json"
        yield Fault(("SecurityConfiguration",), "no encryption is configured", expected=expected)


def tag_of_managed_policies(cluster: Cluster) -> Iterator[Fault]:
    """Tag for the managed policies: v2 roles have no rights on a cluster without it."""
    role = cluster.request.get("ServiceRole", "")
    tags = {tag.get("Key"): tag.get("Value") for tag in cluster.root.items("Tags")}
    if _V2.fullmatch(role.rpartition("/")[2]) and str(tags.get(TAG)).lower() != "true":
        problem = f"{role} needs a tag on the cluster, its subnets and security groups"
        yield Fault(("Tags",), problem, tags.get(TAG), f"{TAG}: 'true'")


def ssh_key(cluster: Cluster) -> Iterator[Fault]:
    """Ec2KeyName: steps and Session Manager need no key."""
    key = cluster.instances.get("Ec2KeyName")
    if key:
        expected = "no key: steps and logs need none, a shell can be had by Session Manager"
        yield Fault(("Instances", "Ec2KeyName"), "SSH is open to whoever has the key", key, expected)


def secrets(cluster: Cluster) -> Iterator[Fault]:
    """Secrets in configurations and arguments: whoever may describe the cluster reads them."""
    yield from secrets_in(cluster.request, ())


def secrets_in(request: Mapping[str, Any], path: ValuePath) -> Iterator[Fault]:
    """Find texts of a request, which stands at a path, that look like secrets."""
    for place, value in _texts(request, path):
        if is_secret(place, value):
            problem = "looks like a secret, which whoever may describe the cluster reads"
            yield Fault(
                place, problem, expected="the ARN of a secret in Secrets Manager, which the job reads"
            )


def _texts(value: Any, path: ValuePath) -> Iterator[tuple[ValuePath, str]]:
    if isinstance(value, Mapping | list):
        for part, each in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield from _texts(each, (*path, part))
    elif isinstance(value, str):
        yield path, value


def values_without_effect(cluster: Cluster) -> Iterator[Fault]:
    """Values that AWS ignores: VisibleToAllUsers: false, and RepoUpgradeOnBoot without a custom AMI."""
    if cluster.request.get("VisibleToAllUsers") is False:
        yield Fault(("VisibleToAllUsers",), "ignored: all users of the account see it", False, "IAM policies")
    if cluster.request.get("RepoUpgradeOnBoot") and not cluster.request.get("CustomAmiId"):
        yield Fault(
            ("RepoUpgradeOnBoot",), "ignored without a custom AMI", expected="CustomAmiId, or not given"
        )


RULES: Final[tuple[Rule[Cluster], ...]] = (
    *advice(guide("emr-auto-termination-policy"), no_idle_policy, no_lifetime, idle_policy_without_effect),
    *advice(guide("emr-auto-termination-policy"), idle_beyond_lifetime),
    *advice(guide("UsingEMR_TerminationProtection"), protection_without_effect),
    *advice(guide("emr-plan-debugging"), no_logs),
    *advice(guide("emr-create-security-configuration"), metadata_without_token, no_encryption),
    *advice(guide("emr-managed-iam-policies"), tag_of_managed_policies),
    *advice(guide("emr-plan-access-ssh"), ssh_key),
    *advice(api("DescribeCluster"), secrets),
    *advice(api("RunJobFlow"), values_without_effect),
)
