"""What happens on an instance between its start and its work: bootstrap actions, one after the other, then software."""

from collections.abc import Callable

from local_aws.emr.entities import Cluster, Instance
from local_aws.emr.world import Outcome, World

# The number of the action that failed, counted from 1, and how; None where all went well.
Done = Callable[[tuple[int, Outcome] | None], None]


def bootstrap(world: World, cluster: Cluster, instance: Instance, done: Done) -> None:
    """Run the bootstrap actions of a cluster on an instance, and install its applications."""
    _next(world, cluster, instance, 1, done)


def bootstrap_problem(number: int, outcome: Outcome) -> str:
    """Say what went wrong with a bootstrap action, counted from 1."""
    if outcome.is_missing:
        return f"failed attempting to download bootstrap action {number} file from S3"
    return f"bootstrap action {number} returned a non-zero return code"


def on_master(instance: Instance, problem: str, outcome: Outcome) -> str:
    """Say that it went wrong on the primary, in the two forms that EMR has for it."""
    if outcome.is_missing:
        return f"Master instance ({instance.ec2_id}) {problem}"
    return f"On the master instance ({instance.ec2_id}), {problem}"


def _next(world: World, cluster: Cluster, instance: Instance, number: int, done: Done) -> None:
    if not instance.is_live:
        return
    if number > len(cluster.request.get("BootstrapActions", [])):
        delay = world.draw(world.durations.applications, instance.id)
        world.agenda.after(delay, lambda: done(None) if instance.is_live else None)
        return

    def ended(outcome: Outcome) -> None:
        if not instance.is_live:
            return
        if outcome.exit_code:
            done((number, outcome))
        else:
            _next(world, cluster, instance, number + 1, done)

    world.runner.run_bootstrap(cluster, instance, number, ended)
