"""Applications and job runs as they stand."""

import pytest

from benchmarks.serverless_chaos.requests import worker
from local_aws.serverless.capacity import Resources
from local_aws.serverless.demands import demand_of
from local_aws.serverless.entities import (
    APPLICATION_STATES,
    JOB_RUN_STATES,
    Application,
    Attempt,
    Grant,
    JobRun,
    drivers_of,
    executors_of,
)


def application(**request: object) -> Application:
    return Application("00a", {"type": "SPARK", **request}, 0, 0)


def job_run(**request: object) -> JobRun:
    return JobRun("00b", "00a", dict(request), "emr-7.14.0", [], {}, "SPARK", 0, 0)


def test_every_state_but_the_last_ones_leads_somewhere_known() -> None:
    for states in (APPLICATION_STATES, JOB_RUN_STATES):
        assert {after for befores in states.values() for after in befores} < set(states)


@pytest.mark.parametrize(("state", "cpu"), [("CREATED", 0), ("STARTING", 2), ("STARTED", 2), ("STOPPED", 0)])
def test_pre_initialised_workers_are_there_while_it_is_started(state: str, cpu: int) -> None:
    one = application(initialCapacity={"DRIVER": worker(1, 4, 2)})
    one.state = state
    assert one.pool.cpu == cpu


def test_an_application_has_awss_defaults() -> None:
    one = application()
    assert (one.starts_itself, one.idle_minutes, one.concurrency, one.queue_minutes) == (True, 15, None, 360)
    assert application(schedulerConfiguration={}).concurrency == 15
    assert application(autoStopConfiguration={"enabled": False}).idle_minutes is None
    assert not application(autoStartConfiguration={"enabled": False}).starts_itself
    assert application(maximumCapacity={"cpu": "1", "memory": "2"}).maximum == Resources(1, 2)


def test_a_job_run_has_awss_defaults() -> None:
    assert (job_run().mode, job_run().timeout_minutes) == ("BATCH", 720)
    assert job_run(mode="STREAMING").timeout_minutes == 0
    assert job_run(executionTimeoutMinutes=5).timeout_minutes == 5


def test_a_job_run_is_under_way_from_its_admission_to_its_end() -> None:
    one = job_run()
    one.attempts += [Attempt(number, 0, 0, "FAILED", "x") for number in (1, 2)]
    assert one.attempt.number == 2
    assert not one.is_under_way
    one.is_admitted = True
    assert one.is_under_way
    one.state = "SUCCESS"
    assert one.has_ended
    assert not one.is_under_way


def test_workers_are_warm_where_none_is_made_for_a_job_run() -> None:
    demand = demand_of({})
    assert Grant(demand, {"DRIVER": 1}, Resources()).is_warm
    assert not Grant(demand, {}, Resources(4, 16, 20)).is_warm


def test_workers_have_other_names_in_hive() -> None:
    assert (drivers_of("SPARK"), executors_of("SPARK")) == ("DRIVER", "EXECUTOR")
    assert (drivers_of("HIVE"), executors_of("HIVE")) == ("HIVE_DRIVER", "TEZ_TASK")
