"""Amazon EMR in a process: operations by name, driven by a clock that whoever uses it moves."""

from collections.abc import Callable, Mapping
from typing import Final

from local_aws.emr.account import Account, Request
from local_aws.emr.agenda import Agenda
from local_aws.emr.calling import Called
from local_aws.emr.entities import Cluster, Instance, Json
from local_aws.emr.ids import Ids
from local_aws.emr.machine import Machine
from local_aws.emr.market import Market
from local_aws.emr.operations import clusters, fleets, policies, region, steps
from local_aws.emr.quotas import Quotas
from local_aws.emr.supply import RegionSupply
from local_aws.emr.world import Durations, Runner, World

Operation = Callable[[Account, Request], dict[str, Json]]
OPERATIONS: Final[Mapping[str, Operation]] = {
    "AddInstanceFleet": fleets.add_instance_fleet,
    "AddJobFlowSteps": steps.add_job_flow_steps,
    "AddTags": clusters.add_tags,
    "CancelSteps": steps.cancel_steps,
    "CreateSecurityConfiguration": region.create_security_configuration,
    "DeleteSecurityConfiguration": region.delete_security_configuration,
    "DescribeCluster": clusters.describe_cluster,
    "DescribeReleaseLabel": region.describe_release_label,
    "DescribeSecurityConfiguration": region.describe_security_configuration,
    "DescribeStep": steps.describe_step,
    "GetAutoTerminationPolicy": policies.get_auto_termination_policy,
    "GetManagedScalingPolicy": policies.get_managed_scaling_policy,
    "ListBootstrapActions": fleets.list_bootstrap_actions,
    "ListClusters": clusters.list_clusters,
    "ListInstanceFleets": fleets.list_instance_fleets,
    "ListInstanceGroups": fleets.list_instance_groups,
    "ListInstances": fleets.list_instances,
    "ListReleaseLabels": region.list_release_labels,
    "ListSecurityConfigurations": region.list_security_configurations,
    "ListSteps": steps.list_steps,
    "ModifyCluster": clusters.modify_cluster,
    "ModifyInstanceFleet": fleets.modify_instance_fleet,
    "PutAutoTerminationPolicy": policies.put_auto_termination_policy,
    "PutManagedScalingPolicy": policies.put_managed_scaling_policy,
    "RemoveAutoTerminationPolicy": policies.remove_auto_termination_policy,
    "RemoveManagedScalingPolicy": policies.remove_managed_scaling_policy,
    "RemoveTags": clusters.remove_tags,
    "RunJobFlow": clusters.run_job_flow,
    "SetKeepJobFlowAliveWhenNoSteps": clusters.set_keep_job_flow_alive_when_no_steps,
    "SetTerminationProtection": clusters.set_termination_protection,
    "TerminateJobFlows": clusters.terminate_job_flows,
}
ZONES: Final = ("a", "b", "c")
# 2026-01-01T00:00:00Z
BEGINNING: Final = 1_767_225_600_000


class Emr(Called[Account]):
    """An account's Amazon EMR in one Region, from a seed: the same calls at the same instants give the same trace."""

    def __init__(
        self,
        runner: Callable[[World], Runner],
        *,
        seed: str = "0",
        region_name: str = "us-east-1",
        now: int = BEGINNING,
        durations: Durations | None = None,
    ) -> None:
        """Begin without clusters; `runner` makes who runs steps."""
        market = Market(seed, [f"{region_name}{zone}" for zone in ZONES])
        world = World(
            seed=seed,
            region=region_name,
            account="123456789012",
            agenda=Agenda(now),
            ids=Ids(seed),
            supply=RegionSupply(market),
            durations=durations or Durations(),
        )
        world.runner = runner(world)
        self.world, self.account = world, Account(world)
        super().__init__("emr", OPERATIONS, self.account, world, Quotas(now))

    def cluster(self, cluster_id: str) -> Cluster:
        """Return a cluster as it stands, for tests and scripts of faults."""
        return self.account.machines[cluster_id].cluster

    def interrupt(self, instance: Instance) -> None:
        """Take a Spot instance back, with two minutes' notice."""
        self._owner(instance).provisioner.interrupt(instance)

    def lose(self, instance: Instance) -> None:
        """Break an instance, without notice."""
        self._owner(instance).provisioner.lose(instance, "INSTANCE_FAILURE", "Instance failed.")

    def _owner(self, instance: Instance) -> Machine:
        machines = self.account.machines.values()
        return next(machine for machine in machines if instance in machine.cluster.instances)
