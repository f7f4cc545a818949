"""Steps as this machine runs them."""

from typing import Any

import pytest

from local_aws.running.spark_command import (
    CannotRunError,
    SparkCommand,
    environment_variables,
    parse,
    spark_properties,
    uses_delta,
)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["s3://b/job.py"], SparkCommand((), ("s3://b/job.py",), ())),
        (
            [
                "--deploy-mode",
                "cluster",
                "--master=yarn",
                "--conf",
                "a=b",
                "--py-files",
                "s3://b/x.zip",
                "s3://b/j.py",
            ],
            SparkCommand(
                ("--conf", "a=b", "--py-files", "s3://b/x.zip"),
                ("s3://b/j.py",),
                ("--deploy-mode", "cluster", "--master=yarn"),
            ),
        ),
        (
            ["--verbose", "--conf=a=b", "j.py", "--master", "mine", "--", ""],
            SparkCommand(("--verbose", "--conf=a=b"), ("j.py", "--master", "mine", "--", ""), ()),
        ),
    ],
)
def test_options_end_at_the_program_and_places_are_left_out(
    arguments: list[str], expected: SparkCommand
) -> None:
    assert parse("command-runner.jar", ["spark-submit", *arguments]) == expected
    assert (
        parse("/var/lib/aws/emr/step-runner/hadoop-jars/command-runner.jar", ["spark-submit", *arguments])
        == expected
    )


@pytest.mark.parametrize(
    ("jar", "arguments", "message"),
    [
        ("s3://b/my.jar", ["x"], "runs command-runner.jar alone, got the jar s3://b/my.jar"),
        ("command-runner.jar", ["hive-script"], "runs spark-submit alone, got hive-script"),
        ("command-runner.jar", ["s3-dist-cp", "--src", "x"], "runs spark-submit alone, got s3-dist-cp"),
        ("command-runner.jar", [], "runs spark-submit alone, got no arguments"),
        (
            "command-runner.jar",
            ["spark-submit", "--conf", "a=b"],
            "expected a program after its options, got none",
        ),
    ],
)
def test_what_cannot_run_here_says_so(jar: str, arguments: list[str], message: str) -> None:
    with pytest.raises(CannotRunError, match=message):
        parse(jar, arguments)


CONFIGURATIONS: list[dict[str, Any]] = [
    {"Classification": "spark-defaults", "Properties": {"spark.a": "1"}},
    {"Classification": "core-site", "Properties": {"fs.x": "2"}},
    {"Classification": "delta-defaults", "Properties": {"delta.enabled": "true"}},
    {
        "Classification": "spark-env",
        "Configurations": [{"Classification": "export", "Properties": {"PYSPARK_PYTHON": "python3.11"}}],
    },
    {"Classification": "spark", "Properties": {"maximizeResourceAllocation": "true"}},
]


def test_a_clusters_configurations_become_properties_and_variables() -> None:
    assert spark_properties(CONFIGURATIONS) == {"spark.a": "1", "spark.hadoop.fs.x": "2"}
    assert environment_variables(CONFIGURATIONS) == {"PYSPARK_PYTHON": "python3.11"}
    assert uses_delta(CONFIGURATIONS)
    assert not uses_delta(CONFIGURATIONS[:2])
    assert not uses_delta([{"Classification": "delta-defaults", "Properties": {"delta.enabled": "false"}}])
