"""Requests to the embedded EMR Serverless."""

from typing import Any, Final

ROLE: Final = "arn:aws:iam::123456789012:role/job"
RELEASE: Final = "emr-7.14.0"
# What a job run of one driver and one executor, of a vCPU each, asks for.
SMALL: Final = (
    "--conf spark.driver.cores=1 --conf spark.driver.memory=2g --conf spark.executor.cores=1 "
    "--conf spark.executor.memory=2g --conf spark.executor.instances=1"
)


def application_request(token: str = "a", **further: Any) -> dict[str, Any]:  # noqa: S107 - no secret
    """Ask for an application."""
    return {"name": "app", "releaseLabel": RELEASE, "type": "SPARK", "clientToken": token, **further}


def job_run_request(
    application_id: str,
    token: str = "j",  # noqa: S107 - no secret
    parameters: str | None = SMALL,
    **further: Any,
) -> dict[str, Any]:
    """Ask for a job run."""
    submit: dict[str, Any] = {"entryPoint": "s3://b/job.py", "entryPointArguments": ["x"]}
    if parameters:
        submit["sparkSubmitParameters"] = parameters
    return {
        "applicationId": application_id,
        "clientToken": token,
        "executionRoleArn": ROLE,
        "jobDriver": {"sparkSubmit": submit},
        **further,
    }


def worker(cpu: int, memory: int, count: int = 1) -> dict[str, Any]:
    """Ask for pre-initialised workers of a size."""
    return {
        "workerCount": count,
        "workerConfiguration": {"cpu": f"{cpu} vCPU", "memory": f"{memory} GB"},
    }
