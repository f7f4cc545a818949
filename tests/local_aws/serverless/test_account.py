"""What is found, and what is left of the capacity."""

from benchmarks.serverless_chaos.requests import worker
from local_aws.serverless import guesses
from local_aws.serverless.account import kind_of
from local_aws.serverless.capacity import Resources, Workers
from local_aws.serverless.demands import Demand
from tests.local_aws.serverless.laptop import Laptop


def demand(executors: int, cpu: int = 1) -> Demand:
    size = Resources(cpu, 2 * cpu, 20)
    return Demand(Workers(1, size), Workers(executors, size))


def test_what_is_not_there_is_not_found() -> None:
    laptop = Laptop()
    first, second = laptop.started(), laptop.started()
    run = laptop.run(first)
    told = ("ResourceNotFoundException", "Application 00none does not exist")
    assert laptop.refused("GetApplication", applicationId="00none") == told
    assert laptop.refused("GetJobRun", applicationId="00none", jobRunId=run) == told
    other = ("ResourceNotFoundException", f"Job run {run} does not exist")
    assert laptop.refused("GetJobRun", applicationId=second, jobRunId=run) == other
    assert laptop.refused("GetJobRun", applicationId=first, jobRunId="00none")[0] == other[0]


def test_pre_initialised_workers_come_first() -> None:
    laptop = Laptop()
    pool = {"DRIVER": worker(2, 4), "EXECUTOR": worker(1, 2, 2)}
    one = laptop.application(laptop.started(initialCapacity=pool))
    grant = laptop.account.grant(one, demand(3))
    assert grant is not None
    assert grant.from_pool == {"DRIVER": 1, "EXECUTOR": 2}
    assert grant.extra == Resources(1, 2, 20)
    too_large = laptop.account.grant(one, demand(1, cpu=4))
    assert too_large is not None
    assert (too_large.from_pool, too_large.extra.cpu) == ({}, 8)


def test_workers_that_another_has_are_not_free() -> None:
    laptop = Laptop()
    pool = {"DRIVER": worker(1, 4), "EXECUTOR": worker(1, 4)}
    made = laptop.started(initialCapacity=pool)
    laptop.run(made, seconds=10)
    one = laptop.application(made)
    assert laptop.account.used_by(one) == laptop.account.used() == one.pool
    grant = laptop.account.grant(one, demand(1))
    assert grant is not None
    assert grant.extra == Resources(2, 4, 40)


def test_there_is_no_more_than_the_account_and_the_application_may_have() -> None:
    laptop = Laptop()
    one = laptop.application(laptop.started(maximumCapacity={"cpu": "8 vCPU", "memory": "100 GB"}))
    other = laptop.application(laptop.started())
    assert laptop.account.grant(one, demand(7)) is not None
    assert laptop.account.grant(one, demand(8)) is None
    assert laptop.account.grant(other, demand(15)) is not None
    assert laptop.account.grant(other, demand(16)) is None


def test_what_can_never_be_is_told_from_what_is_not_now() -> None:
    laptop = Laptop()
    limit = {"cpu": "8 vCPU", "memory": "12 GB"}
    one, other = (
        laptop.application(laptop.started(**further)) for further in ({"maximumCapacity": limit}, {})
    )
    assert laptop.account.never(one, demand(5)) is None
    assert laptop.account.never(one, demand(6)) == guesses.NO_CAPACITY.format(what="memory")
    assert laptop.account.never(other, demand(16)) == guesses.NO_VCPUS
    laptop.world.vcpus = 17
    assert laptop.account.never(other, demand(16)) is None


def test_the_engine_is_told_in_capitals() -> None:
    laptop = Laptop()
    assert kind_of(laptop.application(laptop.create(type="Hive"))) == "HIVE"
