"""Rules of an application of EMR Serverless: each on both sides of its limits."""

from typing import Any

import pytest

from orchestrator.identity import Token, named_application
from tests.orchestrator.rules.applications import parameters, told

OLD = {"releaseLabel": "emr-6.9.0"}


def worker(cpu: str, memory: str, kind: str = "DRIVER", **further: str) -> dict[str, Any]:
    size = {"cpu": cpu, "memory": memory, **further}
    return {"initialCapacity": {kind: {"workerCount": 1, "workerConfiguration": size}}}


def test_nothing_is_to_be_said_against_what_is_right() -> None:
    assert told() == []


@pytest.mark.parametrize(
    ("request_", "job_run", "environment"),
    [
        ({"name": "a" * 35}, {}, None),
        ({"type": "spark"}, {}, None),
        ({"releaseLabel": "emr-spark-8.0.0"}, {}, None),
        (worker("4 vCPU", "30 GB"), {}, None),
        (worker("16 vCPU", "40 GB", "EXECUTOR"), {}, None),
        (worker("32 vCPU", "244 GB", "Executor"), {}, None),
        (worker("1 vCPU", "2 GB", disk="2000 GB", diskType="shuffle_optimized"), {}, None),
        ({"schedulerConfiguration": {"maxConcurrentRuns": 1000, "queueTimeoutMinutes": 15}}, {}, None),
        ({}, {"mode": "BATCH", "executionTimeoutMinutes": 10_080, "retryPolicy": {"maxAttempts": 10}}, None),
        ({"releaseLabel": "emr-7.10.0"}, {"executionTimeoutMinutes": 0}, None),
        ({}, parameters("--conf spark.a='b c' --num-executors 2"), None),
        ({}, {}, "s3://b/env.tar.gz"),
    ],
)
def test_what_is_within_its_limits_is_accepted(
    request_: dict[str, Any], job_run: dict[str, Any], environment: str | None
) -> None:
    assert told(request_, job_run, environment) == []


@pytest.mark.parametrize(
    ("request_", "job_run", "environment", "expected"),
    [
        ({"name": "a" * 36}, {}, None, "name: no name that the token fits to"),
        ({"name": "a b"}, {}, None, "name: no name that the token fits to"),
        ({"name": None}, {}, None, "name: no name that the token fits to"),
        ({"type": "HIVE"}, {}, None, "type: jobs run in Spark"),
        ({"releaseLabel": "emr-6.5.0"}, {}, None, "releaseLabel: no release of EMR Serverless"),
        ({"releaseLabel": "latest"}, {}, None, "releaseLabel: no release of EMR Serverless"),
        (worker("4 vCPU", "16 GB", "TEZ_TASK"), {}, None, "initialCapacity.TEZ_TASK: no kind of worker"),
        (worker("3 vCPU", "16 GB"), {}, None, "initialCapacity.DRIVER.workerConfiguration.cpu: no size"),
        (worker("4 vCPU", "31 GB"), {}, None, "initialCapacity.DRIVER.workerConfiguration.memory: no size"),
        (worker("16 vCPU", "33 GB"), {}, None, "initialCapacity.DRIVER.workerConfiguration.memory: no size"),
        (worker("32 vCPU", "64 GB"), {}, None, "initialCapacity.DRIVER.workerConfiguration.memory: no size"),
        (
            worker("1 vCPU", "2 GB", disk="201 GB"),
            {},
            None,
            "initialCapacity.DRIVER.workerConfiguration.disk: no",
        ),
        (
            {**worker("16 vCPU", "64 GB"), "maximumCapacity": {"cpu": "16 vCPU", "memory": "63 GB"}},
            {},
            None,
            "maximumCapacity.memory: less than initialCapacity",
        ),
        (
            {
                **worker("16 vCPU", "32 GB", disk="200 GB"),
                "maximumCapacity": {"cpu": "64 vCPU", "memory": "256 GB", "disk": "199 GB"},
            },
            {},
            None,
            "maximumCapacity.disk: less than initialCapacity",
        ),
        (
            {"autoStartConfiguration": {"enabled": False}},
            {},
            None,
            "autoStartConfiguration.enabled: an application",
        ),
        (
            {"schedulerConfiguration": {"maxConcurrentRuns": 0}},
            {},
            None,
            "schedulerConfiguration.maxConcurrentRuns",
        ),
        ({**OLD, "schedulerConfiguration": {}}, {}, None, "schedulerConfiguration: with an older release"),
        ({"clientToken": "t"}, {}, None, "clientToken: the orchestrator fills it in"),
        ({}, {"name": "n"}, None, "job_run.name: the orchestrator fills it in"),
        (
            {},
            {"jobDriver": {"sparkSubmit": {"entryPoint": "s3://b/x.py"}}},
            None,
            "job_run.jobDriver.sparkSubmit.entryPoint: the orchestrator fills it in",
        ),
        ({}, {"jobDriver": {"hive": {}}}, None, "job_run.jobDriver.hive: jobs are Spark's"),
        ({}, {"mode": "STREAMING"}, None, "job_run.mode: a run of a pipeline has an end"),
        ({}, {"executionTimeoutMinutes": 0}, None, "job_run.executionTimeoutMinutes: out of range"),
        ({}, {"executionTimeoutMinutes": 10_081}, None, "job_run.executionTimeoutMinutes: out of range"),
        ({}, {"retryPolicy": {"maxAttempts": 11}}, None, "job_run.retryPolicy.maxAttempts: out of range"),
        (
            OLD,
            {"retryPolicy": {"maxAttempts": 2}},
            None,
            "job_run.retryPolicy.maxAttempts: with an older release",
        ),
        (
            {},
            {"retryPolicy": {"maxFailedAttemptsPerHour": 1}},
            None,
            "job_run.retryPolicy.maxFailedAttemptsPerHour: of streaming jobs",
        ),
        (
            {},
            parameters("--conf 'a=b"),
            None,
            "job_run.jobDriver.sparkSubmit.sparkSubmitParameters: cannot be taken",
        ),
        (
            {},
            parameters("--py-files x"),
            None,
            "job_run.jobDriver.sparkSubmit.sparkSubmitParameters: the orch",
        ),
        (
            {},
            parameters("main.py"),
            None,
            "job_run.jobDriver.sparkSubmit.sparkSubmitParameters: begins with no flag",
        ),
        ({}, {}, "env.tar.gz", "environment: no archive on S3"),
        ({}, {}, "s3://b/env.tar.gz#e", "environment: no archive on S3"),
        ({}, parameters("--conf spark.archives=x"), "s3://b/e.zip", "environment: beside spark.archives"),
        (
            {"monitoringConfiguration": {"s3MonitoringConfiguration": {"logUri": "hdfs:///logs"}}},
            {},
            None,
            "monitoringConfiguration.s3MonitoringConfiguration.logUri: no place on S3",
        ),
    ],
)
def test_what_is_beyond_them_is_an_error(
    request_: dict[str, Any], job_run: dict[str, Any], environment: str | None, expected: str
) -> None:
    found = [line for line in told(request_, job_run, environment) if line.startswith("ERROR")]
    assert [line.startswith(f"ERROR {expected}") for line in found] == [True], found


def test_the_longest_name_has_room_for_the_longest_token() -> None:
    assert len(named_application("a" * 35, Token("0" * 20, 999))) == 64
