"""Jars that are in EMR's image."""

import pytest

from local_aws.running.image_jars import without
from local_aws.running.spark_command import Option, SparkCommand

DELTA = "/usr/share/aws/delta/lib/delta-spark.jar"
ICEBERG = "/usr/share/aws/iceberg/lib/iceberg-spark3-runtime.jar"


@pytest.mark.parametrize(
    ("options", "kept", "has_delta", "missing"),
    [
        ([Option("--conf", f"spark.jars={DELTA}")], [], True, []),
        ([Option("--jars", f"s3://b/own.jar, {DELTA}")], [Option("--jars", "s3://b/own.jar")], True, []),
        (
            [Option("-c", f"spark.jars=local://{ICEBERG},a.jar")],
            [Option("-c", "spark.jars=a.jar")],
            False,
            None,
        ),
        ([Option("--jars", ICEBERG)], [], False, [ICEBERG]),
        (
            [Option("--conf", "spark.x=/usr/share/aws/x"), Option("--verbose", None)],
            [Option("--conf", "spark.x=/usr/share/aws/x"), Option("--verbose", None)],
            False,
            [],
        ),
    ],
)
def test_they_are_left_out_and_deltas_are_told(
    options: list[Option], kept: list[Option], has_delta: bool, missing: list[str] | None
) -> None:
    command, found, left_out = without(SparkCommand(tuple(options), ("j.py",)))
    assert (list(command.options), found, command.program) == (kept, has_delta, ("j.py",))
    assert left_out == ([f"local://{ICEBERG}"] if missing is None else missing)
