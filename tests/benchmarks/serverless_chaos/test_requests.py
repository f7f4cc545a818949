"""Requests that the embedded EMR Serverless accepts."""

from benchmarks.serverless_chaos.requests import application_request, job_run_request, worker
from tests.local_aws.serverless.laptop import Laptop


def test_an_application_and_a_job_run_are_accepted_with_further_members() -> None:
    laptop = Laptop()
    request = application_request("t", initialCapacity={"DRIVER": worker(2, 8, 3)})
    made = laptop.call("CreateApplication", **request)["applicationId"]
    laptop.advance(5)
    run = laptop.call("StartJobRun", **job_run_request(made, name="x"))["jobRunId"]
    assert laptop.application(made).workers["DRIVER"].all.cpu == 6
    assert laptop.job_run(run).request["name"] == "x"


def test_no_parameters_leave_sparks_defaults() -> None:
    submit = job_run_request("00a", parameters=None)["jobDriver"]["sparkSubmit"]
    assert set(submit) == {"entryPoint", "entryPointArguments"}
