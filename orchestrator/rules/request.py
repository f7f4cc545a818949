"""Rules of the request as a whole: release, roles, name, tags, subnets, bootstrap actions, root volume."""

import re
from collections.abc import Iterator
from typing import Final

from orchestrator.rules.cluster import Cluster
from orchestrator.rules.rule import Fault, Rule, api, error, guide, is_outside

MOST_BOOTSTRAP_ACTIONS: Final = 16
MOST_TAGS: Final = 50
_MOST_IN_VALUE: Final = 256
_NOT_IN_NAMES: Final = "<>$|`"
_COUNTS: Final = ("InstanceCount", "MasterInstanceType", "SlaveInstanceType")
_AMI: Final = re.compile(r"[23]\.[0-9]+(\.[0-9]+)?|latest")
_ROLE: Final = re.compile(r"[A-Za-z0-9_+=,.@:/-]+")  # what IAM allows in names, paths and ARNs
_I: Final = "Instances"


def name_characters(cluster: Cluster) -> Iterator[Fault]:
    """Name: no < > $ | or backtick."""
    name = cluster.request.get("Name", "")
    if found := sorted(set(name) & set(_NOT_IN_NAMES)):
        problem = f"characters that AWS refuses: {' '.join(found)}"
        yield Fault(("Name",), problem, name, f"none of {' '.join(_NOT_IN_NAMES)}")


def roles(cluster: Cluster) -> Iterator[Fault]:
    """Roles: JobFlowRole and ServiceRole are required."""
    profile = cluster.request.get("JobFlowRole")
    if not profile:
        yield Fault(("JobFlowRole",), "no instance profile", expected="such as EMR_EC2_DefaultRole")
    elif not _ROLE.fullmatch(profile):
        expected = "a name or an ARN: letters, digits and _+=,.@:/-"
        yield Fault(("JobFlowRole",), "not an instance profile", profile, expected)
    if not cluster.request.get("ServiceRole"):
        yield Fault(("ServiceRole",), "no service role", expected="such as EMR_DefaultRole")


def release(cluster: Cluster) -> Iterator[Fault]:
    """Release: a label emr-X.Y.Z or emr-spark-X.Y.Z from 4.0.0 on, or an AMI version, not both."""
    label, ami = cluster.request.get("ReleaseLabel"), cluster.request.get("AmiVersion")
    hadoop = cluster.instances.get("HadoopVersion")
    expected = "a release label such as emr-7.14.0 or emr-spark-8.0.0"
    if label and ami:
        yield Fault(("AmiVersion",), "an AMI version beside a release label", ami, "one of them")
    if label and hadoop:
        yield Fault((_I, "HadoopVersion"), "a Hadoop version beside a release label", hadoop, "one of them")
    if label and cluster.release is None:
        yield Fault(("ReleaseLabel",), "not a release label from 4.0.0 on", label, expected)
    if not (label or ami):
        yield Fault(("ReleaseLabel",), "no release", expected=expected)
    if ami and not label and not _AMI.fullmatch(ami):
        yield Fault(("AmiVersion",), "not an AMI version that takes a role", ami, "2.x, 3.x or latest")


def one_way(cluster: Cluster) -> Iterator[Fault]:
    """Instances: fleets, groups or counts, one of the three."""
    ways = {"InstanceFleets": ("InstanceFleets",), "InstanceGroups": ("InstanceGroups",), "counts": _COUNTS}
    given = [
        way for way, names in ways.items() if any(cluster.instances.get(each) is not None for each in names)
    ]
    if len(given) != 1:
        expected = f"one of InstanceFleets, InstanceGroups, or {', '.join(_COUNTS)}"
        yield Fault(
            (_I,),
            "more than one way to say which instances" if given else "no instances",
            " and ".join(given) or None,
            expected,
        )


def counts(cluster: Cluster) -> Iterator[Fault]:
    """Counts: InstanceCount and MasterInstanceType, and SlaveInstanceType for more than one."""
    count, master, slave = map(cluster.instances.get, _COUNTS)
    if (count, master, slave) == (None, None, None) or cluster.has_fleets or cluster.groups:
        return
    for name, value in (("InstanceCount", count), ("MasterInstanceType", master)):
        if value is None:
            yield Fault((_I, name), "counts without it", expected=f"all of {', '.join(_COUNTS)}")
    if count is not None and count > 1 and slave is None:
        yield Fault(
            (_I, "SlaveInstanceType"), "more than one instance without it", expected="an instance type"
        )
    if count is not None and count < 1:
        yield Fault((_I, "InstanceCount"), "no instance", count, "1 or more")


def subnets(cluster: Cluster) -> Iterator[Fault]:
    """Subnets: several only with fleets; Ec2SubnetId or Ec2SubnetIds."""
    several = cluster.instances.get("Ec2SubnetIds") or []
    if len(several) > 1 and not cluster.has_fleets:
        yield Fault((_I, "Ec2SubnetIds"), "several subnets without instance fleets", several, "one subnet")
    if several and cluster.instances.get("Ec2SubnetId"):
        yield Fault((_I, "Ec2SubnetId"), "both Ec2SubnetId and Ec2SubnetIds", expected="one of them")


