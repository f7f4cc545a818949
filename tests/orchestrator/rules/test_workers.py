"""Workers of EMR Serverless, and what a job run begins with."""

import pytest

from local_aws.serverless.demands import UnsuitableError, demand_of
from orchestrator.rules.workers import Size, begins_with, is_cpu, memory_fault, size_of, total

SMALL = {"spark.driver.cores": "1", "spark.driver.memory": "2g", "spark.executor.cores": "1"}


def test_sizes_are_read_as_aws_writes_them() -> None:
    assert size_of({"cpu": "4 vCPU", "memory": "16GB"}) == Size(4, 16, 0)


def test_of_a_workers_disk_what_is_beyond_twenty_gigabytes_is_paid_for() -> None:
    assert total([Size(4, 16, 50).paid.times(2), Size(1, 2, 0).paid]) == Size(9, 34, 60)


@pytest.mark.parametrize(
    ("cpu", "memory", "expected"),
    [
        (1, 2, None),
        (1, 9, "2 to 8 GB in steps of 1"),
        (8, 18, "16 to 60 GB in steps of 4"),
        (32, 120, None),
        (32, 100, "one of 60, 120, 244 GB"),
    ],
)
def test_memory_goes_with_vcpus(cpu: int, memory: int, expected: str | None) -> None:
    assert is_cpu(cpu)
    assert memory_fault(cpu, memory) == expected
    assert not is_cpu(3)


@pytest.mark.parametrize(
    ("spark", "expected"),
    [
        ({}, (Size(4, 16, 20), Size(4, 16, 20), 3)),
        ({**SMALL, "spark.executor.memory": "2g"}, (Size(1, 3, 20), Size(1, 3, 20), 3)),
        (
            {"spark.executor.memory": "18000m", "spark.executor.memoryOverhead": "1g"},
            (Size(4, 16, 20), Size(4, 19, 20), 3),
        ),
        (
            {"spark.executor.cores": "16", "spark.emr-serverless.executor.disk": "100G"},
            (Size(4, 16, 20), Size(16, 32, 100), 3),
        ),
        ({"spark.dynamicAllocation.initialExecutors": "7"}, (Size(4, 16, 20), Size(4, 16, 20), 7)),
        (
            {"spark.driver.cores": "32", "spark.driver.memory": "100g", "spark.executor.instances": "0"},
            (Size(32, 120, 20), Size(4, 16, 20), 0),
        ),
        ({"spark.executor.cores": "3"}, None),
        ({"spark.executor.memory": "40g"}, None),
        ({"spark.executor.memory": "much"}, None),
        ({"spark.driver.cores": "few"}, None),
        ({"spark.executor.instances": "few"}, None),
    ],
)
def test_a_job_run_begins_with_the_smallest_workers_that_have_what_is_asked_for(
    spark: dict[str, str], expected: tuple[Size, Size, int] | None
) -> None:
    assert begins_with(spark) == expected
    # The embedded EMR Serverless, which reckons by itself, gives the same.
    if expected is None:
        with pytest.raises(UnsuitableError):
            demand_of(spark)
        return
    demand = demand_of(spark)
    told = [Size(**vars(workers.size)) for workers in (demand.driver, demand.executors)]
    assert (*told, demand.executors.count) == expected
