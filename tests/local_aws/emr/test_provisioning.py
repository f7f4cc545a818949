"""Instances of a cluster: bought, lost, replaced, resized."""

import pytest

from local_aws.emr.entities import Instance
from local_aws.emr.simulated_runner import BootstrapPlan
from tests.local_aws.emr.launching import FLEETS, Laptop, fleet, resize, short, step, targets

WITH_ERRORS = "TERMINATED_WITH_ERRORS"
ACTION = {"Name": "install", "ScriptBootstrapAction": {"Path": "s3://bucket/install.sh"}}


@pytest.fixture
def laptop() -> Laptop:
    return Laptop()


def running(laptop: Laptop, cluster: str, role: str) -> list[Instance]:
    instances = laptop.emr.cluster(cluster).instances
    return [one for one in instances if one.role == role and one.status.state == "RUNNING"]


def test_instances_of_a_cluster_lie_in_one_zone_and_have_addresses_once_provisioned(laptop: Laptop) -> None:
    cluster = laptop.launch(*FLEETS, fleet("TASK", spot=4))
    laptop.emr.advance(3)
    instances = laptop.call("ListInstances", ClusterId=cluster)["Instances"]
    assert {found["Status"]["State"] for found in instances} == {"AWAITING_FULFILLMENT"}
    assert not any("Ec2InstanceId" in found for found in instances)
    laptop.until_ready(cluster)
    zone = laptop.call("DescribeCluster", ClusterId=cluster)["Cluster"]["Ec2InstanceAttributes"][
        "Ec2AvailabilityZone"
    ]
    assert {one.zone for one in laptop.emr.cluster(cluster).instances} == {zone}
    told = laptop.call("ListInstances", ClusterId=cluster, InstanceStates=["RUNNING"])["Instances"]
    assert all(found["Ec2InstanceId"].startswith("i-0") for found in told)


def test_a_zone_without_capacity_is_not_chosen(laptop: Laptop) -> None:
    zones = frozenset({"us-east-1a", "us-east-1b"})
    short(laptop, zones=zones)
    short(laptop, "ON_DEMAND", zones=zones)
    cluster = laptop.launch(hours=1)
    assert laptop.emr.cluster(cluster).zone == "us-east-1c"


def test_an_interrupted_spot_instance_has_two_minutes_and_is_replaced(laptop: Laptop) -> None:
    cluster = laptop.launch(*FLEETS, fleet("TASK", spot=4), hours=1)
    (victim, *_) = running(laptop, cluster, "TASK")
    laptop.emr.interrupt(victim)
    laptop.emr.advance(119)
    assert victim.status.state == "RUNNING"
    laptop.emr.advance(2)
    assert (victim.status.state, victim.status.code) == ("TERMINATED", "INSTANCE_FAILURE")
    assert laptop.fleets(cluster)["TASK"]["Status"]["State"] == "RESIZING"
    laptop.emr.advance(1800)
    assert laptop.fleets(cluster)["TASK"]["Status"]["State"] == "RUNNING"
    assert targets(laptop, cluster, "TASK")[3] >= 4
    assert laptop.status(cluster)[0] == "WAITING"


def test_a_lost_core_node_is_replaced_and_the_loss_of_all_ends_the_cluster(laptop: Laptop) -> None:
    cluster = laptop.launch(hours=1)
    laptop.emr.lose(running(laptop, cluster, "CORE")[0])
    laptop.emr.advance(1800)
    assert laptop.status(cluster)[0] == "WAITING"
    for victim in running(laptop, cluster, "CORE"):
        laptop.emr.lose(victim)
    laptop.emr.advance(1800)
    assert laptop.status(cluster) == (WITH_ERRORS, "INSTANCE_FAILURE", "NO_SLAVE_LEFT")


def test_a_lost_primary_ends_the_cluster_a_moment_later_and_interrupts_its_step(laptop: Laptop) -> None:
    cluster = laptop.launch(steps=[step()])
    laptop.until_ready(cluster)
    laptop.emr.advance(30)
    laptop.emr.lose(running(laptop, cluster, "MASTER")[0])
    laptop.emr.advance(30)
    assert laptop.status(cluster)[0] == "RUNNING"
    laptop.emr.advance(1800)
    assert laptop.status(cluster) == (WITH_ERRORS, "INSTANCE_FAILURE", "The master node was terminated. ")
    assert laptop.steps(cluster) == ["INTERRUPTED"]


