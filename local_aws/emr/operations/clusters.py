"""Operations on whole clusters."""

import zlib
from typing import Final

from local_aws.api.errors import invalid_request, validation
from local_aws.emr import views
from local_aws.emr.account import Account, Request, page, refuse_ending
from local_aws.emr.entities import CORE, ENDED, MASTER, Cluster, Json, Status
from local_aws.emr.founding import new_fleet, new_group
from local_aws.emr.guesses import CONCURRENCY_RELEASE, TOO_MANY_JOB_FLOWS
from local_aws.emr.machine import Machine
from local_aws.emr.rules import policies
from local_aws.emr.rules.clusters import check_run_job_flow

_PAGE: Final = 50
_MOST_TERMINATED: Final = 10
_PROTECTED: Final = "Could not shut down one or more job flows since they are termination protected."


def run_job_flow(account: Account, request: Request) -> dict[str, Json]:
    """Make a cluster; a second call makes a second one."""
    check_run_job_flow(request, account.world.supply.market.types, account.security_configurations)
    cluster = _cluster(account, request)
    account.world.clusters[cluster.id] = cluster
    machine = Machine(account.world, cluster)
    account.machines[cluster.id] = machine
    machine.steps.add(request.get("Steps", []), request.get("StepExecutionRoleArn"))
    failure = account.launch_failures.pop(0) if account.launch_failures else None
    machine.start(_zones(account, request), failure)
    return {"JobFlowId": cluster.id, "ClusterArn": views.arn(account.world, cluster)}


def _cluster(account: Account, request: Request) -> Cluster:
    world, instances = account.world, request["Instances"]
    policy = request.get("AutoTerminationPolicy")
    has_three_masters = _has_three_masters(instances)
    cluster = Cluster(
        id=world.ids.emr("j"),
        request=request,
        status=Status("STARTING", world.now),
        keeps_alive=has_three_masters or instances.get("KeepJobFlowAliveWhenNoSteps", False),
        is_protected=has_three_masters or instances.get("TerminationProtected", False),
        concurrency=request.get("StepConcurrencyLevel", 1),
        tags={tag["Key"]: tag.get("Value", "") for tag in request.get("Tags", [])},
        scaling=request.get("ManagedScalingPolicy"),
        idle_timeout=None if policy is None else policy.get("IdleTimeout", policies.DEFAULT_IDLE_TIMEOUT),
    )
    world.say(cluster.id, "STARTING", cluster.name)
    cluster.collections = [
        new_group(world, config) if "InstanceRole" in config else new_fleet(world, config)
        for config in _configs(instances)
    ]
    return cluster


def _has_three_masters(instances: Request) -> bool:
    """Tell whether a cluster has three primary nodes, and so is protected and kept alive, whatever the request says.

    https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-ha-launch.html
    """
    groups = instances.get("InstanceGroups") or ()
    return any(group["InstanceRole"] == MASTER and group["InstanceCount"] > 1 for group in groups)


def _configs(instances: Request) -> list[dict[str, Json]]:
    """List fleets, or groups; a count of instances with types of primary and workers is a short form of groups."""
    if instances.get("InstanceFleets"):
        return list(instances["InstanceFleets"])
    if instances.get("InstanceGroups"):
        return list(instances["InstanceGroups"])
    count, primary = instances.get("InstanceCount", 1), instances["MasterInstanceType"]
    groups = [{"InstanceRole": MASTER, "InstanceType": primary, "InstanceCount": 1}]
    if count > 1:
        workers = instances.get("SlaveInstanceType", primary)
        groups.append({"InstanceRole": CORE, "InstanceType": workers, "InstanceCount": count - 1})
    return groups


def _zones(account: Account, request: Request) -> list[str]:
    """Name the zones that a cluster may lie in: those of its subnets, those that it names, or all of the Region."""
    instances, zones = request["Instances"], account.world.supply.market.zones
    placement = instances.get("Placement", {})
    named = placement.get("AvailabilityZones") or [placement.get("AvailabilityZone")]
    subnets = instances.get("Ec2SubnetIds") or [instances.get("Ec2SubnetId")]
    if subnets[0]:
        named = [account.world.supply.market.zone_of(subnet) for subnet in subnets]
    return [zone for zone in dict.fromkeys(named) if zone in zones] or list(zones)


