"""Jars that are in EMR's image."""

import pytest

from local_aws.running.image_jars import without
from local_aws.running.spark_command import Option, SparkCommand

DELTA = "/usr/share/aws/delta/lib/delta-spark.jar"
ICEBERG = "/usr/share/aws/iceberg/lib/iceberg-spark3-runtime.jar"
OWN = Option("--jars", "s3://b/own.jar")


def by_command(*values: str) -> list[Option]:
    return [Option("--conf", f"spark.jars={value}") for value in values]


@pytest.mark.parametrize(
    ("options", "configured", "kept", "has_delta", "missing"),
    [
        (by_command(DELTA), None, [], True, []),
        (by_command(f"local://{DELTA}"), None, [], True, []),
        ([Option("--jars", f"s3://b/own.jar, {DELTA}")], None, [OWN], True, []),
        ([Option("-c", f"spark.jars=local://{ICEBERG},s3://b/own.jar")], None, [OWN], False, [ICEBERG]),
        ([Option("--jars", ICEBERG)], None, [], False, [ICEBERG]),
        ([], DELTA, [], True, []),
        ([], f"{DELTA},s3://b/own.jar", [OWN], True, []),
        # What comes before it takes the place of what a configuration names, and --jars that of the property.
        (by_command("s3://b/own.jar"), DELTA, [OWN], False, []),
        (by_command(DELTA), "s3://b/other.jar", [], True, []),
        ([*by_command(DELTA), OWN], None, [OWN], False, []),
    ],
)
def test_they_are_left_out_and_deltas_are_told(
    options: list[Option], configured: str | None, kept: list[Option], has_delta: bool, missing: list[str]
) -> None:
    properties = {"spark.x": "y", **({"spark.jars": configured} if configured else {})}
    defaults = {"Classification": "spark-defaults", "Properties": properties}
    found = without(SparkCommand(tuple(options), ("j.py",)), [{"Classification": "core-site"}, defaults])
    assert (list(found.command.options), found.has_delta, found.command.program) == (
        kept,
        has_delta,
        ("j.py",),
    )
    assert [path.removeprefix("local://") for path in found.missing] == missing
    assert found.configurations == [
        {"Classification": "core-site"},
        {"Classification": "spark-defaults", "Properties": {"spark.x": "y"}},
    ]


def test_what_names_no_jars_stays_as_it_is() -> None:
    options = (Option("--conf", "spark.x=/usr/share/aws/x"), Option("--verbose", None))
    found = without(SparkCommand(options, ("j.py",)), [])
    assert (found.command.options, found.has_delta, found.missing) == (options, False, [])
