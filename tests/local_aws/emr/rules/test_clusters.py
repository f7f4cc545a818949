"""Rules of RunJobFlow."""

from typing import Any

import pytest

from local_aws.api.errors import AwsError
from local_aws.api.shapes import check_input, operation
from local_aws.emr import guesses
from local_aws.emr.rules import clusters
from local_aws.emr.rules.clusters import check_run_job_flow

Given = dict[str, Any]

KNOWN = frozenset({"m5.xlarge", "r5.xlarge"})
NO_RELEASE = "Must specify exactly one of the following: release label, AMI version, or Hadoop version."
ONE_WAY = (
    "Please configure instances using one and only one of the following: instance groups; instance fleets; instance"
    " count, master and slave instance type."
)
ONE_SUBNET = (
    "Only one subnet may be specified for clusters configured with instance groups or instance count, master and slave"
    " instance type. Revise the configuration and resubmit."
)
CORE_ABOVE_ON_DEMAND = (
    "Invalid configuration for managed scaling. If you select On-Demand market type for core nodes in a cluster with"
    " instance groups, MaximumCoreCapacityUnits must be less than or equal to MaximumOnDemandCapacityUnits."
)
NO_MASTER = "Zero master instance groups supplied, you must specify exactly one master instance group"
NO_INSTANCE = "An instance group must have at least one instance"
NO_MASTER_FLEET = (
    "No master instance fleets were supplied; you must specify exactly one master instance fleet. Revise the"
    " configuration and resubmit."
)
MULTIPLE = "Multiple {0} instance groups supplied, you must specify exactly one {0} instance group"
TWO_RELEASES = (
    "Only one AMI version and release label may be specified. Provided AMI: 3.11.0, release label: emr-4.0.0."
)
TOO_MANY_STEPS = (
    "Maximum number of active steps(State = 'Running', 'Pending' or 'Cancel_Pending') for cluster exceeded."
)
WITH_LABEL = "Cannot specify supported products when release label is used. Specify applications instead."
WITH_AMI = (
    "Cannot specify applications when AMI version is used. Specify supported products or new supported products"
    " instead."
)
CONCURRENCY = "Invalid step concurrency level. Allowed level is from 1 to 256"
NO_ROLE = "ServiceRole is required for creating cluster."
OLD_AMI = "Job flow role is not compatible with the supplied AMI version"


def fleet(role: str = "MASTER", **changes: Any) -> Given:
    kind = {"InstanceType": "m5.xlarge", **changes.pop("kind", {})}
    return {"InstanceFleetType": role, "TargetOnDemandCapacity": 1, "InstanceTypeConfigs": [kind], **changes}


def group(role: str = "MASTER", count: int = 1, **changes: Any) -> Given:
    return {"InstanceRole": role, "InstanceType": "m5.xlarge", "InstanceCount": count, **changes}


def launch(instances: Given | None = None, **changes: Any) -> Given:
    given = {"InstanceFleets": [fleet(), fleet("CORE")]} if instances is None else instances
    roles = {"JobFlowRole": "EMR_EC2_DefaultRole", "ServiceRole": "EMR_DefaultRole"}
    return {"Name": "n", "ReleaseLabel": "emr-7.14.0", "Instances": given, **roles, **changes}


def in_fleets(**changes: Any) -> Given:
    return launch({"InstanceFleets": [fleet()], **changes})


def in_groups(*groups: Given, **changes: Any) -> Given:
    return launch({"InstanceGroups": [group(), *groups]}, **changes)


def counted(
    count: int | None = 3, slave: str | None = "r5.xlarge", outer: Given | None = None, **changes: Any
) -> Given:
    given = {"InstanceCount": count, "MasterInstanceType": "m5.xlarge", "SlaveInstanceType": slave}
    return launch({**given, **changes}, **(outer or {}))


def scaled(units: str = "InstanceFleetUnits", core: int = 2, on_demand: int = 2) -> Given:
    limits = {"UnitType": units, "MinimumCapacityUnits": 1, "MaximumCapacityUnits": 4}
    limits |= {"MaximumCoreCapacityUnits": core, "MaximumOnDemandCapacityUnits": on_demand}
    return {"ManagedScalingPolicy": {"ComputeLimits": limits}}