def describe_cluster(account: Account, request: Request) -> dict[str, Json]:
    """Tell all of a cluster but its instances."""
    return {"Cluster": views.describe(account.world, account.machine(request["ClusterId"]).cluster)}


def list_clusters(account: Account, request: Request) -> dict[str, Json]:
    """List clusters as they were some time ago, without tags, and in no order that says anything."""
    states = request.get("ClusterStates")
    after, before = request.get("CreatedAfter"), request.get("CreatedBefore")
    found = []
    for cluster in sorted(account.clusters(), key=lambda one: zlib.crc32(one.id.encode())):
        status = _seen(cluster, account.seen_at())
        created = cluster.status.created_at / 1000
        if (
            status is not None
            and (not states or status.state in states)
            and (after is None or created >= after)
            and (before is None or created <= before)
        ):
            found.append(views.summary(account.world, cluster, status))
    clusters, marker = page(found, request, _PAGE)
    return {"Clusters": clusters, **marker}


def _seen(cluster: Cluster, at: int) -> Status | None:
    """Return the status that a cluster had at an instant, or None before it was asked for."""
    return next((status for since, status in reversed(cluster.history) if since <= at), None)


def terminate_job_flows(account: Account, request: Request) -> dict[str, Json]:
    """End clusters; of several, those that are not protected end even where the call is refused."""
    ids = request["JobFlowIds"]
    if not ids:
        raise validation("The JobFlowId list cannot be empty")
    if len(ids) > _MOST_TERMINATED:
        raise validation(TOO_MANY_JOB_FLOWS)
    machines = [account.job_flow(job_flow_id) for job_flow_id in ids]
    if len(set(ids)) < len(ids):
        raise validation("Specified job flow ID does not exist")
    for machine in machines:
        if not machine.cluster.is_protected:
            machine.terminate("USER_REQUEST", "Terminated by user request")
    if any(machine.cluster.is_protected and not machine.cluster.is_ending for machine in machines):
        raise validation(_PROTECTED)
    return {}


def set_termination_protection(account: Account, request: Request) -> dict[str, Json]:
    """Protect clusters from the calls that end them, or no longer."""
    for machine in _modifiable(account, request):
        machine.cluster.is_protected = request["TerminationProtected"]
    return {}


def set_keep_job_flow_alive_when_no_steps(account: Account, request: Request) -> dict[str, Json]:
    """Let clusters live on after their last step, or end by it."""
    for machine in _modifiable(account, request):
        machine.keep_alive(keeps_alive=request["KeepJobFlowAliveWhenNoSteps"])
    return {}


def _modifiable(account: Account, request: Request) -> list[Machine]:
    machines = [account.job_flow(job_flow_id) for job_flow_id in request["JobFlowIds"]]
    for machine in machines:
        refuse_ending(machine.cluster)
    return machines


def modify_cluster(account: Account, request: Request) -> dict[str, Json]:
    """Change how many steps run at once."""
    machine = account.machine(request["ClusterId"])
    refuse_ending(machine.cluster, is_job_flow=False)
    level = request.get("StepConcurrencyLevel")
    if level is None:
        return {"StepConcurrencyLevel": machine.cluster.concurrency}
    policies.check_concurrency(level, invalid_request)
    if level > 1 and not machine.cluster.release.has_step_concurrency:
        raise invalid_request(CONCURRENCY_RELEASE)
    machine.cluster.concurrency = level
    account.world.say(machine.cluster.id, "CONCURRENCY", level)
    machine.steps.begin()
    return {"StepConcurrencyLevel": level}


def add_tags(account: Account, request: Request) -> dict[str, Json]:
    """Add tags, or give those that are there another value."""
    cluster = _taggable(account, request)
    given = {tag.get("Key"): tag.get("Value", "") for tag in request["Tags"]}
    policies.check_tags(request["Tags"], len(cluster.tags.keys() - given.keys()))
    cluster.tags.update(given)
    return {}


def remove_tags(account: Account, request: Request) -> dict[str, Json]:
    """Remove tags; those that are not there are no fault."""
    cluster = _taggable(account, request)
    for key in request["TagKeys"]:
        cluster.tags.pop(key, None)
    return {}


def _taggable(account: Account, request: Request) -> Cluster:
    cluster = account.machine(request["ResourceId"]).cluster
    if cluster.status.state in ENDED:
        raise invalid_request("Tags cannot be modified on terminated clusters.")
    return cluster
