"""Why a step failed."""

from pathlib import Path

import pytest

from local_aws.running.failures import of_exit, of_refusal, told_last

JAVA = """24/03/01 10:00:00 INFO SparkContext: Running
Exception in thread "main" org.apache.spark.SparkException: Failed to get main class in JAR
\tat org.apache.spark.deploy.SparkSubmit.error(SparkSubmit.scala:1)
Caused by: java.io.FileNotFoundException: x
"""
PYTHON = """Traceback (most recent call last):
  File "job.py", line 1, in <module>
    raise ValueError("wanted: this")
ValueError: wanted: this
"""
USER = 'Exception in thread "main" org.apache.spark.SparkUserAppException: User application exited with 1\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (JAVA, "org.apache.spark.SparkException: Failed to get main class in JAR"),
        (PYTHON, "ValueError: wanted: this"),
        (PYTHON + USER, "ValueError: wanted: this"),
        (USER, None),
        (
            "jobs.common.errors.JobFailed: no rows\n24/03/01 INFO ShutdownHook\n",
            "jobs.common.errors.JobFailed: no rows",
        ),
        ("INFO all is well\nan Error: in a sentence\n", None),
        ("", None),
    ],
)
def test_the_exception_that_ended_a_program_is_found(text: str, expected: str | None) -> None:
    assert told_last(text) == expected


def write(folder: Path, stdout: str = "", stderr: str = "") -> Path:
    (folder / "stdout").write_text(stdout)
    (folder / "stderr").write_text(stderr)
    return folder


def test_details_have_emrs_reason_the_exception_and_the_log(tmp_path: Path) -> None:
    details = of_exit(write(tmp_path, stderr=JAVA), "s3://b/stderr.gz")
    assert details == {
        "Reason": "Unknown Error.",
        "Message": "org.apache.spark.SparkException: Failed to get main class in JAR",
        "LogFile": "s3://b/stderr.gz",
    }


def test_what_python_said_stands_in_stdout(tmp_path: Path) -> None:
    assert of_exit(write(tmp_path, PYTHON, "INFO x\n"), None)["Message"] == "ValueError: wanted: this"


def test_nothing_that_is_not_known_is_told(tmp_path: Path) -> None:
    assert of_exit(write(tmp_path), None) == {"Reason": "Unknown Error."}


def test_an_output_that_is_there_has_emrs_words(tmp_path: Path) -> None:
    told = (
        'Exception in thread "main" org.apache.hadoop.mapred.FileAlreadyExistsException: Output directory x'
    )
    assert of_exit(write(tmp_path, stderr=told), None)["Reason"] == "Output directory already exists."


def test_a_step_that_cannot_run_says_what_can() -> None:
    assert of_refusal("expected a, got b", None) == {
        "Reason": "The local engine cannot run this step.",
        "Message": "expected a, got b",
    }
