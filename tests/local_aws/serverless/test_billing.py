"""What is used, and what is paid for."""

from typing import Any

import pytest

from benchmarks.serverless_chaos.requests import SMALL
from local_aws.serverless.billing import billed, used
from local_aws.serverless.simulated_runner import AttemptPlan
from tests.local_aws.serverless.laptop import HOUR, Laptop


def ended(minutes: float, *plans: AttemptPlan, **further: Any) -> tuple[dict[str, float], dict[str, float]]:
    laptop = Laptop(*plans, AttemptPlan("", minutes=(minutes, minutes)))
    run = laptop.job_run(laptop.run(laptop.started(), seconds=5 * HOUR, **further))
    return used(run), billed(run)


def test_an_hour_of_the_default_workers() -> None:
    told = ended(60, parameters=None)
    assert told[0] == {"vCPUHour": 16, "memoryGBHour": 64, "storageGBHour": 80}
    assert told[1] == {"vCPUHour": 16, "memoryGBHour": 64, "storageGBHour": 0}


def test_disk_beyond_twenty_gigabytes_a_worker_is_paid_for() -> None:
    told = ended(60, parameters=f"{SMALL} --conf spark.emr-serverless.executor.disk=50G")
    assert (told[0]["storageGBHour"], told[1]["storageGBHour"]) == (70, 30)


def test_a_minute_is_paid_at_least() -> None:
    told = ended(0.5)
    assert told[0]["vCPUHour"] == pytest.approx(2 * 30 / 3600, abs=0.001)
    assert told[1]["vCPUHour"] == pytest.approx(2 * 60 / 3600, abs=0.001)


def test_seconds_are_rounded_up() -> None:
    assert ended(29.991 / 60)[0] == ended(0.5)[0]


def test_every_attempt_is_paid_for() -> None:
    failing = AttemptPlan("", minutes=(60, 60), exit_code=1)
    told = ended(60, failing, retryPolicy={"maxAttempts": 2})
    assert told[0]["vCPUHour"] == 4


def test_one_that_never_ran_costs_nothing() -> None:
    told = ended(1, parameters="--num-executors 99")
    assert set(told[0].values()) == set(told[1].values()) == {0}
