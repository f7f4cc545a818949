"""The embedded EMR Serverless as boto3 sees it."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from benchmarks.serverless_chaos.requests import application_request, job_run_request
from local_aws.clients import client as client_of
from local_aws.emr.faults import CallFault
from local_aws.loopback import Loopback
from local_aws.running.job_runner import place
from local_aws.serverless_server import DASHBOARDS, ServerlessApplication
from tests.local_aws.serverless.laptop import HOUR, Laptop


class Served:
    """An EMR Serverless at an endpoint, whose time the test moves."""

    def __init__(self, folder: Path) -> None:
        """Serve it."""
        self.laptop, self._lock = Laptop(), threading.Lock()
        self.application = ServerlessApplication(self.laptop.serverless, self.perform, folder)
        self.server = Loopback(self.application, "serverless")
        self.server.start()
        self.client: Any = client_of(self.server.url, "emr-serverless")

    def perform(self, do: Callable[[], None]) -> None:
        """Do something, alone."""
        with self._lock:
            do()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path)
    yield made
    made.client.close()
    made.server.close()


def test_boto3_runs_a_job_and_sees_it_end(served: Served) -> None:
    client, laptop = served.client, served.laptop
    made = client.create_application(**application_request())["applicationId"]
    laptop.advance(5)
    run = client.start_job_run(**job_run_request(made, tags={"a": "b"}))
    assert client.get_application(applicationId=made)["application"]["state"] == "STARTING"
    laptop.advance(2 * HOUR)
    shown = client.get_job_run(applicationId=made, jobRunId=run["jobRunId"])["jobRun"]
    assert shown["state"] == "SUCCESS"
    assert shown["createdAt"] < shown["startedAt"] < shown["endedAt"]
    pages = client.get_paginator("list_job_runs").paginate(
        applicationId=made, states=["SUCCESS", "FAILED"], createdAtAfter=shown["createdAt"]
    )
    assert [one["id"] for page in pages for one in page["jobRuns"]] == [run["jobRunId"]]
    client.untag_resource(resourceArn=run["arn"], tagKeys=["a"])
    assert client.list_tags_for_resource(resourceArn=run["arn"])["tags"] == {}
    client.delete_application(applicationId=made)
    assert client.list_applications()["applications"] == []


def test_boto3_raises_what_is_refused(served: Served) -> None:
    client = served.client
    with pytest.raises(client.exceptions.ResourceNotFoundException) as raised:
        client.get_application(applicationId="00none")
    assert raised.value.response["Error"]["Message"] == "Application 00none does not exist"
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    client.create_application(**application_request("t"))
    with pytest.raises(client.exceptions.ConflictException):
        client.create_application(**application_request("t", name="other"))
    served.laptop.serverless.faults.script = [CallFault("throttled", 1)]
    with pytest.raises(ClientError, match="ThrottlingException"):
        client.list_applications()


def test_an_answer_that_is_lost_is_a_closed_connection_and_its_token_finds_it(served: Served) -> None:
    served.laptop.serverless.faults.script = [CallFault("lost_answer", 1, "CreateApplication")]
    with pytest.raises(ConnectionClosedError):
        served.client.create_application(**application_request("t"))
    served.laptop.serverless.faults.script = []
    again = served.client.create_application(**application_request("t"))["applicationId"]
    assert list(served.laptop.account.applications) == [again]


def test_a_dashboard_is_what_the_driver_has_written(served: Served, tmp_path: Path) -> None:
    laptop = served.laptop
    made = laptop.started()
    run = laptop.run(made)
    folder = tmp_path / place(made, run, 1)
    folder.mkdir(parents=True)
    (folder / "stdout").write_text("said")
    assert served.application.dashboard(f"{DASHBOARDS}/{made}/{run}/1") == "== stdout\nsaid\n"
    for wrong in (f"{made}/00none/1", f"{made}/{run}/x", f"{made}/{run}", "../../etc/passwd"):
        assert served.application.dashboard(f"{DASHBOARDS}/{wrong}") is None
