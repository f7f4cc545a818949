"""Steps' spark-submit, taken apart."""

from pathlib import Path

import pytest

from local_aws.running.spark_command import CannotRunError, Option, SparkCommand, parse

_RUNNER = "command-runner.jar"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["s3://b/job.py"], SparkCommand((), ("s3://b/job.py",))),
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
                (Option("--conf", "a=b"), Option("--py-files", "s3://b/x.zip")),
                ("s3://b/j.py",),
                "yarn",
                "cluster",
            ),
        ),
        (
            ["--verbose", "--conf=a=b", "j.py", "--master", "mine", "--", ""],
            SparkCommand(
                (Option("--verbose", None), Option("--conf", "a=b")), ("j.py", "--master", "mine", "--", "")
            ),
        ),
        (
            ["--deploy-mode", "client", "--conf", "spark.submit.deployMode=cluster", "j.py"],
            SparkCommand((Option("--conf", "spark.submit.deployMode=cluster"),), ("j.py",), None, "client"),
        ),
    ],
)
def test_options_end_at_the_program_and_places_are_left_out(
    arguments: list[str], expected: SparkCommand
) -> None:
    assert parse(_RUNNER, ["spark-submit", *arguments]) == expected
    assert (
        parse("/var/lib/aws/emr/step-runner/hadoop-jars/command-runner.jar", ["spark-submit", *arguments])
        == expected
    )


@pytest.mark.parametrize(
    ("arguments", "defaults", "is_cluster"),
    [
        ([], {}, False),
        (["--deploy-mode", "cluster"], {}, True),
        (["--conf", "spark.submit.deployMode=cluster"], {}, True),
        (["-c", "spark.submit.deployMode=cluster"], {}, True),
        ([], {"spark.submit.deployMode": "cluster"}, True),
        (["--deploy-mode", "client"], {"spark.submit.deployMode": "cluster"}, False),
    ],
)
def test_the_driver_runs_where_option_property_or_default_say(
    arguments: list[str], defaults: dict[str, str], is_cluster: bool
) -> None:
    command = parse(_RUNNER, ["spark-submit", *arguments, "j.py"])
    assert command.is_cluster_mode(defaults) is is_cluster


def test_a_file_of_properties_comes_before_what_the_command_sets(tmp_path: Path) -> None:
    file = tmp_path / "x.properties"
    file.write_text("# comment\nspark.a 1\nspark.b = 2\nspark.c:3 4\n\n!note\n")
    command = parse(_RUNNER, ["spark-submit", "--properties-file", str(file), "--conf", "spark.b=5", "j.py"])
    assert command.properties == {"spark.a": "1", "spark.b": "5", "spark.c": "3 4"}
    elsewhere = parse(_RUNNER, ["spark-submit", "--properties-file", "s3://b/x", "j.py"])
    assert elsewhere.properties == {}


def test_of_options_given_twice_the_last_holds() -> None:
    command = parse(
        _RUNNER,
        [
            "spark-submit",
            "--driver-memory",
            "1g",
            "--conf",
            "a=1",
            "--driver-memory=2g",
            "--conf",
            "a=b=2",
            "j.py",
        ],
    )
    assert command.option("--driver-memory") == "2g"
    assert command.option("--executor-memory") is None
    assert command.properties == {"a": "b=2"}
    assert command.arguments == [
        *("--driver-memory", "1g", "--conf", "a=1", "--driver-memory", "2g", "--conf", "a=b=2"),
        *("--master", "local[*]", "--deploy-mode", "client"),
    ]


@pytest.mark.parametrize(
    ("jar", "arguments", "message"),
    [
        ("s3://b/my.jar", ["x"], r"expected command-runner.jar, .* got s3://b/my.jar"),
        (_RUNNER, ["hive-script"], "expected spark-submit, .* got hive-script"),
        (_RUNNER, ["s3-dist-cp", "--src", "x"], "expected spark-submit, .* got s3-dist-cp"),
        (_RUNNER, [], "expected spark-submit, .* got no arguments"),
        (_RUNNER, ["spark-submit", "--conf", "a=b"], "expected a program .* got none"),
        (_RUNNER, ["spark-submit", "--conf"], "expected a program .* got none"),
    ],
)
def test_what_cannot_run_here_says_so(jar: str, arguments: list[str], message: str) -> None:
    with pytest.raises(CannotRunError, match=message):
        parse(jar, arguments)
