import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from botocore.session import get_session
from botocore.validate import ParamValidator

from orchestrator.errors import UsageError
from orchestrator.job_spec import JobSpec
from orchestrator.step_arguments import argument_faults
from orchestrator.steps import StepRun, arguments, step
from tests.orchestrator.submitting import ARTIFACTS, FOLLOWING, HOURLY, PINNED, READINGS

SUBMIT = [
    *("spark-submit", "--deploy-mode", "cluster", "--name"),
    "device_readings-r1",
    *("--conf", "spark.yarn.submit.waitAppCompletion=true"),
    *("--conf", "spark.yarn.maxAppAttempts=1"),
    *("--conf", "spark.pyspark.python=python3.11"),
    *("--conf", "spark.pyspark.driver.python=python3.11"),
    *("--py-files", "s3://lake/artifacts/a1/emr_job_suite-0.1.0-a1-py.zip"),
    "s3://lake/artifacts/b2/device_readings.py",
]


def test_a_job_on_raw_objects_reads_the_pinned_list_and_nothing_else() -> None:
    assert arguments(READINGS, PINNED, ARTIFACTS) == [
        *SUBMIT,
        "--run-id=r1",
        "--manifest=s3://lake/manifests/r1.json",
        "--output=s3://lake/clean/device_readings",
        "--quarantine=s3://lake/quarantine/device_readings",
        "--inputs-from=s3://lake/_state/r1.inputs",
    ]


def test_a_job_that_follows_another_reads_its_table_and_its_manifest() -> None:
    built = arguments(HOURLY, FOLLOWING, ARTIFACTS)
    assert built[built.index("s3://lake/artifacts/c3/readings_hourly.py") + 1 :] == [
        "--run-id=r2",
        "--manifest=s3://lake/manifests/r2.json",
        "--output=s3://lake/clean/readings_hourly",
        "--input=s3://lake/clean/device_readings",
        "--changes-from",
        "s3://lake/manifests/r1.json",
    ]
    assert "spark.sql.shuffle.partitions=200" in built


def test_without_a_list_each_input_is_named_and_a_delta_table_is_told() -> None:
    job = replace(READINGS, inputs=("s3://lake/a/", "s3://lake/b/"), format="delta")
    built = arguments(job, replace(PINNED, inputs_from=None), ARTIFACTS)
    assert built[-3:] == ["--format=delta", "--input=s3://lake/a/", "--input=s3://lake/b/"]


def test_a_job_may_ask_for_another_python() -> None:
    built = arguments(replace(READINGS, spark_conf={"spark.pyspark.python": "python3.12"}), PINNED, ARTIFACTS)
    assert [each for each in built if each.startswith("spark.pyspark")] == [
        "spark.pyspark.python=python3.12",
        "spark.pyspark.driver.python=python3.11",
    ]


@pytest.mark.parametrize(("job", "run"), [(READINGS, PINNED), (HOURLY, FOLLOWING)])
def test_what_is_built_of_shipped_jobs_has_no_fault_and_is_a_step_of_the_service_model(
    job: JobSpec, run: StepRun
) -> None:
    built = arguments(job, run, ARTIFACTS)
    assert list(argument_faults(built)) == []
    made = step("device_readings [r1]", built, "CONTINUE")
    assert made == {
        "Name": "device_readings [r1]",
        "ActionOnFailure": "CONTINUE",
        "HadoopJarStep": {"Jar": "command-runner.jar", "Args": built},
    }
    model = get_session().get_service_model("emr")
    shape = model.operation_model("AddJobFlowSteps").input_shape
    assert shape is not None
    report = ParamValidator().validate({"JobFlowId": "j-1", "Steps": [made]}, shape)
    assert not report.has_errors(), report.generate_report()


def test_an_entry_file_that_is_not_deployed_is_named_with_those_that_are() -> None:
    with pytest.raises(UsageError) as refused:
        arguments(replace(READINGS, entry_point="jobs/door_events.py"), PINNED, ARTIFACTS)
    assert str(refused.value) == (
        "jobs.device_readings.entry_point: expected a deployed entry file "
        "(jobs/device_readings.py, jobs/readings_hourly.py), got jobs/door_events.py; run orchestrator deploy"
    )


def test_a_job_whose_forerunner_has_no_run_is_refused() -> None:
    with pytest.raises(UsageError) as refused:
        arguments(HOURLY, replace(FOLLOWING, upstream={}), ARTIFACTS)
    assert str(refused.value) == (
        "jobs.readings_hourly: expected a run with what ${jobs.device_readings.output} asks for, "
        "there is none; runs: none"
    )


def test_all_faults_of_a_step_come_at_once() -> None:
    built = arguments(replace(READINGS, arguments=("a\nb",)), PINNED, ARTIFACTS)
    with pytest.raises(UsageError) as refused:
        step("n\x00", [*built, "-x"], "EXPLODE")
    assert str(refused.value).splitlines() == [
        "step 'n\\x00':",
        "ActionOnFailure: expected one of TERMINATE_CLUSTER, CANCEL_AND_WAIT, CONTINUE, got 'EXPLODE'",
        "Name: expected no control character, lone surrogate or line end, got U+0000",
        f"HadoopJarStep.Args[{len(built) - 1}]: expected no control character, lone surrogate or line end, got U+000A",
        (
            "HadoopJarStep.Args: '-x': expected --flag, --flag=value or a value that does not begin with '-'; "
            "write such a value as --flag=value"
        ),
    ]


@pytest.mark.parametrize(("length", "is_taken"), [(0, False), (1, True), (256, True), (257, False)])
def test_a_name_has_1_to_256_characters(length: int, is_taken: bool) -> None:
    built = arguments(READINGS, PINNED, ARTIFACTS)
    if is_taken:
        assert step("n" * length, built, "CONTINUE")["Name"] == "n" * length
    else:
        with pytest.raises(UsageError, match=re.escape(f"Name: expected 1 to 256 characters, got {length}")):
            step("n" * length, built, "CONTINUE")


def test_the_example_for_the_aws_command_line_takes_the_same_flags() -> None:
    """The flags of the README's step are those that the orchestrator gives, but for what only it knows."""
    text = (Path(__file__).resolve().parents[2] / "docs/examples/steps.json").read_text(encoding="utf-8")
    (example,) = json.loads(text)
    flags = {
        each.partition("=")[0] for each in arguments(READINGS, PINNED, ARTIFACTS) if each.startswith("--")
    }
    assert {each for each in example["Args"] if each.startswith("--")} - {"--input"} <= flags
