"""From a job of a pipeline to a StartJobRun request."""

import shlex
from dataclasses import replace
from typing import Any

import pytest

from orchestrator.errors import UsageError
from orchestrator.job_runs import Defaults, job_run
from orchestrator.job_spec import JobSpec
from orchestrator.steps import StepRun
from tests.orchestrator.submitting import ARTIFACTS, FOLLOWING, HOURLY, PINNED, READINGS

ROLE = "arn:aws:iam::123456789012:role/jobs"
DEFAULTS = Defaults({"executionRoleArn": ROLE})
DELTA = "/usr/share/aws/delta/lib/delta-spark.jar,/usr/share/aws/delta/lib/delta-storage.jar"
PYTHONS = (
    "spark.emr-serverless.driverEnv.PYSPARK_PYTHON",
    "spark.emr-serverless.driverEnv.PYSPARK_DRIVER_PYTHON",
    "spark.executorEnv.PYSPARK_PYTHON",
)


def made(
    job: JobSpec = READINGS, run: StepRun = PINNED, defaults: Defaults = DEFAULTS, limit_s: float = 90
) -> dict[str, Any]:
    return job_run(job, run, ARTIFACTS, defaults, "token", limit_s)


def conf(request: dict[str, Any]) -> dict[str, str]:
    """Read the properties as spark-submit would, the last one of a name winning."""
    words = shlex.split(request["jobDriver"]["sparkSubmit"]["sparkSubmitParameters"])
    pairs = [words[at + 1] for at, word in enumerate(words) if word == "--conf"]
    return dict(pair.split("=", 1) for pair in pairs)


def test_a_job_becomes_a_whole_request() -> None:
    python = " ".join(f"--conf {name}=/usr/bin/python3.11" for name in PYTHONS)
    assert made() == {
        "executionRoleArn": ROLE,
        "name": "device_readings",
        "clientToken": "token",
        "tags": {},
        "executionTimeoutMinutes": 2,
        "jobDriver": {
            "sparkSubmit": {
                "entryPoint": "s3://lake/artifacts/b2/device_readings.py",
                "entryPointArguments": [
                    "--run-id=r1",
                    "--manifest=s3://lake/manifests/r1.json",
                    "--output=s3://lake/clean/device_readings",
                    "--quarantine=s3://lake/quarantine/device_readings",
                    "--inputs-from=s3://lake/_state/r1.inputs",
                ],
                "sparkSubmitParameters": f"--conf spark.jars={DELTA} {python} "
                "--py-files s3://lake/artifacts/a1/emr_job_suite-0.1.0-a1-py.zip",
            }
        },
    }


def test_what_a_file_says_of_all_job_runs_is_kept_and_the_job_s_own_wins() -> None:
    own = "--conf spark.sql.shuffle.partitions=1 --conf spark.executorEnv.PYSPARK_PYTHON=/mine"
    driver = {"sparkSubmit": {"sparkSubmitParameters": own}}
    given = {"executionRoleArn": ROLE, "retryPolicy": {"maxAttempts": 2}, "jobDriver": driver}
    request = made(HOURLY, FOLLOWING, Defaults(given))
    assert request["retryPolicy"] == {"maxAttempts": 2}
    assert conf(request)["spark.sql.shuffle.partitions"] == "200"
    assert conf(request)["spark.executorEnv.PYSPARK_PYTHON"] == "/mine"
    assert given["jobDriver"] == {"sparkSubmit": {"sparkSubmitParameters": own}}
    arguments = request["jobDriver"]["sparkSubmit"]["entryPointArguments"]
    assert arguments[-2:] == ["--changes-from", "s3://lake/manifests/r1.json"]


def test_tags_say_whose_it_is_whatever_a_file_says() -> None:
    given = {"executionRoleArn": ROLE, "tags": {"team": "data", "owner": "stranger"}}
    assert made(defaults=Defaults(given, tags={"owner": "us"}))["tags"] == {"team": "data", "owner": "us"}


def test_an_environment_is_unpacked_and_its_python_taken_whatever_configurations_say() -> None:
    defaults = replace(DEFAULTS, environment="s3://b/env.tar.gz", known=frozenset(PYTHONS))
    found = conf(made(defaults=defaults))
    assert found["spark.archives"] == "s3://b/env.tar.gz#environment"
    assert {found[name] for name in PYTHONS} == {"./environment/bin/python"}


def test_what_configurations_set_is_left_to_them() -> None:
    known = frozenset({*PYTHONS, "spark.jars"})
    assert conf(made(defaults=replace(DEFAULTS, known=known))) == {}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"spark_conf": {"spark.jars": "x.jar"}},
            "--conf spark.jars: is refused: code comes from the package",
        ),
        ({"spark_conf": {"spark.a": "b c"}}, "--conf spark.a: expected no blank, quote or backslash"),
        ({"spark_conf": {"spark.a": "'b'"}}, "--conf spark.a: expected no blank, quote or backslash"),
        ({"arguments": ("-x",)}, "'-x': expected --flag, --flag=value or a value"),
        ({"arguments": ("ü",)}, "entryPointArguments: expected ASCII, got U+00FC"),
        ({"arguments": ("--password=correcthorse",)}, "holds what looks like a secret"),
        ({"arguments": ("a\nb",)}, "entryPointArguments[5]: expected no control character"),
        ({"arguments": ("x",) * 1020}, "entryPointArguments: expected at most 1024, got 1025"),
        ({"spark_conf": {"spark.a": "x" * 102_400}}, "sparkSubmitParameters: too long"),
    ],
)
def test_what_would_be_read_as_something_else_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError) as refused:
        made(replace(READINGS, **changes))
    assert str(refused.value).startswith("job run device_readings:\n")
    assert told in str(refused.value)


def test_a_job_that_is_not_deployed_is_told() -> None:
    with pytest.raises(UsageError, match="expected a deployed entry file"):
        made(replace(READINGS, entry_point="jobs/none.py"))


def test_the_time_of_a_file_is_that_of_its_job_runs() -> None:
    assert Defaults({"executionTimeoutMinutes": 720}).time_limit_minutes == 720
    assert DEFAULTS.time_limit_minutes is None
