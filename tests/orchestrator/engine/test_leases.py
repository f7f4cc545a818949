"""Leases: one run at a time may write a table, however many orchestrators it has."""

from collections.abc import Callable

import pytest

from benchmarks.orchestrator_chaos.simulation import BOUNDS, Simulation
from orchestrator.engine import leases
from orchestrator.engine.documents import decode
from orchestrator.engine.edge import Edge
from orchestrator.engine.leases import Lease, LostLeaseError, Tenant, acquire, hold, key_of, release
from orchestrator.errors import TimedOutError

TABLE = "s3://lake/table"
DAY = 86_400.0


def played(what: Callable[[Edge, float], object], simulation: Simulation) -> object:
    actor = simulation.actor("user", lambda edge: what(edge, edge.clock.now() + DAY))
    simulation.play([actor])
    return actor.result if actor.error is None else actor.error


def never(_run: str) -> bool:
    return False


def always(_run: str) -> bool:
    return True


def lease(simulation: Simulation) -> Lease:
    return decode("lease", simulation.s3.objects[f"_state/{key_of(TABLE)}"], Lease)


@pytest.mark.parametrize("spelling", ["s3://lake/table/", "s3a://lake/table", "s3n://lake/table//"])
def test_a_table_has_one_lease_however_its_uri_is_spelt(spelling: str) -> None:
    assert key_of(spelling) == key_of(TABLE) != key_of("s3://lake/tables")


def test_a_lease_is_taken_renewed_and_given_back() -> None:
    simulation = Simulation()

    def user(edge: Edge, until: float) -> list[int]:
        first = acquire(edge, TABLE, Tenant("r1", 1), never, until)
        edge.clock.sleep(100)
        hold(edge, TABLE, Tenant("r1", 1), until)
        same = acquire(edge, TABLE, Tenant("r1", 1), never, until)
        release(edge, TABLE, Tenant("r1", 1), until)
        return [first, same, acquire(edge, TABLE, Tenant("r2", 1), always, until)]

    assert played(user, simulation) == [1, 1, 2]
    assert (lease(simulation).holder, lease(simulation).epoch) == ("r2", 2)


def test_a_lease_that_is_not_renewed_is_taken_from_a_run_that_has_nothing_left() -> None:
    simulation = Simulation()
    begun = simulation.emr.world.now / 1000

    def user(edge: Edge, until: float) -> int:
        acquire(edge, TABLE, Tenant("dead", 1), never, until)
        return acquire(edge, TABLE, Tenant("r2", 1), never, until)

    assert played(user, simulation) == 2
    waited_s = simulation.emr.world.now / 1000 - begun
    assert BOUNDS.lease_s + BOUNDS.skew_s <= waited_s <= BOUNDS.lease_s + BOUNDS.skew_s + BOUNDS.poll_s


def test_a_lease_is_not_taken_from_a_run_whose_steps_may_write() -> None:
    simulation = Simulation()

    def user(edge: Edge, until: float) -> int:
        acquire(edge, TABLE, Tenant("r1", 1), never, until)
        return acquire(edge, TABLE, Tenant("r2", 1), always, edge.clock.now() + 3600)

    error = played(user, simulation)
    assert isinstance(error, TimedOutError)
    assert str(error) == (
        "s3://lake/table: run r1 writes it, and had not ended when the time was over; see it: orchestrator status r1; "
        "end it: orchestrator cancel r1"
    )


def test_who_has_lost_it_is_told() -> None:
    simulation = Simulation()

    def user(edge: Edge, until: float) -> None:
        acquire(edge, TABLE, Tenant("r1", 1), never, until)
        release(edge, TABLE, Tenant("r1", 1), until)
        acquire(edge, TABLE, Tenant("r2", 1), never, until)
        hold(edge, TABLE, Tenant("r1", 1), until)

    error = played(user, simulation)
    assert isinstance(error, LostLeaseError)
    assert "run r1 has lost its lease, which run r2 holds" in str(error)


def test_a_later_life_of_a_run_takes_the_lease_and_the_former_one_can_do_nothing_with_it() -> None:
    simulation = Simulation()

    def user(edge: Edge, until: float) -> int:
        acquire(edge, TABLE, Tenant("r1", 1), never, until)
        epoch = acquire(edge, TABLE, Tenant("r1", 3), always, until)
        release(edge, TABLE, Tenant("r1", 1), until)
        hold(edge, TABLE, Tenant("r1", 3), until)
        with pytest.raises(LostLeaseError, match="begun again meanwhile"):
            hold(edge, TABLE, Tenant("r1", 1), until)
        with pytest.raises(LostLeaseError, match="begun again meanwhile"):
            acquire(edge, TABLE, Tenant("r1", 1), never, until)
        return epoch

    assert played(user, simulation) == 2
    assert (lease(simulation).holder, lease(simulation).life) == ("r1", 3)


def test_who_holds_it_knows_that_nobody_has_taken_it_between() -> None:
    simulation = Simulation()

    def user(edge: Edge, until: float) -> int:
        for _ in range(3):
            hold(edge, TABLE, Tenant("r1", 1), until)
        return 3

    simulation.play(
        [simulation.actor("first", lambda edge: acquire(edge, TABLE, Tenant("r1", 1), never, 1e12))]
    )
    actors = [
        simulation.actor(f"user {n}", lambda edge: user(edge, edge.clock.now() + DAY)) for n in range(3)
    ]
    simulation.play(actors)
    assert [actor.result for actor in actors] == [3, 3, 3]
    assert lease(simulation).epoch == 1


def test_nobody_gives_back_what_is_anothers() -> None:
    simulation = Simulation()

    def user(edge: Edge, until: float) -> None:
        acquire(edge, TABLE, Tenant("r1", 1), never, until)
        release(edge, TABLE, Tenant("r2", 1), until)
        release(edge, "s3://lake/none", Tenant("r2", 1), until)

    assert played(user, simulation) is None
    assert lease(simulation).holder == "r1"


def test_two_who_want_it_at_once_get_it_one_after_the_other() -> None:
    for seed in range(10):
        simulation = Simulation()
        simulation.draws.seed(seed)
        held: list[str] = []

        def user(edge: Edge, run_id: str, held: list[str] = held) -> None:
            until = edge.clock.now() + DAY
            leases.acquire(edge, TABLE, Tenant(run_id, 1), never, until)
            assert held == []
            held.append(run_id)
            edge.clock.sleep(60)
            held.remove(run_id)
            leases.release(edge, TABLE, Tenant(run_id, 1), until)

        actors = [
            simulation.actor(f"user {n}", lambda edge, n=n: user(edge, f"r{n}"))  # type: ignore[misc] # a default
            for n in range(3)
        ]
        simulation.play(actors)
        assert [actor.error for actor in actors] == [None] * 3
