"""What the catalog knows."""

import pytest

from orchestrator.catalog import (
    InstanceType,
    ServerlessPrices,
    applications,
    instance_types,
    instance_types_date,
    serverless_prices,
    serverless_prices_date,
)


def test_instance_types_are_known_as_of_a_day() -> None:
    assert instance_types()["m6g.xlarge"] == InstanceType("m6g.xlarge", frozenset({"arm64"}), 4, 16 * 1024)
    assert instance_types()["c1.medium"].architectures == {"i386", "x86_64"}
    assert instance_types_date() == "2025-05-28"


def test_applications_are_known_by_release() -> None:
    assert {"Spark", "Delta"} <= applications("emr-7.14.0")
    assert "Flink" not in applications("emr-spark-8.0.0")
    assert applications("emr-1.0.0") == frozenset()


def test_prices_of_serverless_are_known_by_region_and_architecture_as_of_a_day() -> None:
    found = serverless_prices("us-east-1", "X86_64")
    assert found == ServerlessPrices(0.052624, 0.0057785, 0.000111)
    assert found.of(10, 100, 1000) == pytest.approx(0.52624 + 0.57785 + 0.111)
    assert serverless_prices("xx-nowhere-1", "X86_64") is None
    assert serverless_prices_date() == "2023-02-03"


def test_arm_costs_what_the_price_list_has_where_that_was_seen() -> None:
    # APS1-EMR-SERVERLESS-ARM-vCPUHours and -ARM-MemoryGBHours, as AWS's price list had them on 2026-08-12.
    found = serverless_prices("ap-southeast-1", "ARM64")
    assert found is not None
    assert [found.vcpu, found.memory_gb] == pytest.approx([0.0525850, 0.0057460], rel=0.001)
    assert found.storage_gb == 0.000133
