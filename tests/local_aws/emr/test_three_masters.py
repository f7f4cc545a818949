"""Clusters with three primary nodes."""

from typing import Any

import pytest

from local_aws.emr.entities import Instance
from local_aws.emr.simulated_runner import BootstrapPlan
from tests.local_aws.emr.launching import Laptop, launch_request, step


@pytest.fixture
def laptop() -> Laptop:
    return Laptop()


def launch(laptop: Laptop, **further: Any) -> str:
    group = {"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 3}
    core = {"InstanceRole": "CORE", "InstanceType": "m5.xlarge", "InstanceCount": 2}
    request = launch_request(**further)
    request["Instances"] = {"InstanceGroups": [group, core], "TerminationProtected": False}
    cluster: str = laptop.call("RunJobFlow", **request)["JobFlowId"]
    laptop.until_ready(cluster)
    return cluster


def masters(laptop: Laptop, cluster: str) -> list[Instance]:
    instances = laptop.emr.cluster(cluster).instances
    return [one for one in instances if one.role == "MASTER" and one.status.state == "RUNNING"]


def test_one_that_is_lost_is_replaced_and_its_cluster_works_on(laptop: Laptop) -> None:
    cluster = launch(laptop, steps=[step()])
    first, *_ = masters(laptop, cluster)
    for _ in range(4):
        victim, *rest = masters(laptop, cluster)
        assert len(rest) == 2
        laptop.emr.lose(victim)
        laptop.emr.advance(1800)
    assert first not in masters(laptop, cluster)
    assert laptop.steps(cluster) == ["COMPLETED"]
    assert laptop.status(cluster)[0] == "WAITING"


def test_two_that_are_lost_at_once_end_the_cluster(laptop: Laptop) -> None:
    cluster = launch(laptop)
    for victim in masters(laptop, cluster)[:2]:
        laptop.emr.lose(victim)
    laptop.emr.advance(1800)
    state, code, message = laptop.status(cluster)
    assert (state, code, message) == (
        "TERMINATED_WITH_ERRORS",
        "INSTANCE_FAILURE",
        "The master node was terminated. ",
    )


def test_the_cluster_is_protected_and_kept_alive_whatever_was_asked_for(laptop: Laptop) -> None:
    cluster = launch(laptop, steps=[step()], AutoTerminationPolicy={"IdleTimeout": 60})
    laptop.emr.advance(86400)
    assert laptop.status(cluster)[0] == "WAITING"
    told = laptop.call("DescribeCluster", ClusterId=cluster)["Cluster"]
    assert (told["TerminationProtected"], told["AutoTerminate"]) == (True, False)
    assert "termination protected" in laptop.refused("TerminateJobFlows", JobFlowIds=[cluster])[1]
    laptop.call("SetTerminationProtection", JobFlowIds=[cluster], TerminationProtected=False)
    laptop.call("TerminateJobFlows", JobFlowIds=[cluster])
    assert laptop.status(cluster)[0] == "TERMINATING"


def test_a_replacement_whose_bootstrap_action_fails_is_replaced_again(laptop: Laptop) -> None:
    action = {"Name": "a", "ScriptBootstrapAction": {"Path": "s3://b/a.sh"}}
    cluster = launch(laptop, BootstrapActions=[action])
    laptop.plan(BootstrapPlan(1, role="MASTER", times=1))
    laptop.emr.lose(masters(laptop, cluster)[0])
    laptop.emr.advance(3600)
    assert laptop.status(cluster)[0] == "WAITING"
    assert len(masters(laptop, cluster)) == 3
