"""Changes to the faultless request: each limit of AWS at its edge and one beyond, by path."""

from typing import Any

from tests.orchestrator.rules.holding import NOTHING, spot_spec

_FAMILIES = ("m5", "m5a", "m5d", "m6i", "m6a", "m7i", "r5", "r5a")
_X86 = [f"{family}.{size}" for family in _FAMILIES for size in ("xlarge", "2xlarge", "4xlarge", "8xlarge")]
_BOOTSTRAP = {"Name": "b", "ScriptBootstrapAction": {"Path": "s3://b/p"}}
_STEP = {"Name": "s", "ActionOnFailure": "CONTINUE", "HadoopJarStep": {"Jar": "j"}}
_TYPE = "*.1.InstanceTypeConfigs.0"
_EBS = f"{_TYPE}.EbsConfiguration"
_SCALING = "ManagedScalingPolicy.ComputeLimits"
_SPOT = "*.2.LaunchSpecifications.SpotSpecification"


def _reserved(strategy: str) -> dict[str, Any]:
    options = {"UsageStrategy": "use-capacity-reservations-first"}
    return {"OnDemandSpecification": {"AllocationStrategy": strategy, "CapacityReservationOptions": options}}


def _volume(**volume: Any) -> dict[str, Any]:
    return {
        "EbsBlockDeviceConfigs": [{"VolumeSpecification": {"VolumeType": "gp3", "SizeInGB": 64, **volume}}]
    }


def _volumes(count: int) -> dict[str, Any]:
    device = {"VolumesPerInstance": count, "VolumeSpecification": {"VolumeType": "gp3", "SizeInGB": 64}}
    return {"EbsBlockDeviceConfigs": [device]}


def _types(count: int) -> list[dict[str, Any]]:
    return [{"InstanceType": name} for name in _X86[:count]]


def _characters(count: int) -> list[dict[str, Any]]:
    return [{**_STEP, "HadoopJarStep": {"Jar": "j", "Args": ["a" * 5000, "b" * (count - 5001)]}}]