@pytest.mark.parametrize(
    ("role", "times", "state", "message"),
    [
        (
            "MASTER",
            1,
            WITH_ERRORS,
            "On the master instance ({id}), bootstrap action 2 returned a non-zero return code",
        ),
        ("CORE", 1, "WAITING", None),
        (
            "CORE",
            None,
            WITH_ERRORS,
            "On 2 slave instances (including {id} and {second}), bootstrap action 2 returned a non-zero return code",
        ),
    ],
)
def test_a_failing_bootstrap_action_ends_the_cluster_on_the_primary_or_again_and_again(
    laptop: Laptop, role: str, times: int | None, state: str, message: str | None
) -> None:
    laptop.plan(BootstrapPlan(2, role=role, times=times))
    cluster = laptop.launch(BootstrapActions=[ACTION, ACTION], hours=1)
    found, code, told = laptop.status(cluster)
    assert found == state
    failed = [one for one in laptop.emr.cluster(cluster).instances if one.status.code == "BOOTSTRAP_FAILURE"]
    if message:
        second = failed[-1].ec2_id
        assert (code, told) == ("BOOTSTRAP_FAILURE", message.format(id=failed[0].ec2_id, second=second))
    else:
        assert len(failed) == 1


def test_bootstrap_failures_on_a_resize_suspend_the_fleet_and_the_cluster_lives(laptop: Laptop) -> None:
    cluster = laptop.launch(*FLEETS, fleet("TASK", 1), BootstrapActions=[ACTION], hours=1)
    laptop.plan(BootstrapPlan(1, role="TASK"))
    resize(laptop, cluster, "TASK", 3, 0)
    laptop.emr.advance(3600)
    assert laptop.fleets(cluster)["TASK"]["Status"]["State"] == "SUSPENDED"
    assert laptop.status(cluster)[0] == "WAITING"
    laptop.runner.bootstraps.clear()
    resize(laptop, cluster, "TASK", 3, 0)
    laptop.emr.advance(3600)
    assert laptop.fleets(cluster)["TASK"]["Status"]["State"] == "RUNNING"


def test_a_fleet_grows_and_shrinks_and_a_core_node_stays(laptop: Laptop) -> None:
    cluster = laptop.launch(hours=1)
    resize(laptop, cluster, "CORE", 6, 0)
    assert laptop.fleets(cluster)["CORE"]["Status"]["State"] == "RESIZING"
    laptop.emr.advance(1800)
    assert targets(laptop, cluster, "CORE") == (6, 0, 6, 0)
    resize(laptop, cluster, "CORE", 0, 0)
    laptop.emr.advance(1800)
    assert targets(laptop, cluster, "CORE") == (0, 0, 1, 0)
    assert laptop.fleets(cluster)["CORE"]["Status"]["State"] == "RUNNING"


def test_what_runs_on_an_instance_that_is_to_go_holds_it_up_for_an_hour_at_most(
    laptop: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(laptop.runner, "may_let_go", lambda *_: False)
    monkeypatch.setattr(laptop.runner, "instance_changed", lambda _, __, change: heard.append(change))
    cluster = laptop.launch(hours=1)
    resize(laptop, cluster, "CORE", 6, 0)
    laptop.emr.advance(1800)
    heard.clear()
    resize(laptop, cluster, "CORE", 5, 0)
    laptop.emr.advance(3500)
    assert targets(laptop, cluster, "CORE") == (5, 0, 6, 0)
    assert heard == ["LEAVING"]
    laptop.emr.advance(300)
    assert targets(laptop, cluster, "CORE") == (5, 0, 5, 0)
    assert heard == ["LEAVING", "GONE"]


def test_who_runs_steps_hears_of_an_instance_that_is_to_go_and_then_kept(
    laptop: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, str]] = []
    monkeypatch.setattr(laptop.runner, "may_let_go", lambda *_: False)
    monkeypatch.setattr(
        laptop.runner, "instance_changed", lambda _, one, change: heard.append((one.id, change))
    )
    cluster = laptop.launch(hours=1)
    resize(laptop, cluster, "CORE", 6, 0)
    laptop.emr.advance(1800)
    heard.clear()
    resize(laptop, cluster, "CORE", 4, 0)
    (last, _), (before, _) = heard
    resize(laptop, cluster, "CORE", 5, 0)
    assert heard == [(last, "LEAVING"), (before, "LEAVING"), (before, "STAYING")]
    laptop.emr.lose(next(one for one in laptop.emr.cluster(cluster).instances if one.id == before))
    assert heard[3:] == [(before, "GONE"), (last, "STAYING")]


