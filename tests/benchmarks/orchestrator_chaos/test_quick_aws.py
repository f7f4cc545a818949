"""An embedded AWS that kills who calls it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.emr_chaos.requests import launch_request, step
from benchmarks.orchestrator_chaos.quick_aws import APP_ID, QuickAws, Strike
from benchmarks.serverless_chaos.requests import application_request, job_run_request
from local_aws.clients import VARIABLES, client

CALL = "import boto3; boto3.client('emr', endpoint_url='{url}').run_job_flow(Name='x', Instances={{}})"


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[QuickAws]:
    made = QuickAws(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize(("is_after", "clusters"), [(False, 0), (True, 1)])
def test_a_process_is_killed_before_its_call_is_carried_out_or_after(
    aws: QuickAws, is_after: bool, clusters: int
) -> None:
    strike = Strike(1, is_after)
    aws.strikes["mine"] = strike
    code = f"request = {launch_request()!r}\n" + CALL.format(url=aws.url).replace(
        "Name='x', Instances={}", "**request"
    )
    strike.process = subprocess.Popen(
        [sys.executable, "-c", code], env={**VARIABLES, APP_ID: "mine"}, text=True
    )
    assert strike.process.wait(60) == -9
    assert strike.killed_at == f"{'after' if is_after else 'before'} RunJobFlow"
    assert len(aws.emr.world.clusters) == clusters


def test_a_step_only_takes_a_moment(aws: QuickAws) -> None:
    emr = client(aws.url, "emr")
    emr.run_job_flow(**launch_request(steps=[step()]))
    emr.close()
    [cluster] = aws.emr.world.clusters.values()
    assert aws.until(lambda: cluster.steps[0].status.state == "COMPLETED", 30)


def test_a_call_of_serverless_is_named_and_its_job_run_takes_a_moment(aws: QuickAws) -> None:
    strike = aws.strikes["mine"] = Strike(1, is_after=True)
    code = f"request = {application_request()!r}\n" + CALL.format(url=aws.url).replace(
        "'emr'", "'emr-serverless'"
    ).replace("run_job_flow(Name='x', Instances={})", "create_application(**request)")
    strike.process = subprocess.Popen(
        [sys.executable, "-c", code], env={**VARIABLES, APP_ID: "mine"}, text=True
    )
    assert strike.process.wait(60) == -9
    assert strike.killed_at == "after CreateApplication"
    [application] = aws.serverless.service.account.applications.values()
    assert aws.until(lambda: application.state == "CREATED", 30)
    serverless = client(aws.url, "emr-serverless")
    serverless.start_job_run(**job_run_request(application.id))
    serverless.close()
    [job_run] = aws.serverless.service.account.job_runs.values()
    assert aws.until(lambda: job_run.state == "SUCCESS", 30)