def steps(count: int, action: str = "CONTINUE") -> Given:
    step = {"Name": "s", "ActionOnFailure": action, "HadoopJarStep": {"Jar": "command-runner.jar"}}
    return {"Steps": [step] * count}


def actions(count: int) -> Given:
    return {"BootstrapActions": [{"Name": "b", "ScriptBootstrapAction": {"Path": "s3://b/k"}}] * count}


def tags(count: int) -> Given:
    return {"Tags": [{"Key": f"k{number}", "Value": ""} for number in range(count)]}


def refusal(given: Given) -> str | None:
    model = operation("RunJobFlow")
    assert model is not None
    check_input(model, given)
    try:
        check_run_job_flow(given, KNOWN, {"secure"})
    except AwsError as fault:
        return str(fault).removeprefix("ValidationException: ")
    return None


OLD: Given = {"ReleaseLabel": None, "AmiVersion": "3.11.0"}
CHEAPEST = fleet(LaunchSpecifications={"OnDemandSpecification": {"AllocationStrategy": "lowest-price"}})
CUSTOM = fleet(kind={"CustomAmiId": "ami-2"})
GOOD: list[Given] = [
    launch(),
    launch(JobFlowRole="arn:aws:iam::123456789012:instance-profile/team/emr+spark=1,a.b@c-d_e"),
    launch(ReleaseLabel="emr-spark-8.0.0", AmiVersion=None),
    launch(ReleaseLabel="emr-5.12.0"),
    launch({"InstanceFleets": [CHEAPEST]}, ReleaseLabel="emr-5.12.1"),
    in_fleets(Ec2SubnetIds=["subnet-1", "subnet-2"]),
    in_fleets(Ec2SubnetId="subnet-1"),
    in_fleets(Ec2SubnetId="subnet-1", Ec2SubnetIds=[], InstanceGroups=None, InstanceCount=None),
    launch({"InstanceGroups": [group()], "Ec2SubnetIds": ["subnet-1"]}),
    counted(Ec2SubnetId="subnet-1"),
    counted(count=1, slave=None),
    counted(count=1, outer=OLD),
    counted(outer={"ReleaseLabel": None, "AmiVersion": "latest"}),
    counted(outer=OLD, HadoopVersion="2.4.0"),
    in_groups(group("CORE", 2), *[group("TASK", 5)] * 48),
    in_groups(group("CORE", Market="SPOT", BidPrice="0.123"), ReleaseLabel="emr-4.0.0"),
    launch({"InstanceGroups": [group(count=3)]}, ReleaseLabel="emr-5.23.0"),
    launch(StepConcurrencyLevel=1, ReleaseLabel="emr-5.27.0"),
    launch(StepConcurrencyLevel=256, ReleaseLabel="emr-5.28.0", **steps(256)),
    launch(StepConcurrencyLevel=1, **steps(1, "CANCEL_AND_WAIT")),
    launch(StepConcurrencyLevel=2, **steps(1, "TERMINATE_CLUSTER")),
    launch(ReleaseLabel="emr-5.30.0", **scaled()),
    in_groups(group("CORE"), **scaled("VCPU")),
    in_groups(group("CORE", Market="SPOT"), **scaled("Instances", core=3)),
    launch(**scaled(core=3)),
    launch(CustomAmiId="ami-1", ReleaseLabel="emr-5.7.0"),
    launch({"InstanceFleets": [CUSTOM]}),
    launch(**tags(50)),
    launch(**actions(16)),
    launch(EbsRootVolumeSize=10, ReleaseLabel="emr-4.8.0"),
    launch(
        EbsRootVolumeSize=100, EbsRootVolumeIops=3000, EbsRootVolumeThroughput=125, ReleaseLabel="emr-6.15.0"
    ),
    launch(SecurityConfiguration="secure"),
    launch(AutoTerminationPolicy={}, ReleaseLabel="emr-5.30.0"),
    in_fleets(EmrManagedMasterSecurityGroup="sg-1", EmrManagedSlaveSecurityGroup="sg-2"),
    launch(Name="", Steps=None, Tags=None, BootstrapActions=[]),
    launch(Name="ünïcode (1) [a] {b} & c"),
]
# For each rule, requests that it refuses, and with which text.
BAD: dict[str, list[tuple[Given, str]]] = {
    "_check_roles": [
        (launch(JobFlowRole=None), "InstanceProfile is required for creating cluster"),
        (launch(JobFlowRole="EMR role"), "Invalid InstanceProfile: EMR role."),
        (launch(ServiceRole=""), NO_ROLE),
    ],
    "_check_release": [
        (counted(outer={"ReleaseLabel": None}), NO_RELEASE),
        (counted(HadoopVersion="2.4.0"), NO_RELEASE),
        (counted(outer={"ReleaseLabel": "emr-4.0.0", "AmiVersion": "3.11.0"}), TWO_RELEASES),
        (counted(outer={"ReleaseLabel": None, "AmiVersion": "1.0.0"}), OLD_AMI),
        (counted(outer={"ReleaseLabel": None}, HadoopVersion="0.18"), OLD_AMI),
        (
            counted(outer={"ReleaseLabel": None, "AmiVersion": "4.0.0"}),
            "The supplied ami version is invalid.",
        ),
    ],
    "_check_types": [
        (counted(slave="x9.large"), "Instance type 'x9.large' is not supported."),
        (in_groups(group("CORE", InstanceType="x9.large")), "Instance type 'x9.large' is not supported."),
    ],
    "_check_one_way": [
        (in_fleets(InstanceCount=1), ONE_WAY),
        (launch({"InstanceGroups": [group()], "MasterInstanceType": "m5.xlarge"}), ONE_WAY),
    ],
    "_check_fleets": [
        (launch(ReleaseLabel="emr-5.0.3"), "Instance fleets are not available for the release."),
        (launch({"InstanceFleets": [CHEAPEST]}, ReleaseLabel="emr-5.12.0"), guesses.STRATEGY_RELEASE),
        (launch({"InstanceFleets": [fleet("CORE")]}), NO_MASTER_FLEET),
    ],
    "_check_subnets": [
        (launch({"InstanceGroups": [group()], "Ec2SubnetIds": ["subnet-1", "subnet-2"]}), ONE_SUBNET),
        (counted(Ec2SubnetIds=["subnet-1", "subnet-2"]), ONE_SUBNET),
        (in_fleets(Ec2SubnetId="subnet-1", Ec2SubnetIds=["subnet-1"]), guesses.SUBNET_ID_AND_IDS),
    ],
    "_check_concurrency": [
        (launch(StepConcurrencyLevel=0), CONCURRENCY),
        (launch(StepConcurrencyLevel=257), CONCURRENCY),
        (launch(StepConcurrencyLevel=2, ReleaseLabel="emr-5.27.1"), guesses.CONCURRENCY_RELEASE),
    ],
    "_check_steps": [
        (launch(**steps(257)), TOO_MANY_STEPS),
        (
            launch(StepConcurrencyLevel=2, **steps(1, "CANCEL_AND_WAIT")),
            "Action on failure 'CANCEL_AND_WAIT' is invalid.",
        ),
    ],
    "_check_managed_scaling": [
        (launch(ReleaseLabel="emr-6.0.0", **scaled()), guesses.MANAGED_SCALING_RELEASE),
        (launch(**scaled("VCPU")), guesses.SCALING_UNITS_OF_FLEETS),
        (in_groups(group("CORE"), **scaled()), guesses.SCALING_UNITS_OF_GROUPS),
        (in_groups(group("CORE"), **scaled("Instances", core=3)), CORE_ABOVE_ON_DEMAND),
    ],
    "_check_counts": [
        (counted(count=None), guesses.COUNTS_INCOMPLETE),
        (counted(MasterInstanceType=None), guesses.COUNTS_INCOMPLETE),
        (counted(count=2, slave=None), guesses.COUNTS_INCOMPLETE),
        (counted(count=0), NO_INSTANCE),
        (launch({"InstanceGroups": []}), NO_MASTER),
    ],
    "_check_groups": [
        (in_groups(group()), MULTIPLE.format("master")),
        (in_groups(group("CORE"), group("CORE")), MULTIPLE.format("core")),
        (in_groups(group("CORE", 0)), NO_INSTANCE),
        (in_groups(group("CORE", BidPrice="1")), "Attempted to set bid price for on demand instance group."),
        (
            in_groups(group("CORE", Market="SPOT", BidPrice="x")),
            "The bid price supplied for an instance group is invalid",
        ),
        (in_groups(group("TASK")), "Clusters with task nodes must also define core nodes."),
        (launch({"InstanceGroups": [group("CORE")]}), NO_MASTER),
        (in_groups(group("CORE"), *[group("TASK")] * 49), guesses.TASK_GROUPS),
    ],
    "_check_custom_amis": [
        (launch(CustomAmiId="ami-1", ReleaseLabel="emr-5.6.0"), "Custom AMI is not allowed"),
        (launch({"InstanceFleets": [CUSTOM]}, CustomAmiId="ami-1"), guesses.CUSTOM_AMI_TWICE),
        (in_groups(group("CORE", CustomAmiId="ami-2"), CustomAmiId="ami-1"), guesses.CUSTOM_AMI_TWICE),
    ],
    "_check_applications": [
        (launch(SupportedProducts=["mapr"]), WITH_LABEL),
        (counted(outer={**OLD, "Applications": [{"Name": "Spark"}]}), WITH_AMI),
    ],
    "_check_tags": [(launch(**tags(51)), f"InvalidRequestException: {guesses.TAGS_TOO_MANY}")],
    "_check_bootstrap_actions": [(launch(**actions(17)), guesses.BOOTSTRAP_ACTIONS)],
    "_check_root_volume": [
        *[(launch(EbsRootVolumeSize=size), guesses.ROOT_VOLUME_SIZE) for size in (0, 9, 101)],
        (counted(outer={"EbsRootVolumeSize": 10, **OLD}), guesses.ROOT_VOLUME_SIZE_RELEASE),
        (launch(ReleaseLabel="emr-6.14.0", EbsRootVolumeIops=3000), guesses.ROOT_VOLUME_PERFORMANCE_RELEASE),
        (
            launch(ReleaseLabel="emr-6.14.0", EbsRootVolumeThroughput=125),
            guesses.ROOT_VOLUME_PERFORMANCE_RELEASE,
        ),
    ],
    "_check_security_configuration": [
        (launch(SecurityConfiguration="x"), clusters.NO_SECURITY_CONFIGURATION.format(name="x"))
    ],
    "_check_auto_termination": [
        (launch(AutoTerminationPolicy={}, ReleaseLabel="emr-6.0.0"), guesses.AUTO_TERMINATION_RELEASE),
        (launch(AutoTerminationPolicy={"IdleTimeout": 59}), guesses.IDLE_TIMEOUT),
    ],
    "_check_security_groups": [
        (in_fleets(EmrManagedMasterSecurityGroup="sg-1"), guesses.SECURITY_GROUPS_APART),
        (in_fleets(EmrManagedSlaveSecurityGroup="sg-1"), guesses.SECURITY_GROUPS_APART),
    ],
    "_check_name": [(launch(Name=f"a{sign}b"), guesses.CLUSTER_NAME) for sign in "<>$|`"],
}
RULES = {rule.__name__: rule for rule in clusters._RULES}


