"""Long-running clusters: one in its row lives at a time."""

from functools import partial

from benchmarks.orchestrator_chaos import laws
from benchmarks.orchestrator_chaos.calls import Fault
from benchmarks.orchestrator_chaos.scenarios import launch_command
from benchmarks.orchestrator_chaos.simulation import Simulation, shared_cluster
from orchestrator.identity import Token, token_of

LONG = shared_cluster("long")


def launched(simulation: Simulation, users: int = 1) -> list[object]:
    actors = [simulation.actor(f"user {number}", partial(launch_command, LONG)) for number in range(users)]
    simulation.play(actors)
    assert laws.broken(simulation, actors) == []
    return [actor.result for actor in actors]


def test_users_who_launch_at_once_get_the_same_cluster() -> None:
    simulation = Simulation()
    assert len({*launched(simulation, 4), *launched(simulation, 2)}) == 1
    assert len(simulation.emr.world.clusters) == 1


def test_the_next_one_comes_when_the_last_has_ended() -> None:
    simulation = Simulation()
    (first,) = launched(simulation)
    simulation.emr.call("TerminateJobFlows", {"JobFlowIds": [first]})
    simulation.emr.advance(3600)
    (second, same) = launched(simulation, 2)
    assert first != second == same
    names = [str(cluster.request["Name"]) for cluster in simulation.emr.world.clusters.values()]
    assert [token_of(name) for name in names] == [Token(str(LONG.base), 1), Token(str(LONG.base), 2)]


def test_a_launch_without_an_answer_is_found_when_lists_show_it() -> None:
    simulation = Simulation(script={("user 0", "run_job_flow#0"): Fault.LOST})
    simulation.emr.account.list_lag = 60_000
    assert launched(simulation) == list(simulation.emr.world.clusters)
