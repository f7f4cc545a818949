"""What a job run begins with."""

from typing import Any

import pytest

from benchmarks.serverless_chaos.requests import job_run_request
from local_aws.serverless.capacity import Resources, Workers
from local_aws.serverless.demands import Demand, UnsuitableError, demand_of, properties_of


def defaults(**properties: str) -> list[dict[str, Any]]:
    named = {name.replace("_", "."): value for name, value in properties.items()}
    return [{"classification": "spark-defaults", "properties": named}]


def test_by_default_a_driver_and_three_executors_of_four_vcpus() -> None:
    size = Resources(4, 16, 20)
    assert demand_of({}) == Demand(Workers(1, size), Workers(3, size))
    assert demand_of({}).all == Resources(16, 64, 80)


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"spark.executor.instances": "7"}, Workers(7, Resources(4, 16, 20))),
        (
            {"spark.executor.instances": "7", "spark.dynamicAllocation.initialExecutors": "2"},
            Workers(2, Resources(4, 16, 20)),
        ),
        (
            {"spark.executor.cores": "1", "spark.executor.memory": "1600m"},
            Workers(3, Resources(1, 2, 20)),
        ),
        (
            {"spark.executor.cores": "1", "spark.executor.memory": "1700m"},
            Workers(3, Resources(1, 3, 20)),
        ),
        (
            {"spark.executor.memory": "27g", "spark.executor.memoryOverhead": "3g"},
            Workers(3, Resources(4, 30, 20)),
        ),
        ({"spark.emr-serverless.executor.disk": "50G"}, Workers(3, Resources(4, 16, 50))),
    ],
)
def test_properties_change_it(properties: dict[str, str], expected: Workers) -> None:
    assert demand_of(properties).executors == expected


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"spark.driver.cores": "3"}, "got 3 vCPU and 16 GB with overhead"),
        ({"spark.driver.memory": "29g"}, "got 4 vCPU and 32 GB"),
        ({"spark.driver.memory": "much"}, "expected numbers, got 4 and much"),
        ({"spark.executor.cores": "all"}, "expected numbers, got all and 14g"),
        ({"spark.executor.instances": "few"}, "expected a whole number, got few"),
    ],
)
def test_what_no_worker_has_is_named(properties: dict[str, str], message: str) -> None:
    with pytest.raises(UnsuitableError, match=message):
        demand_of(properties)


def test_parameters_come_before_overrides_and_these_before_the_application() -> None:
    application = {"runtimeConfiguration": defaults(a="app", b="app", c="app")}
    request = job_run_request(
        "00a",
        parameters="--conf a=submit --conf 'd=x y' -c e=1 --driver-memory 3g --num-executors=2 --verbose",
        configurationOverrides={"applicationConfiguration": [*defaults(a="run", b="run"), OTHER]},
    )
    assert properties_of(request, application) == {
        "a": "submit",
        "b": "run",
        "c": "app",
        "d": "x y",
        "e": "1",
        "spark.driver.memory": "3g",
        "spark.executor.instances": "2",
    }


OTHER = {"classification": "spark-env", "properties": {"a": "no"}}


def test_no_parameters_set_nothing() -> None:
    assert properties_of(job_run_request("00a", parameters=None), {}) == {}


def test_quotes_that_do_not_match_are_told() -> None:
    with pytest.raises(UnsuitableError, match="sparkSubmitParameters: No closing quotation, got --conf 'a"):
        properties_of(job_run_request("00a", parameters="--conf 'a"), {})
