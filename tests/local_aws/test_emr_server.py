"""The embedded EMR as boto3 sees it."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from mypy_boto3_emr import EMRClient

from local_aws.clients import client as client_of
from local_aws.emr.faults import CallFault
from local_aws.emr_server import EmrServer
from tests.local_aws.emr.launching import Laptop, fleet, launch_request, step


@pytest.fixture
def laptop() -> Laptop:
    return Laptop()


@pytest.fixture
def client(laptop: Laptop) -> Iterator[EMRClient]:
    server = EmrServer(laptop.emr, lambda: laptop.emr.world.now)
    made = client_of(server.url, "emr")
    yield made
    made.close()
    server.close()


def test_boto3_launches_a_cluster_and_sees_it_end(laptop: Laptop, client: EMRClient) -> None:
    task = fleet("TASK", spot=4)
    request = launch_request(fleets=[fleet("MASTER", 1), fleet("CORE", 2), task], steps=[step()], keep=False)
    cluster = client.run_job_flow(**request)["JobFlowId"]
    assert client.describe_cluster(ClusterId=cluster)["Cluster"]["Status"]["State"] == "STARTING"
    laptop.emr.advance(2 * 3600)
    told = client.describe_cluster(ClusterId=cluster)["Cluster"]
    assert told["Status"]["State"] == "TERMINATED"
    timeline = told["Status"]["Timeline"]
    assert timeline["CreationDateTime"] < timeline["ReadyDateTime"] < timeline["EndDateTime"]
    pages = client.get_paginator("list_clusters").paginate(CreatedAfter=timeline["CreationDateTime"])
    assert [found["Id"] for page in pages for found in page["Clusters"]] == [cluster]
    states = {found["Status"]["State"] for found in client.list_instances(ClusterId=cluster)["Instances"]}
    assert states == {"TERMINATED"}
    assert client.list_steps(ClusterId=cluster)["Steps"][0]["Status"]["State"] == "COMPLETED"


def test_boto3_raises_what_is_refused(client: EMRClient) -> None:
    with pytest.raises(client.exceptions.InvalidRequestException) as raised:
        client.describe_cluster(ClusterId="j-X")
    assert raised.value.response["Error"]["Message"] == "Cluster id 'j-X' is not valid."
    with pytest.raises(ClientError) as refused:
        client.terminate_job_flows(JobFlowIds=["j-X"])
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_an_answer_that_is_lost_is_a_closed_connection(laptop: Laptop, client: EMRClient) -> None:
    laptop.emr.faults.script.append(CallFault("lost_answer", 1, "RunJobFlow"))
    with pytest.raises(ConnectionClosedError):
        client.run_job_flow(**launch_request("lost"))
    assert [found["Name"] for found in client.list_clusters()["Clusters"]] == ["lost"]