def test_who_runs_steps_hears_of_a_notice_and_of_the_end(
    laptop: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, str]] = []
    monkeypatch.setattr(
        laptop.runner, "instance_changed", lambda _, one, change: heard.append((one.id, change))
    )
    cluster = laptop.launch(fleet("MASTER", 1), fleet("CORE", spot=1), hours=1)
    core = next(one for one in laptop.emr.cluster(cluster).instances if one.role == "CORE")
    assert (core.id, "RUNNING") in heard
    heard.clear()
    laptop.emr.interrupt(core)
    assert heard == [(core.id, "NOTICED")]
    laptop.emr.advance(121)
    assert (core.id, "GONE") in heard


def test_a_resize_that_spot_does_not_fulfil_is_given_up_and_never_becomes_on_demand(laptop: Laptop) -> None:
    cluster = laptop.launch(*FLEETS, fleet("TASK", spot=2), hours=1)
    short(laptop)
    limit = {"SpotResizeSpecification": {"TimeoutDurationMinutes": 15}}
    resize(laptop, cluster, "TASK", 0, 8, ResizeSpecifications=limit)
    laptop.emr.advance(14 * 60)
    assert laptop.fleets(cluster)["TASK"]["Status"]["State"] == "RESIZING"
    laptop.emr.advance(2 * 60)
    assert laptop.fleets(cluster)["TASK"]["Status"]["State"] == "RUNNING"
    on_demand, spot, provisioned_on_demand, provisioned_spot = targets(laptop, cluster, "TASK")
    assert (on_demand, spot, provisioned_on_demand) == (0, 8, 0)
    assert provisioned_spot < 8
    laptop.emr.world.supply.shortages.clear()
    laptop.emr.advance(7200)
    assert targets(laptop, cluster, "TASK")[3] == provisioned_spot


def test_a_task_fleet_is_added_to_a_running_cluster(laptop: Laptop) -> None:
    cluster = laptop.launch(hours=1)
    added = laptop.call("AddInstanceFleet", ClusterId=cluster, InstanceFleet=fleet("TASK", spot=4))
    assert added["ClusterId"] == cluster
    laptop.emr.advance(1800)
    told = laptop.fleets(cluster)["TASK"]
    assert (told["Id"], told["Status"]["State"]) == (added["InstanceFleetId"], "RUNNING")
    assert told["ProvisionedSpotCapacity"] >= 4


def test_a_core_node_that_is_lost_while_the_cluster_is_launched_is_replaced(laptop: Laptop) -> None:
    cluster = laptop.launch(FLEETS[0], fleet("CORE", 4))
    laptop.emr.advance(10)
    laptop.emr.lose(laptop.emr.cluster(cluster).collections[1].instances[0])
    laptop.emr.advance(3600)
    assert laptop.status(cluster)[0] == "WAITING"


def test_the_time_out_of_an_earlier_resize_does_not_end_a_later_one(laptop: Laptop) -> None:
    cluster = laptop.launch(*FLEETS, fleet("TASK", spot=1), hours=1)
    shortage = short(laptop)
    limit = {"ResizeSpecifications": {"SpotResizeSpecification": {"TimeoutDurationMinutes": 60}}}
    resize(laptop, cluster, "TASK", 0, 3, **limit)
    laptop.emr.advance(59 * 60)
    resize(laptop, cluster, "TASK", 0, 5)
    laptop.emr.advance(10 * 60)
    laptop.emr.world.supply.shortages.remove(shortage)
    laptop.emr.advance(1800)
    assert targets(laptop, cluster, "TASK")[3] >= 5
