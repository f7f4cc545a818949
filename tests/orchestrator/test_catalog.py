"""What the catalog knows."""

from orchestrator.catalog import InstanceType, applications, instance_types, instance_types_date


def test_instance_types_are_known_as_of_a_day() -> None:
    assert instance_types()["m6g.xlarge"] == InstanceType("m6g.xlarge", frozenset({"arm64"}), 4, 16 * 1024)
    assert instance_types()["c1.medium"].architectures == {"i386", "x86_64"}
    assert instance_types_date() == "2025-05-28"


def test_applications_are_known_by_release() -> None:
    assert {"Spark", "Delta"} <= applications("emr-7.14.0")
    assert "Flink" not in applications("emr-spark-8.0.0")
    assert applications("emr-1.0.0") == frozenset()