EDITS: dict[str, list[Any]] = {
    "Name": ["", "n" * 256, "n" * 257, "a<b", "a>b", "a$b", "a|b", "a`b", 5],
    "JobFlowRole": [NOTHING, "", "a b", "arn:aws:iam::123456789012:instance-profile/p"],
    "ServiceRole": [NOTHING, ""],
    "ReleaseLabel": [
        *("emr-spark-8.0.0", "emr-7.14", "emr-3.11.0", "emr-7.01.0", "emr-7.2.0", "emr-6.15.0", "emr-6.14.0"),
        *("emr-6.0.1", "emr-5.30.0", "emr-5.29.0", "emr-5.28.0", "emr-5.27.0", "emr-5.12.1", "emr-5.12.0"),
        *("emr-5.7.0", "emr-5.6.0", "emr-5.0.3", "emr-4.8.0", "emr-4.7.2", "emr-4.0.0", NOTHING),
    ],
    "AmiVersion": ["3.11.0", "1.0"],
    "Instances.HadoopVersion": ["2.4.0"],
    "Instances.InstanceCount": [1],
    "Instances.InstanceGroups": [[]],
    "*": [NOTHING, []],
    "Instances.Ec2SubnetId": ["subnet-a"],
    "Instances.Ec2SubnetIds": [NOTHING, [], ["subnet-a"]],
    "Instances.EmrManagedMasterSecurityGroup": ["sg-1"],
    "CustomAmiId": ["ami-1"],
    f"{_TYPE}.CustomAmiId": ["ami-2"],
    "SupportedProducts": [["mapr"]],
    "Tags": [
        [{"Key": "k" * 128, "Value": "v" * 256}],
        [{"Key": "k" * 129, "Value": "v"}],
        [{"Key": "k", "Value": "v" * 257}],
        [{"Key": "", "Value": "v"}],
        [{"Value": "v"}],
        [{"Key": "aws:k", "Value": "v"}],
        [{"Key": "k", "Value": "AWS:v"}],
        [{"Key": f"k{n}", "Value": "v"} for n in range(50)],
        [{"Key": f"k{n}", "Value": "v"} for n in range(51)],
        [{"Key": "k", "Value": "v"}] * 51,
    ],
    "BootstrapActions": [[_BOOTSTRAP] * 16, [_BOOTSTRAP] * 17],
    "EbsRootVolumeSize": [9, 10, 100, 101],
    "EbsRootVolumeIops": [3000],
    "EbsRootVolumeThroughput": [500],
    "AutoTerminationPolicy": [
        NOTHING,
        {},
        *({"IdleTimeout": seconds} for seconds in (59, 60, 604_800, 604_801)),
    ],
    "StepConcurrencyLevel": [0, 1, 2, 256, 257],
    "Steps": [[_STEP] * 256, [_STEP] * 257, _characters(10_240), _characters(10_241), [], NOTHING],
    "Steps.0.ActionOnFailure": ["CANCEL_AND_WAIT", "TERMINATE_CLUSTER", "CONTINU", NOTHING],
    "ManagedScalingPolicy": [NOTHING, {}],
    f"{_SCALING}.UnitType": ["Instances", "VCPU"],
    f"{_SCALING}.MinimumCapacityUnits": [0, 1, 64, 65],
    f"{_SCALING}.MaximumCoreCapacityUnits": [-1, 0, 64, 65],
    f"{_SCALING}.MaximumOnDemandCapacityUnits": [-1, 0, 64, 65],
    "ManagedScalingPolicy.ScalingStrategy": ["ADVANCED", "DEFAULT"],
    "ManagedScalingPolicy.UtilizationPerformanceIndex": [0, 1, 2, 75, 100, 101],
    "*.0.InstanceFleetType": ["CORE", "TASK"],
    "*.1.InstanceFleetType": ["MASTER", "TASK"],
    "*.2.InstanceFleetType": ["MASTER", "CORE"],
    "*.0.TargetOnDemandCapacity": [0, 2, -1],
    "*.0.TargetSpotCapacity": [0, 1],
    "*.1.TargetOnDemandCapacity": [0, 1, 16_000, 16_001, NOTHING],
    "*.2.TargetSpotCapacity": [0, 16_000, 16_001, NOTHING],
    "*.0.InstanceTypeConfigs.0.WeightedCapacity": [0, 1, 2],
    f"{_TYPE}.WeightedCapacity": [0, 1],
    "*.1.InstanceTypeConfigs": [[], _types(1) * 2, _types(5), _types(6), NOTHING],
    "*.2.InstanceTypeConfigs": [_types(5), _types(6), _types(30), _types(31)],
    "*.0.LaunchSpecifications": [NOTHING, {}],
    "*.1.LaunchSpecifications": [NOTHING, _reserved("lowest-price"), _reserved("prioritized")],
    "*.2.LaunchSpecifications": [NOTHING, spot_spec(AllocationStrategy="capacity-optimized-prioritized")],
    f"{_SPOT}.TimeoutDurationMinutes": [4, 5, 1440, 1441],
    f"{_SPOT}.TimeoutAction": ["SWITCH", NOTHING],
    f"{_SPOT}.BlockDurationMinutes": [60],
    "*.2.InstanceTypeConfigs.0.Priority": [0.0, -1],
    "*.2.ResizeSpecifications": [
        *(
            {"SpotResizeSpecification": {"TimeoutDurationMinutes": minutes}}
            for minutes in (4, 5, 10_080, 10_081)
        ),
        *(
            {"OnDemandResizeSpecification": {"TimeoutDurationMinutes": minutes}}
            for minutes in (4, 5, 10_080, 10_081)
        ),
        {"OnDemandResizeSpecification": {"AllocationStrategy": "prioritized"}},
    ],
    "*.2.InstanceTypeConfigs.0.BidPrice": ["0.123", "0.1234", "0", "-1", "ten", ""],
    "*.2.InstanceTypeConfigs.0.BidPriceAsPercentageOfOnDemandPrice": [0.0, 50, 100.0],
    _EBS: [
        *(_volume(SizeInGB=size) for size in (0, 1, 1024, 1025)),
        *({**_volume(SizeInGB=size), "EbsOptimized": True} for size in (9, 10)),
        *(_volume(VolumeType=kind) for kind in ("gp2", "st1", "sc1", "standard", "io1", "io2")),
        *(_volume(VolumeType="io1", Iops=iops) for iops in (99, 100, 20_000, 20_001)),
        *(_volume(VolumeType="gp2", Iops=iops) for iops in (100,)),
        *(_volume(Throughput=speed) for speed in (124, 125, 1000, 1001)),
        _volume(VolumeType="gp2", Throughput=125),
        *(_volumes(count) for count in (0, 1, 25, 26)),
    ],
    "SecurityConfiguration": [NOTHING],
    "Instances.TerminationProtected": [True],
    "Instances.KeepJobFlowAliveWhenNoSteps": [False, NOTHING],
    "LogUri": [NOTHING],
    "Applications": [[{"Name": "Sprak"}]],
    "Rubbish": [1],
}
# With groups in place of fleets.
GROUP_EDITS: dict[str, list[Any]] = {
    "Instances.InstanceGroups.0.InstanceCount": [0, 1, 2, 3, 4],
    "Instances.InstanceGroups.1.InstanceCount": [0, 1, 2000, 2001],
    "Instances.InstanceGroups.0.InstanceRole": ["CORE", "TASK"],
    "Instances.InstanceGroups.1.InstanceRole": ["MASTER", "TASK"],
    "Instances.InstanceGroups.1.BidPrice": ["0.1", "0.1234"],
    "Instances.InstanceGroups.1.Market": ["SPOT", "ON_DEMAND"],
    "Instances.InstanceGroups.1.EbsConfiguration": [_volumes(25), _volumes(26)],
    "Instances.InstanceGroups": [[], NOTHING],
    "Instances.Ec2SubnetIds": [["subnet-a", "subnet-b"], NOTHING],
    "Instances.InstanceCount": [0, 1, 3],
    "Instances.MasterInstanceType": ["m5.xlarge"],
    "Instances.SlaveInstanceType": ["m5.xlarge"],
    "ReleaseLabel": ["emr-5.23.0", "emr-5.22.0", "emr-6.0.0"],
    f"{_SCALING}.UnitType": ["InstanceFleetUnits", "VCPU"],
    f"{_SCALING}.MaximumCoreCapacityUnits": [10, 65],
    f"{_SCALING}.MaximumOnDemandCapacityUnits": [9, 10],
    "Steps.0.ActionOnFailure": ["CANCEL_AND_WAIT"],
    "StepConcurrencyLevel": [2],
}
