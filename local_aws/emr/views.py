"""Clusters, fleets, instances and steps as AWS's answers tell of them; members without a value are left out."""

from collections.abc import Mapping
from math import ceil
from typing import Final

from local_aws.emr.catalog import installed
from local_aws.emr.entities import (
    ENDED,
    ENDING,
    ON_DEMAND,
    SPOT,
    Cluster,
    Collection,
    Instance,
    Json,
    Status,
    Step,
)
from local_aws.emr.market import HOUR
from local_aws.emr.storage import block_devices
from local_aws.emr.world import World

# Normalized instance hours count an hour of an m1.small as one.
_SIZES: Final = {"medium": 2, "large": 4, "xlarge": 8}
# Members of RunJobFlow's request that DescribeCluster shows as they were given.
_SHOWN: Final = (
    "AutoScalingRole",
    "CustomAmiId",
    "EbsRootVolumeIops",
    "EbsRootVolumeSize",
    "EbsRootVolumeThroughput",
    "ExtendedSupport",
    "KerberosAttributes",
    "LogEncryptionKmsKeyId",
    "MonitoringConfiguration",
    "OSReleaseLabel",
    "ReleaseLabel",
    "RepoUpgradeOnBoot",
    "SecurityConfiguration",
    "ServiceRole",
    "SessionEnabled",
)


def present(members: Mapping[str, Json]) -> dict[str, Json]:
    """Leave out the members that have no value."""
    return {name: value for name, value in members.items() if value is not None}


def status_of(status: Status) -> dict[str, Json]:
    """Tell a state, its reason and its times."""
    return {
        "State": status.state,
        "StateChangeReason": present({"Code": status.code, "Message": status.message}),
        "Timeline": present(
            {
                "CreationDateTime": seconds(status.created_at),
                "StartDateTime": seconds(status.started_at),
                "ReadyDateTime": seconds(status.ready_at),
                "EndDateTime": seconds(status.ended_at),
            }
        ),
    }


def seconds(milliseconds: int | None) -> float | None:
    """Return an instant as AWS's JSON has it: seconds of the Unix epoch."""
    return None if milliseconds is None else milliseconds / 1000


def summary(world: World, cluster: Cluster, status: Status) -> dict[str, Json]:
    """Tell of a cluster as ListClusters does."""
    details = cluster.error_details if status.state in ENDING else []
    return {
        "Id": cluster.id,
        "Name": cluster.name,
        "Status": {**status_of(status), **({"ErrorDetails": details} if details else {})},
        "NormalizedInstanceHours": normalized_hours(world, cluster),
        "ClusterArn": arn(world, cluster),
    }


def arn(world: World, cluster: Cluster) -> str:
    """Return a cluster's name in all of AWS."""
    return f"arn:aws:elasticmapreduce:{world.region}:{world.account}:cluster/{cluster.id}"


def normalized_hours(world: World, cluster: Cluster) -> int:
    """Add up the begun hours of all instances, by their sizes."""
    return sum(
        _size(instance.instance_type) * ceil(max(1, _until(world, instance) - ready) / HOUR)
        for instance in cluster.instances
        if (ready := instance.status.ready_at) is not None
    )


def _until(world: World, instance: Instance) -> int:
    return world.now if instance.status.ended_at is None else instance.status.ended_at


def _size(instance_type: str) -> int:
    size = instance_type.rpartition(".")[2]
    many = size.removesuffix("xlarge")
    return 8 * int(many) if many.isdigit() else _SIZES.get(size, 1)


def describe(world: World, cluster: Cluster) -> dict[str, Json]:
    """Tell of a cluster as DescribeCluster does."""
    request = cluster.request
    shown = {name: request[name] for name in _SHOWN if name in request}
    return present(
        {
            **summary(world, cluster, cluster.status),
            **shown,
            "Ec2InstanceAttributes": _ec2_attributes(world, cluster),
            "InstanceCollectionType": "INSTANCE_FLEET" if cluster.has_fleets else "INSTANCE_GROUP",
            "LogUri": _log_uri(request.get("LogUri")),
            "AutoTerminate": not cluster.keeps_alive,
            "TerminationProtected": cluster.is_protected,
            "UnhealthyNodeReplacement": request["Instances"].get("UnhealthyNodeReplacement", False),
            "VisibleToAllUsers": True,
            "Applications": installed(
                request.get("ReleaseLabel"),
                [app["Name"] for app in request.get("Applications", []) if "Name" in app],
            ),
            "Tags": [{"Key": key, "Value": value} for key, value in sorted(cluster.tags.items())],
            "MasterPublicDnsName": _master_name(world, cluster),
            "Configurations": request.get("Configurations", []),
            "ScaleDownBehavior": request.get("ScaleDownBehavior", "TERMINATE_AT_TASK_COMPLETION"),
            "StepConcurrencyLevel": cluster.concurrency,
            "PlacementGroups": request.get("PlacementGroupConfigs", []),
        }
    )


