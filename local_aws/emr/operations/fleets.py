"""Operations on fleets, groups, instances and what ran on them first."""

from typing import Final

from local_aws.api.errors import invalid_request
from local_aws.emr import views
from local_aws.emr.account import Account, Request, page, refuse_ending
from local_aws.emr.entities import Cluster, Collection, Json
from local_aws.emr.founding import new_fleet
from local_aws.emr.guesses import (
    FLEET_WITHOUT_TYPES,
    INVALID_FLEET_ID,
    MASTER_FLEET_IS_FIXED,
    NOT_FOR_GROUPS,
)
from local_aws.emr.machine import Machine
from local_aws.emr.market import HOUR
from local_aws.emr.rules.fleets import check_added_fleet, check_availability, check_modification
from local_aws.emr.rules.sizes import check_sizes

_INSTANCE_PAGE: Final = 200
# Instances that ended earlier are listed no more (`ListInstances`).
_SHOWN_AFTER_END: Final = 30 * 24 * HOUR
_ONLY = (
    "Instance {own} and instance {other} are mutually exclusive. The EMR cluster specified in the request uses "
    "instance {own}. The {operation} operation does not support clusters that use instance {own}. Use the "
    "{instead} operation instead."
)
# As a live answer has it: https://github.com/turbot/steampipe-plugin-aws/issues/1222
_NOT_FOR_FLEETS: Final = "API_DOES_NOT_SUPPORT_INSTANCE_FLEET_CLUSTERS"


def list_instance_fleets(account: Account, request: Request) -> dict[str, Json]:
    """List a cluster's fleets."""
    cluster = account.machine(request["ClusterId"]).cluster
    _refuse_groups(cluster, "ListInstanceFleets")
    return {"InstanceFleets": [views.fleet(found) for found in cluster.collections]}


def list_instance_groups(account: Account, request: Request) -> dict[str, Json]:
    """List a cluster's groups."""
    cluster = account.machine(request["ClusterId"]).cluster
    if cluster.has_fleets:
        text = _ONLY.format(
            own="fleets", other="groups", operation="ListInstanceGroups", instead="ListInstanceFleets"
        )
        raise invalid_request(text, _NOT_FOR_FLEETS)
    return {"InstanceGroups": [views.group(found) for found in cluster.collections]}


def _refuse_groups(cluster: Cluster, operation: str) -> None:
    if not cluster.has_fleets:
        text = _ONLY.format(own="groups", other="fleets", operation=operation, instead="ListInstanceGroups")
        raise invalid_request(text, NOT_FOR_GROUPS)


def _modifiable(account: Account, request: Request, operation: str) -> Machine:
    machine = account.machine(request["ClusterId"])
    refuse_ending(machine.cluster, is_job_flow=False)
    _refuse_groups(machine.cluster, operation)
    return machine


def add_instance_fleet(account: Account, request: Request) -> dict[str, Json]:
    """Add a task fleet to a cluster that has none."""
    machine, config = _modifiable(account, request, "AddInstanceFleet"), request["InstanceFleet"]
    cluster = machine.cluster
    roles = [found.role for found in cluster.collections]
    check_availability([config], cluster.release, invalid_request)
    check_added_fleet(config, account.world.supply.market.types, roles)
    check_sizes([config], cluster.release, invalid_request)
    fleet = new_fleet(account.world, config)
    cluster.collections.append(fleet)
    account.world.say(fleet.id, "PROVISIONING", cluster.id)
    if cluster.zone is not None:
        machine.provisioner.add(fleet)
    return {
        "ClusterId": cluster.id,
        "InstanceFleetId": fleet.id,
        "ClusterArn": views.arn(account.world, cluster),
    }


def modify_instance_fleet(account: Account, request: Request) -> dict[str, Json]:
    """Give a running cluster's fleet other targets, other types, or other ways to resize."""
    machine, config = _modifiable(account, request, "ModifyInstanceFleet"), request["InstanceFleet"]
    cluster = machine.cluster
    check_modification(config, account.world.supply.market.types)
    fleet = next((found for found in cluster.collections if found.id == config["InstanceFleetId"]), None)
    if fleet is None:
        raise invalid_request(INVALID_FLEET_ID.format(id=config["InstanceFleetId"]))
    if cluster.status.state not in ("RUNNING", "WAITING"):
        raise invalid_request(
            "An instance fleet may only be modified when the cluster is running or waiting."
        )
    if fleet.role == "MASTER":
        raise invalid_request(MASTER_FLEET_IS_FIXED)
    if config.get("InstanceTypeConfigs") == []:
        raise invalid_request(FLEET_WITHOUT_TYPES.format(name=fleet.config.get("Name", "null")))
    changes = {
        name: config[name] for name in ("ResizeSpecifications", "InstanceTypeConfigs") if name in config
    }
    check_sizes([{**fleet.config, **config}], cluster.release, invalid_request)
    fleet.config = {**fleet.config, **changes}
    if "TargetOnDemandCapacity" in config:
        machine.provisioner.resize(fleet, config["TargetOnDemandCapacity"], config["TargetSpotCapacity"])
    return {}


def list_instances(account: Account, request: Request) -> dict[str, Json]:
    """List a cluster's instances, by their fleet or group, its kind, and their states."""
    cluster = account.machine(request["ClusterId"]).cluster
    found = [
        (one, collection)
        for collection in cluster.collections
        if _is_asked_for(collection, request)
        for one in collection.instances
        if not request.get("InstanceStates") or one.status.state in request["InstanceStates"]
        if one.status.ended_at is None or account.world.now - one.status.ended_at < _SHOWN_AFTER_END
    ]
    instances, marker = page(found, request, _INSTANCE_PAGE)
    told = [views.instance(account.world, one, is_group=owner.is_group) for one, owner in instances]
    return {"Instances": told, **marker}


def _is_asked_for(collection: Collection, request: Request) -> bool:
    ids = [request[name] for name in ("InstanceFleetId", "InstanceGroupId") if request.get(name)]
    roles = [*request.get("InstanceGroupTypes", [])]
    if request.get("InstanceFleetType"):
        roles.append(request["InstanceFleetType"])
    return (not ids or collection.id in ids) and (not roles or collection.role in roles)


def list_bootstrap_actions(account: Account, request: Request) -> dict[str, Json]:
    """List what a cluster's instances run before they work."""
    cluster = account.machine(request["ClusterId"]).cluster
    actions = [
        {
            "Name": action["Name"],
            "ScriptPath": action["ScriptBootstrapAction"]["Path"],
            "Args": action["ScriptBootstrapAction"].get("Args", []),
        }
        for action in cluster.request.get("BootstrapActions", [])
    ]
    found, marker = page(actions, request, _INSTANCE_PAGE)
    return {"BootstrapActions": found, **marker}
