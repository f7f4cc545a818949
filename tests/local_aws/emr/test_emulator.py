"""Calls: what is refused before anything is done, faults, and what no sequence of calls may break."""

from typing import Any

import pytest

from local_aws.api.errors import AwsError
from local_aws.api.shapes import operation
from local_aws.emr.emulator import OPERATIONS, Emr
from local_aws.emr.faults import CallFault, LostAnswerError
from local_aws.emr.simulated_runner import SimulatedRunner
from tests.local_aws.emr.launching import Laptop, launch_request, step


def code_of(emr: Emr, name: str, **request: Any) -> str:
    with pytest.raises(AwsError) as raised:
        emr.call(name, request)
    return raised.value.code


@pytest.mark.parametrize("name", ["RunJobFlows", "CreateStudio"])
def test_an_operation_that_is_not_there_is_answered_as_an_unknown_one_and_logged(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert code_of(Emr(SimulatedRunner), name) == "UnknownOperationException"
    assert name in caplog.text


def test_a_request_is_held_against_the_model_first() -> None:
    assert code_of(Emr(SimulatedRunner), "DescribeCluster") == "ValidationException"
    assert code_of(Emr(SimulatedRunner), "DescribeCluster", ClusterId=1) == "SerializationException"


def test_members_that_are_null_are_as_if_they_were_not_there() -> None:
    emr = Emr(SimulatedRunner)
    assert emr.call("ListClusters", {"ClusterStates": None, "Marker": None}) == {"Clusters": []}


def test_calls_are_throttled_by_quota_and_go_on_later() -> None:
    emr = Emr(SimulatedRunner)
    for _ in range(10):
        emr.call("RunJobFlow", launch_request())
    assert code_of(emr, "RunJobFlow", **launch_request()) == "ThrottlingException"
    emr.advance(2)
    emr.call("RunJobFlow", launch_request())
    assert len(emr.world.clusters) == 11


def test_there_is_no_idempotency_where_aws_has_none() -> None:
    laptop = Laptop()
    assert laptop.launch() != laptop.launch()
    assert len(laptop.call("ListClusters")["Clusters"]) == 2


def test_faults_come_at_their_rate_and_the_same_for_the_same_seed() -> None:
    def seen(seed: str) -> list[str]:
        emr, codes = Emr(SimulatedRunner, seed=seed), []
        emr.quotas = None
        emr.faults.script += [CallFault("throttled", 0.2), CallFault("server_error", 0.1, "ListClusters")]
        for _ in range(500):
            try:
                emr.call("ListClusters", {})
                codes.append("")
            except AwsError as fault:
                codes.append(fault.code)
        return codes

    codes = seen("a")
    assert codes.count("ThrottlingException") / 500 == pytest.approx(0.2, abs=0.06)
    assert codes.count("InternalServerException") / 500 == pytest.approx(0.08, abs=0.05)
    assert codes == seen("a")
    assert codes != seen("b")


def test_a_lost_answer_is_of_a_call_that_was_carried_out() -> None:
    laptop = Laptop()
    laptop.emr.faults.script.append(CallFault("lost_answer", 1, "RunJobFlow"))
    with pytest.raises(LostAnswerError):
        laptop.call("RunJobFlow", **launch_request("lost"))
    assert [found["Name"] for found in laptop.call("ListClusters")["Clusters"]] == ["lost"]


def test_lists_may_lag_behind_and_descriptions_do_not() -> None:
    laptop = Laptop()
    laptop.emr.account.list_lag = 60_000
    cluster = laptop.launch(steps=[step()])
    assert laptop.call("ListClusters")["Clusters"] == []
    assert laptop.steps(cluster) == []
    assert laptop.status(cluster)[0] == "STARTING"
    laptop.emr.advance(61)
    assert [found["Id"] for found in laptop.call("ListClusters")["Clusters"]] == [cluster]
    assert laptop.steps(cluster) == ["PENDING"]
    laptop.call("TerminateJobFlows", JobFlowIds=[cluster])
    assert laptop.call("ListClusters", ClusterStates=["STARTING"])["Clusters"]
    laptop.emr.advance(61)
    assert not laptop.call("ListClusters", ClusterStates=["STARTING"])["Clusters"]


def test_an_answer_and_a_request_are_nobodys_to_change() -> None:
    laptop = Laptop()
    request = launch_request(steps=[step()])
    cluster = laptop.call("RunJobFlow", **request)["JobFlowId"]
    request["Instances"]["InstanceFleets"].clear()
    laptop.call("DescribeCluster", ClusterId=cluster)["Cluster"]["Status"]["State"] = "GONE"
    assert laptop.status(cluster)[0] == "STARTING"
    assert len(laptop.fleets(cluster)) == 2


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_is_one_of_the_model(name: str) -> None:
    assert operation(name)