def custom_ami(cluster: Cluster) -> Iterator[Fault]:
    """Custom AMI: from 5.7.0 on; for the cluster or for its types, not both."""
    if not cluster.request.get("CustomAmiId"):
        return
    if cluster.lacks((5, 7)):
        yield Fault(("CustomAmiId",), "a custom AMI with an older release", expected="release 5.7.0 or later")
    for each in (*cluster.groups, *(each for fleet in cluster.fleets for each in fleet.types)):
        if each.get("CustomAmiId"):
            path = (*each.path, "CustomAmiId")
            yield Fault(path, "a custom AMI here and for the cluster", expected="one of them")


def applications(cluster: Cluster) -> Iterator[Fault]:
    """Applications: with a release label; SupportedProducts with an AMI version."""
    if cluster.request.get("ReleaseLabel") and cluster.request.get("SupportedProducts"):
        yield Fault(
            ("SupportedProducts",), "supported products with a release label", expected="Applications"
        )
    if cluster.request.get("AmiVersion") and cluster.request.get("Applications"):
        yield Fault(("Applications",), "applications with an AMI version", expected="SupportedProducts")


def tags(cluster: Cluster) -> Iterator[Fault]:
    """Tags: at most 50; keys of 1 to 128 characters, values of at most 256, none begins with aws:."""
    listed = cluster.root.items("Tags")
    for tag in listed:
        key, value = tag.get("Key"), tag.get("Value") or ""
        if key is None or is_outside(len(key), 1, 128):
            yield Fault((*tag.path, "Key"), "a key of the wrong length", key, "1 to 128 characters")
        if len(value) > _MOST_IN_VALUE:
            yield Fault((*tag.path, "Value"), "a value that is too long", value, "at most 256 characters")
        for name, text in (("Key", key or ""), ("Value", value)):
            if text.lower().startswith("aws:"):
                yield Fault((*tag.path, name), "the prefix aws: is reserved", text, "another beginning")
    count = len({tag.get("Key") for tag in listed})
    if count > MOST_TAGS:
        yield Fault(("Tags",), "too many tags", count, f"at most {MOST_TAGS}")


def bootstrap_actions(cluster: Cluster) -> Iterator[Fault]:
    """Bootstrap actions: at most 16."""
    count = len(cluster.request.get("BootstrapActions") or ())
    if count > MOST_BOOTSTRAP_ACTIONS:
        expected = f"at most {MOST_BOOTSTRAP_ACTIONS}"
        yield Fault(("BootstrapActions",), "too many bootstrap actions", count, expected)


def root_volume(cluster: Cluster) -> Iterator[Fault]:
    """Root volume: 10 to 100 GiB, from 4.0.0 on; its IOPS and throughput from 6.15.0 on."""
    size = cluster.request.get("EbsRootVolumeSize")
    if size is not None and cluster.lacks((4,)):
        yield Fault(("EbsRootVolumeSize",), "with an AMI version", size, "release 4.0.0 or later")
    if is_outside(size, 10, 100):
        yield Fault(("EbsRootVolumeSize",), "the wrong size", size, "10 to 100 GiB")
    for name in ("EbsRootVolumeIops", "EbsRootVolumeThroughput"):
        value = cluster.request.get(name)
        if value is not None and cluster.lacks((6, 15)):
            yield Fault((name,), "with an older release", value, "release 6.15.0 or later")


def security_groups(cluster: Cluster) -> Iterator[Fault]:
    """Security groups of EMR: of primary and of the others together."""
    names = [f"EmrManaged{role}SecurityGroup" for role in ("Master", "Slave")]
    missing = [name for name in names if not cluster.instances.get(name)]
    if len(missing) == 1:
        yield Fault((_I, missing[0]), "only one of the two security groups", expected=" and ".join(names))


def log_key(cluster: Cluster) -> Iterator[Fault]:
    """Encryption of logs: from 5.30.0 on, without 6.0.x."""
    if cluster.request.get("LogEncryptionKmsKeyId") and cluster.lacks((5, 30), (6, 0)):
        yield Fault(
            ("LogEncryptionKmsKeyId",), "with an older release", expected="5.30.0 or later, not 6.0.x"
        )


def runtime_role(cluster: Cluster) -> Iterator[Fault]:
    """Runtime role of steps: needs a security configuration."""
    if cluster.request.get("StepExecutionRoleArn") and not cluster.request.get("SecurityConfiguration"):
        expected = "SecurityConfiguration, one with application-scoped IAM roles"
        yield Fault(("StepExecutionRoleArn",), "without a security configuration", expected=expected)


RULES: Final[tuple[Rule[Cluster], ...]] = (
    *error(api("Cluster"), name_characters),
    *error(guide("emr-iam-roles"), roles),
    *error(api("RunJobFlow"), release, custom_ami, applications, root_volume, log_key),
    *error(api("JobFlowInstancesConfig"), one_way, counts, subnets, security_groups),
    *error(guide("emr-plan-tags-restrictions"), tags),
    *error(guide("emr-plan-bootstrap"), bootstrap_actions),
    *error(guide("emr-steps-runtime-roles"), runtime_role),
)
