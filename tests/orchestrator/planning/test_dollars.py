"""What a plan on EMR Serverless may cost."""

from typing import Any

import msgspec
import pytest

from benchmarks.orchestrator_chaos.simulation import (
    own_cluster,
    plan_of,
    planned_application,
    planned_job,
    planned_job_run,
)
from benchmarks.serverless_chaos.requests import worker
from orchestrator.catalog import serverless_prices, serverless_prices_date
from orchestrator.planning.dollars import Estimate, estimate
from orchestrator.plans import Plan

# A driver and an executor, each of a vCPU and 3 GB.
SMALL = 2 * 0.052624 + 2 * 3 * 0.0057785
BOUND = {"maximumCapacity": {"cpu": "8 vCPU", "memory": "32 GB"}}


def plan(*jobs: str, **request: Any) -> Plan:
    application = planned_application("app")
    asked = {**(application.request or {}), **request}
    made = msgspec.structs.replace(application, request=asked)
    return plan_of("run", [planned_job_run(name, "run", f"s3://lake/{name}") for name in jobs], made)


def estimated(made: Plan, region: str = "us-east-1", *further: Any) -> Estimate:
    found = estimate(made, region, *further)
    assert found is not None
    return found


def test_a_job_costs_at_least_what_it_begins_with_and_at_most_what_its_application_may_have() -> None:
    found = estimated(plan("a", "b", **BOUND), "us-east-1", 30)
    assert found.jobs == {"a": pytest.approx(SMALL), "b": pytest.approx(SMALL)}
    assert found.most == pytest.approx(8 * 0.052624 + 32 * 0.0057785)
    assert found.least_dollars == pytest.approx(SMALL)
    assert found.most_dollars == pytest.approx(found.most)
    assert (found.region, found.as_of, found.waiting) == ("us-east-1", serverless_prices_date(), 0)


def test_a_minute_is_paid_for_at_least() -> None:
    assert estimated(plan("a"), "us-east-1", 0.1).least_dollars == pytest.approx(SMALL / 60)


def test_the_prices_are_those_of_the_region_and_the_architecture() -> None:
    arm = estimated(plan("a", architecture="ARM64"))
    assert arm.jobs["a"] == pytest.approx(SMALL * 0.8)
    assert (estimated(plan("a"), "sa-east-1").jobs["a"] or 0) > SMALL * 1.5


def test_pre_initialised_workers_cost_while_they_wait_with_their_disks_beyond_twenty_gigabytes() -> None:
    held = worker(4, 16, 2)
    held["workerConfiguration"]["disk"] = "120 GB"
    prices = serverless_prices("us-east-1", "X86_64")
    assert prices is not None
    found = estimated(plan(initialCapacity={"DRIVER": worker(4, 16), "EXECUTOR": held}))
    assert found.waiting == pytest.approx(prices.of(12, 48, 200))
    assert (found.jobs, found.least_dollars, found.most_dollars) == ({}, None, None)


def test_what_is_done_costs_nothing_more() -> None:
    assert list(estimated(plan("a", "b"), "us-east-1", None, ["a"]).jobs) == ["b"]


def test_what_is_not_known_or_not_bounded_is_not_guessed() -> None:
    made = plan("a")
    submit = made.jobs[0].step["jobDriver"]["sparkSubmit"]
    submit["sparkSubmitParameters"] = "--conf spark.executor.cores=3"
    found = estimated(made, "us-east-1", 30)
    assert (found.jobs, found.most) == ({"a": None}, None)
    assert (found.least_dollars, found.most_dollars) == (None, None)
    assert estimate(made, "xx-nowhere-1") is None


def test_a_cluster_of_emr_is_not_estimated_here() -> None:
    jobs = [planned_job("a", "run", "s3://lake/a")]
    assert estimate(plan_of("run", jobs, own_cluster("run", jobs)), "us-east-1") is None