def _ec2_attributes(world: World, cluster: Cluster) -> dict[str, Json]:
    given, market = cluster.request["Instances"], world.supply.market
    subnets = given.get("Ec2SubnetIds") or ([given["Ec2SubnetId"]] if "Ec2SubnetId" in given else [])
    return present(
        {
            "Ec2KeyName": given.get("Ec2KeyName"),
            "Ec2SubnetId": next((one for one in subnets if market.zone_of(one) == cluster.zone), None),
            "RequestedEc2SubnetIds": subnets,
            "Ec2AvailabilityZone": cluster.zone,
            "RequestedEc2AvailabilityZones": given.get("Placement", {}).get("AvailabilityZones", []),
            "IamInstanceProfile": cluster.request.get("JobFlowRole"),
            "EmrManagedMasterSecurityGroup": given.get("EmrManagedMasterSecurityGroup"),
            "EmrManagedSlaveSecurityGroup": given.get("EmrManagedSlaveSecurityGroup"),
            "ServiceAccessSecurityGroup": given.get("ServiceAccessSecurityGroup"),
            "AdditionalMasterSecurityGroups": given.get("AdditionalMasterSecurityGroups", []),
            "AdditionalSlaveSecurityGroups": given.get("AdditionalSlaveSecurityGroups", []),
        }
    )


def _log_uri(given: str | None) -> str | None:
    """Return it as AWS does: by an older scheme, and with a slash at its end."""
    if not given:
        return None
    return f"{given.replace('s3://', 's3n://', 1).rstrip('/')}/"


def _master_name(world: World, cluster: Cluster) -> str | None:
    masters = [one for one in cluster.instances if one.role == "MASTER" and one.address is not None]
    return private_name(world, masters[-1]) if masters else None


def private_name(world: World, instance: Instance) -> str:
    """Return the name of an instance in its VPC."""
    domain = "ec2.internal" if world.region == "us-east-1" else f"{world.region}.compute.internal"
    return f"ip-{str(instance.address).replace('.', '-')}.{domain}"


def step(found: Step) -> dict[str, Json]:
    """Tell of a step as DescribeStep does, which alone tells its runtime role."""
    return present({**step_summary(found), "ExecutionRoleArn": found.role_arn})


def step_summary(found: Step) -> dict[str, Json]:
    """Tell of a step as ListSteps does."""
    config = found.config["HadoopJarStep"]
    status = status_of(found.status)
    if found.failure:
        status["FailureDetails"] = found.failure
    return present(
        {
            "Id": found.id,
            "Name": found.config["Name"],
            "Config": present(
                {
                    "Jar": config["Jar"],
                    "Properties": {
                        pair["Key"]: pair.get("Value", "")
                        for pair in config.get("Properties", [])
                        if "Key" in pair
                    },
                    "MainClass": config.get("MainClass"),
                    "Args": config.get("Args", []),
                }
            ),
            "ActionOnFailure": found.action_on_failure,
            "Status": status,
        }
    )


def instance(world: World, found: Instance, *, is_group: bool) -> dict[str, Json]:
    """Tell of an instance."""
    has_address = found.address is not None
    return present(
        {
            "Id": found.id,
            "Ec2InstanceId": found.ec2_id,
            "PublicDnsName": "" if has_address else None,
            "PrivateDnsName": private_name(world, found) if has_address else None,
            "PrivateIpAddress": found.address,
            "Status": status_of(found.status),
            "InstanceGroupId" if is_group else "InstanceFleetId": found.collection_id,
            "Market": found.market,
            "InstanceType": found.instance_type,
            "EbsVolumes": [{"Device": device, "VolumeId": volume} for device, volume in found.volumes],
        }
    )


def fleet(found: Collection) -> dict[str, Json]:
    """Tell of an instance fleet."""
    config = found.config
    return present(
        {
            "Id": found.id,
            "Name": config.get("Name", ""),
            "Status": status_of(found.status),
            "InstanceFleetType": found.role,
            "TargetOnDemandCapacity": found.on_demand_target,
            "TargetSpotCapacity": found.spot_target,
            "ProvisionedOnDemandCapacity": _provisioned(found, ON_DEMAND),
            "ProvisionedSpotCapacity": _provisioned(found, SPOT),
            "InstanceTypeSpecifications": [_type_specification(one) for one in config["InstanceTypeConfigs"]],
            "LaunchSpecifications": config.get("LaunchSpecifications"),
            "ResizeSpecifications": config.get("ResizeSpecifications"),
            "Context": config.get("Context"),
        }
    )


def group(found: Collection) -> dict[str, Json]:
    """Tell of an instance group."""
    config = found.config
    return present(
        {
            "Id": found.id,
            "Name": config.get("Name", ""),
            "Market": config.get("Market", ON_DEMAND),
            "InstanceGroupType": found.role,
            "BidPrice": config.get("BidPrice"),
            "InstanceType": config["InstanceType"],
            "RequestedInstanceCount": found.on_demand_target + found.spot_target,
            "RunningInstanceCount": _provisioned(found, ON_DEMAND) + _provisioned(found, SPOT),
            "Status": status_of(found.status),
            "Configurations": config.get("Configurations", []),
            "EbsBlockDevices": block_devices(config),
            "ShrinkPolicy": {},
        }
    )


def _type_specification(config: Mapping[str, Json]) -> dict[str, Json]:
    bid = config.get("BidPriceAsPercentageOfOnDemandPrice")
    return present(
        {
            "InstanceType": config["InstanceType"],
            "WeightedCapacity": config.get("WeightedCapacity", 1),
            "BidPrice": config.get("BidPrice"),
            "BidPriceAsPercentageOfOnDemandPrice": 100.0 if bid is None and "BidPrice" not in config else bid,
            "Configurations": config.get("Configurations", []),
            "EbsBlockDevices": block_devices(config),
            "CustomAmiId": config.get("CustomAmiId"),
            "Priority": config.get("Priority"),
        }
    )


def _provisioned(found: Collection, market: str) -> int:
    if found.status.state in ENDED:
        return 0
    return sum(one.weight for one in found.live if one.market == market and one.ec2_id is not None)
