"""Rules of RunJobFlow, in the order of the documents that show what AWS says first.

https://docs.aws.amazon.com/emr/latest/APIReference/API_RunJobFlow.html and the shapes below it.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from local_aws.api.errors import validation
from local_aws.emr import guesses
from local_aws.emr.rules import fleets, policies
from local_aws.emr.rules.groups import NO_MASTER, check_groups
from local_aws.emr.rules.ranges import is_outside
from local_aws.emr.rules.releases import Release, check_label, release_of
from local_aws.emr.rules.sizes import check_sizes
from local_aws.emr.rules.steps import check_steps

MOST_BOOTSTRAP_ACTIONS: Final = 16

NO_SECURITY_CONFIGURATION: Final = "Security configuration with name '{name}' does not exist."
_NO_RELEASE: Final = (
    "Must specify exactly one of the following: release label, AMI version, or Hadoop version."
)
_TWO_RELEASES: Final = (
    "Only one AMI version and release label may be specified. Provided AMI: {ami}, release label: {label}."
)
_PRODUCTS_WITH_LABEL: Final = (
    "Cannot specify supported products when release label is used. Specify applications instead."
)
_APPLICATIONS_WITH_AMI: Final = (
    "Cannot specify applications when AMI version is used. Specify supported products or new supported products"
    " instead."
)
_ONE_WAY: Final = (
    "Please configure instances using one and only one of the following: instance groups; instance fleets; instance"
    " count, master and slave instance type."
)
_ONE_SUBNET: Final = (
    "Only one subnet may be specified for clusters configured with instance groups or instance count, master and slave"
    " instance type. Revise the configuration and resubmit."
)
_COUNTS: Final = ("InstanceCount", "MasterInstanceType", "SlaveInstanceType")
_AMI: Final = re.compile(r"[23]\.[0-9]+(\.[0-9]+)?|latest")
_OLD_AMI: Final = re.compile(r"[01]\.[0-9]+(\.[0-9]+)?")
# What IAM allows in names and paths, and in ARNs: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_PROFILE: Final = re.compile(r"[A-Za-z0-9_+=,.@:/-]+")
_NOT_IN_NAMES: Final = "<>$|`"  # `Cluster.Name`


@dataclass(frozen=True)
class _Launch:
    """A request, and what there is for it to name."""

    request: Mapping[str, Any]
    known_types: Collection[str]
    security_configurations: Collection[str]

    @property
    def instances(self) -> Mapping[str, Any]:
        instances: Mapping[str, Any] = self.request["Instances"]
        return instances

    @property
    def fleets(self) -> Sequence[Mapping[str, Any]] | None:
        return self.instances.get("InstanceFleets")

    @property
    def groups(self) -> Sequence[Mapping[str, Any]]:
        return self.instances.get("InstanceGroups") or ()

    @property
    def concurrency(self) -> int:
        level = self.request.get("StepConcurrencyLevel")
        return 1 if level is None else level

    @cached_property
    def release(self) -> Release:
        return release_of(self.request)


def check_run_job_flow(
    request: Mapping[str, Any], known_types: Collection[str], security_configurations: Collection[str]
) -> None:
    """Hold a RunJobFlow request against the rules that AWS checks before it answers.

    Args:
        request: The request, which its shape allows.
        known_types: The instance types that there are.
        security_configurations: The names of the account's security configurations.

    Raises:
        AwsError: `ValidationException`, or `InvalidRequestException` for tags, with the first fault.
    """
    launch = _Launch(request, known_types, security_configurations)
    for rule in _RULES:
        rule(launch)


def _check_roles(launch: _Launch) -> None:
    profile = launch.request.get("JobFlowRole")
    if not profile:
        raise validation("InstanceProfile is required for creating cluster")
    if not _PROFILE.fullmatch(profile):
        raise validation(f"Invalid InstanceProfile: {profile}.")
    if not launch.request.get("ServiceRole"):
        raise validation("ServiceRole is required for creating cluster.")


def _check_release(launch: _Launch) -> None:
    label, ami = launch.request.get("ReleaseLabel"), launch.request.get("AmiVersion")
    hadoop = launch.instances.get("HadoopVersion")
    if label and ami:
        raise validation(_TWO_RELEASES.format(ami=ami, label=label))
    if not (label or ami or hadoop) or (label and hadoop):
        raise validation(_NO_RELEASE)
    if label:
        check_label(label)
    elif not ami or _OLD_AMI.fullmatch(ami):
        raise validation("Job flow role is not compatible with the supplied AMI version")
    elif not _AMI.fullmatch(ami):
        raise validation("The supplied ami version is invalid.")


def _check_types(launch: _Launch) -> None:
    for each in _types(launch):
        if each not in launch.known_types:
            raise validation(fleets.TYPE_NOT_SUPPORTED.format(type=each))


def _types(launch: _Launch) -> Iterator[str]:
    yield from filter(None, map(launch.instances.get, _COUNTS[1:]))
    yield from (group["InstanceType"] for group in launch.groups)
    for fleet in launch.fleets or ():
        yield from (each["InstanceType"] for each in fleet.get("InstanceTypeConfigs") or ())


def _check_one_way(launch: _Launch) -> None:
    ways = (("InstanceFleets",), ("InstanceGroups",), _COUNTS)
    if sum(any(launch.instances.get(name) is not None for name in way) for way in ways) != 1:
        raise validation(_ONE_WAY)


def _check_fleets(launch: _Launch) -> None:
    if launch.fleets is not None:
        fleets.check_availability(launch.fleets, launch.release)
        fleets.check_fleets(launch.fleets, launch.known_types)
        check_sizes(launch.fleets, launch.release)


def _check_subnets(launch: _Launch) -> None:
    several = launch.instances.get("Ec2SubnetIds") or ()
    if launch.fleets is None and len(several) > 1:
        raise validation(_ONE_SUBNET)
    if several and launch.instances.get("Ec2SubnetId"):
        raise validation(guesses.SUBNET_ID_AND_IDS)


def _check_concurrency(launch: _Launch) -> None:
    policies.check_concurrency(launch.concurrency)
    if launch.concurrency > 1 and not launch.release.has_step_concurrency:
        raise validation(guesses.CONCURRENCY_RELEASE)


def _check_steps(launch: _Launch) -> None:
    check_steps(launch.request.get("Steps") or (), launch.concurrency, active=0, is_added=False)


def _check_managed_scaling(launch: _Launch) -> None:
    policy = launch.request.get("ManagedScalingPolicy")
    if policy is None:
        return
    if not launch.release.has_managed_scaling:
        raise validation(guesses.MANAGED_SCALING_RELEASE)
    has_fleets = launch.fleets is not None
    is_spot = any(
        group["InstanceRole"] == "CORE" and group.get("Market") == "SPOT" for group in launch.groups
    )
    policies.check_managed_scaling(policy, has_fleets, is_core_on_demand=not has_fleets and not is_spot)


def _check_counts(launch: _Launch) -> None:
    count, master, slave = map(launch.instances.get, _COUNTS)
    if launch.fleets is not None or launch.groups:
        return
    if launch.instances.get("InstanceGroups") is not None:
        raise validation(NO_MASTER)
    if count is None or master is None or (count > 1 and slave is None):
        raise validation(guesses.COUNTS_INCOMPLETE)
    if count < 1:
        raise validation("An instance group must have at least one instance")


def _check_groups(launch: _Launch) -> None:
    if launch.groups:
        check_groups(launch.groups, launch.release)


def _check_custom_amis(launch: _Launch) -> None:
    if not launch.request.get("CustomAmiId"):
        return
    if not launch.release.has_custom_ami:
        raise validation("Custom AMI is not allowed")
    types = [each for fleet in launch.fleets or () for each in fleet.get("InstanceTypeConfigs") or ()]
    if any(each.get("CustomAmiId") for each in (*launch.groups, *types)):
        raise validation(guesses.CUSTOM_AMI_TWICE)


def _check_applications(launch: _Launch) -> None:
    if launch.request.get("ReleaseLabel") and launch.request.get("SupportedProducts"):
        raise validation(_PRODUCTS_WITH_LABEL)
    if launch.request.get("AmiVersion") and launch.request.get("Applications"):
        raise validation(_APPLICATIONS_WITH_AMI)


def _check_tags(launch: _Launch) -> None:
    policies.check_tags(launch.request.get("Tags") or (), existing_count=0)


def _check_bootstrap_actions(launch: _Launch) -> None:
    # https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-bootstrap.html
    if len(launch.request.get("BootstrapActions") or ()) > MOST_BOOTSTRAP_ACTIONS:
        raise validation(guesses.BOOTSTRAP_ACTIONS)


def _check_root_volume(launch: _Launch) -> None:
    # https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-custom-ami-boot-volume-size.html
    size = launch.request.get("EbsRootVolumeSize")
    if size is not None and launch.release < (4,):
        raise validation(guesses.ROOT_VOLUME_SIZE_RELEASE)
    if is_outside(size, 10, 100):
        raise validation(guesses.ROOT_VOLUME_SIZE)
    asked = [launch.request.get(f"EbsRootVolume{name}") for name in ("Iops", "Throughput")]
    if asked != [None, None] and not launch.release.has_root_volume_performance:
        raise validation(guesses.ROOT_VOLUME_PERFORMANCE_RELEASE)


def _check_security_configuration(launch: _Launch) -> None:
    name = launch.request.get("SecurityConfiguration")
    if name and name not in launch.security_configurations:
        raise validation(NO_SECURITY_CONFIGURATION.format(name=name))


def _check_auto_termination(launch: _Launch) -> None:
    policy = launch.request.get("AutoTerminationPolicy")
    if policy is not None and not launch.release.has_auto_termination:
        raise validation(guesses.AUTO_TERMINATION_RELEASE)
    policies.check_auto_termination(policy or {})


def _check_security_groups(launch: _Launch) -> None:
    given = [launch.instances.get(f"EmrManaged{role}SecurityGroup") for role in ("Master", "Slave")]
    if sum(map(bool, given)) == 1:
        raise validation(guesses.SECURITY_GROUPS_APART)


def _check_name(launch: _Launch) -> None:
    if set(launch.request["Name"]) & set(_NOT_IN_NAMES):
        raise validation(guesses.CLUSTER_NAME)


_RULES: tuple[Callable[[_Launch], None], ...] = (
    _check_roles,
    _check_release,
    _check_types,
    _check_one_way,
    _check_fleets,
    _check_subnets,
    _check_concurrency,
    _check_steps,
    _check_managed_scaling,
    _check_counts,
    _check_groups,
    _check_custom_amis,
    _check_applications,
    _check_tags,
    _check_bootstrap_actions,
    _check_root_volume,
    _check_security_configuration,
    _check_auto_termination,
    _check_security_groups,
    _check_name,
)
