"""What tests of rules on applications share: one that nothing is to be said against, and edits of it."""

from copy import deepcopy
from typing import Any

from orchestrator.config.limits import Limits
from orchestrator.findings import dotted_path
from orchestrator.rules import check_application
from orchestrator.rules.application import Application

PYTHON = "/usr/bin/python3.11"
REQUEST: dict[str, Any] = {
    "name": "app",
    "releaseLabel": "emr-7.14.0",
    "type": "SPARK",
    "maximumCapacity": {"cpu": "64 vCPU", "memory": "256 GB"},
    "monitoringConfiguration": {"s3MonitoringConfiguration": {"logUri": "s3://b/logs/"}},
    "runtimeConfiguration": [
        {
            "classification": "spark-defaults",
            "properties": {
                "spark.emr-serverless.driverEnv.PYSPARK_PYTHON": PYTHON,
                "spark.emr-serverless.driverEnv.PYSPARK_DRIVER_PYTHON": PYTHON,
                "spark.executorEnv.PYSPARK_PYTHON": PYTHON,
            },
        }
    ],
}
JOB_RUN: dict[str, Any] = {"executionRoleArn": "arn:aws:iam::123456789012:role/jobs"}


def told(
    request: dict[str, Any] | None = None,
    job_run: dict[str, Any] | None = None,
    environment: str | None = None,
) -> list[str]:
    """Tell what is found once keys were set, each with its place and level; None takes a key away."""
    application = Application(
        _set(REQUEST, request or {}), _set(JOB_RUN, job_run or {}), environment, Limits()
    )
    return [
        f"{each.level.value} {dotted_path(each.path)}: {each.problem}"
        for each in check_application(application)
    ]


def parameters(text: str) -> dict[str, Any]:
    """Give job runs parameters of spark-submit."""
    return {"jobDriver": {"sparkSubmit": {"sparkSubmitParameters": text}}}


def _set(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    changed = {**deepcopy(base), **changes}
    return {name: value for name, value in changed.items() if value is not None}