@pytest.mark.parametrize("given", GOOD)
def test_a_good_launch_passes(given: Given) -> None:
    assert refusal(given) is None


@pytest.mark.parametrize(
    ("rule", "given", "text"), [(rule, *row) for rule, rows in BAD.items() for row in rows]
)
def test_a_wrong_launch_is_refused_by_its_rule_and_by_no_other(
    rule: str, given: Given, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refusal(given) == text
    monkeypatch.setattr(
        clusters, "_RULES", tuple(each for each in clusters._RULES if each is not RULES[rule])
    )
    assert refusal(given) is None


def test_each_rule_has_a_launch_that_it_refuses() -> None:
    assert BAD.keys() == RULES.keys()


def test_of_several_faults_the_first_by_aws_order_is_told() -> None:
    given = counted(slave="x9.large", outer={"ReleaseLabel": "emr-7"})
    assert refusal(given) == "The supplied release label is invalid: emr-7."
    given = in_fleets(InstanceFleets=[fleet(kind={"InstanceType": "x9.large"})], InstanceCount=1)
    assert refusal(given) == "Instance type 'x9.large' is not supported."
    given = launch(Name="<", EbsRootVolumeSize=1, StepConcurrencyLevel=0, ServiceRole=None)
    assert refusal(given) == NO_ROLE
    assert refusal({**given, "ServiceRole": "r"}) == CONCURRENCY


def test_a_launch_without_instances_says_which_ways_there_are() -> None:
    assert refusal(launch({"KeepJobFlowAliveWhenNoSteps": True})) == ONE_WAY
