"""Bootstrap actions of an instance, one after the other."""

from local_aws.emr.bootstrapping import bootstrap
from local_aws.emr.entities import Instance
from local_aws.emr.simulated_runner import BootstrapPlan
from local_aws.emr.world import Outcome
from tests.local_aws.emr.launching import Laptop

ACTION = {"Name": "a", "ScriptBootstrapAction": {"Path": "s3://b/a.sh"}}


def run(laptop: Laptop, *, ends: bool = False) -> list[tuple[int, Outcome] | None]:
    """Bootstrap an instance of a cluster with two actions; tell how that ended."""
    cluster = laptop.emr.cluster(laptop.launch(BootstrapActions=[ACTION, ACTION]))
    laptop.emr.advance(30)
    instance: Instance = cluster.instances[0]
    seen: list[tuple[int, Outcome] | None] = []
    bootstrap(laptop.emr.world, cluster, instance, seen.append)
    if ends:
        instance.status.state = "TERMINATED"
    laptop.emr.advance(600)
    return seen


def test_all_actions_and_the_software_come_first() -> None:
    assert run(Laptop()) == [None]


def test_the_action_that_failed_is_told_and_no_other_runs() -> None:
    laptop = Laptop()
    laptop.plan(BootstrapPlan(1, exit_code=3))
    assert run(laptop) == [(1, Outcome(3))]
    laptop = Laptop()
    laptop.plan(BootstrapPlan(2, exit_code=4))
    assert run(laptop) == [(2, Outcome(4))]


def test_an_instance_that_is_gone_meanwhile_tells_nothing() -> None:
    assert run(Laptop(), ends=True) == []
