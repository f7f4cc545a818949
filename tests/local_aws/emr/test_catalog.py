"""Releases and their applications."""

import json
from pathlib import Path

import pytest

from local_aws.emr.catalog import applications, available, has_application, installed, labels

CATALOG = Path(__file__).resolve().parents[3] / "cluster_configs" / "catalog"


def test_each_release_has_a_table_that_agrees_with_what_jobs_are_built_for() -> None:
    built = json.loads((CATALOG / "releases.json").read_text(encoding="utf-8"))["releases"]
    assert labels() == ["emr-spark-8.0.0", "emr-7.14.0"]
    for label in labels():
        assert applications(label)["Spark"] == built[label]["spark"]
        assert applications(label)["Delta"] == built[label]["delta"]
        assert all(version is None or "-" not in version for version in applications(label).values())


@pytest.mark.parametrize(
    ("label", "names", "expected"),
    [
        (
            "emr-7.14.0",
            ["spark", "HADOOP"],
            [{"Name": "Hadoop", "Version": "3.4.2"}, {"Name": "Spark", "Version": "3.5.8"}],
        ),
        ("emr-7.14.0", [], [{"Name": "Hadoop", "Version": "3.4.2"}]),
        ("emr-7.14.0", ["Hue", "Hue"], [{"Name": "Hue"}]),
        ("emr-7.14.0", ["Ganglia"], [{"Name": "Ganglia"}]),
        ("emr-6.15.0", ["spark"], [{"Name": "spark"}]),
        (None, [], [{"Name": "Hadoop"}]),
    ],
)
def test_applications_are_told_by_their_own_names_and_with_a_version_where_it_is_known(
    label: str | None, names: list[str], expected: list[dict[str, str]]
) -> None:
    assert installed(label, names) == expected


def test_a_release_is_found_by_an_application_and_its_version() -> None:
    assert has_application("emr-7.14.0", "trino@479")
    assert has_application("emr-7.14.0", "Hue")
    assert not has_application("emr-7.14.0", "hue@4.11.0")
    assert not has_application("emr-spark-8.0.0", "trino")
    assert {"Name": "Livy", "Version": "0.8.0"} in available("emr-spark-8.0.0")
