"""Advice about applications of EMR Serverless."""

from typing import Any

import pytest

from tests.orchestrator.rules.applications import parameters, told

WORKERS = {"initialCapacity": {"DRIVER": {"workerCount": 1}}}
PYTHONS = 3


@pytest.mark.parametrize(
    ("request_", "job_run", "expected"),
    [
        ({"maximumCapacity": None}, {}, "maximumCapacity: nothing bounds what it costs"),
        (
            {**WORKERS, "autoStopConfiguration": {"enabled": False}},
            {},
            "autoStopConfiguration.enabled: pre-initialised workers cost until somebody stops it",
        ),
        (
            {"maximumCapacity": {"cpu": "15 vCPU", "memory": "64 GB"}},
            {},
            "maximumCapacity.cpu: a job run begins with 16 vCPU",
        ),
        (
            {"maximumCapacity": {"cpu": "16 vCPU", "memory": "63 GB"}},
            {},
            "maximumCapacity.memory: a job run begins with 64 GB",
        ),
        (
            {"maximumCapacity": {"cpu": "16 vCPU", "memory": "64 GB", "disk": "79 GB"}},
            {},
            "maximumCapacity.disk: a job run begins with 80 GB of disk",
        ),
        (
            {},
            parameters("--executor-cores 16 --num-executors 4"),
            "maximumCapacity.cpu: a job run begins with 68 vCPU",
        ),
        ({"monitoringConfiguration": None}, {}, "monitoringConfiguration: no logs on S3"),
        (
            {"tags": {"password": "hunter2hunter2"}},
            {},
            "tags.password: looks like a secret, which whoever may describe the cluster reads",
        ),
    ],
)
def test_advice_is_a_warning(request_: dict[str, Any], job_run: dict[str, Any], expected: str) -> None:
    assert told(request_, job_run) == [f"WARNING {expected}"]


@pytest.mark.parametrize(
    ("request_", "job_run"),
    [
        ({"autoStopConfiguration": {"enabled": False}}, {}),
        ({"maximumCapacity": {"cpu": "16 vCPU", "memory": "64 GB"}}, {}),
        ({"maximumCapacity": {"cpu": "4 vCPU", "memory": "16 GB"}}, parameters("--num-executors 0")),
    ],
)
def test_what_is_fine_is_not_talked_about(request_: dict[str, Any], job_run: dict[str, Any]) -> None:
    assert told(request_, job_run) == []


def test_python_is_that_of_the_jobs_or_of_the_environment() -> None:
    without: dict[str, Any] = {"runtimeConfiguration": None}
    assert told(without) == ["WARNING runtimeConfiguration: the Python is not the jobs'"] * PYTHONS
    assert told(without, {}, "s3://b/env.tar.gz") == []
    assert len(told(without, parameters("--conf spark.executorEnv.PYSPARK_PYTHON=/usr/bin/python3.11"))) == 2
