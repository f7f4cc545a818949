"""The client in the process answers as boto3 does over HTTP, errors included."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ParamValidationError

from benchmarks.emr_chaos.requests import launch_request, step
from benchmarks.orchestrator_chaos.direct import DirectClient, VirtualClock
from local_aws.clients import client
from local_aws.emr.emulator import Emr
from local_aws.emr.faults import CallFault
from local_aws.emr.simulated_runner import SimulatedRunner
from local_aws.emr_server import EmrServer


def small() -> Emr:
    return Emr(SimulatedRunner)


def test_answers_are_those_that_boto3_parses() -> None:
    emr = small()
    server = EmrServer(emr, lambda: emr.world.now)
    over_http = client(server.url, "emr")
    direct = DirectClient(emr)
    try:
        cluster = direct.run_job_flow(**launch_request(steps=[step()]))["JobFlowId"]
        emr.advance(3600)
        for name, request in (
            ("describe_cluster", {"ClusterId": cluster}),
            ("list_clusters", {"CreatedAfter": datetime(2026, 1, 1, tzinfo=UTC)}),
            ("list_steps", {"ClusterId": cluster}),
            ("list_instance_fleets", {"ClusterId": cluster}),
        ):
            told: dict[str, Any] = getattr(over_http, name)(**request)
            del told["ResponseMetadata"]
            assert getattr(direct, name)(**request) == told
    finally:
        over_http.close()
        server.close()


def test_what_aws_refuses_is_an_error_of_boto3_with_its_code_message_and_status() -> None:
    with pytest.raises(ClientError) as raised:
        DirectClient(small()).describe_cluster(ClusterId="j-1")
    error = raised.value
    assert error.operation_name == "DescribeCluster"
    assert error.response["Error"] == {
        "Code": "InvalidRequestException",
        "Message": "Cluster id 'j-1' is not valid.",
    }
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_server_error_has_its_status() -> None:
    emr = small()
    emr.faults.script.append(CallFault("server_error", 1.0))
    with pytest.raises(ClientError) as raised:
        DirectClient(emr).list_clusters()
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_a_lost_answer_is_a_closed_connection_and_the_call_is_carried_out() -> None:
    emr = small()
    emr.faults.script.append(CallFault("lost_answer", 1.0, "RunJobFlow"))
    with pytest.raises(ConnectionClosedError):
        DirectClient(emr).run_job_flow(**launch_request())
    assert len(DirectClient(emr).list_clusters()["Clusters"]) == 1


def test_what_does_not_fit_the_model_never_reaches_emr() -> None:
    emr = small()
    with pytest.raises(ParamValidationError, match="Unknown parameter"):
        DirectClient(emr).describe_cluster(ClusterIdd="j-1")
    assert not [line for line in emr.world.trace if " CALL " in line]


def test_there_is_no_method_that_emr_has_not() -> None:
    with pytest.raises(AttributeError, match="fly"):
        DirectClient(small()).fly()


@pytest.mark.parametrize(("seconds", "passed"), [(0, 0), (1.5, 1500), (1e-9, 1), (0.0101, 11), (-3, 0)])
def test_sleep_never_ends_too_early(seconds: float, passed: int) -> None:
    emr = small()
    clock, began = VirtualClock(emr), emr.world.now
    clock.sleep(seconds)
    assert emr.world.now - began == passed
    assert clock.now() == emr.world.now / 1000
