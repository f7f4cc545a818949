"""Looking at clusters: by description where they are few, by pages where they are many, and not too often."""

from collections import Counter
from typing import Any

from benchmarks.emr_chaos.requests import launch_request, step
from benchmarks.orchestrator_chaos.simulation import Simulation
from orchestrator.engine.edge import Edge
from orchestrator.engine.polling import Poller


def looked(clusters: int, rounds: int = 10) -> tuple[Counter[str], Any, Any]:
    """Look at so many clusters every ten seconds, ten times; return the calls, the states seen, and the steps."""
    simulation = Simulation()
    request = launch_request("long", steps=[step("a")])
    ids = [str(simulation.emr.call("RunJobFlow", request)["JobFlowId"]) for _ in range(clusters)]
    simulation.emr.advance(7200)

    def user(edge: Edge) -> tuple[set[str], int]:
        until = edge.clock.now() + 86_400
        poller = Poller(edge.emr, edge.clock, fresh_s=10)
        for cluster_id in ids:
            poller.watch(cluster_id)
        states: set[Any] = set()
        count = 0
        for _ in range(rounds):
            states |= {poller.status(each, until)["State"] for each in ids}
            count = sum(len(poller.steps(each, until)) for each in ids)
            edge.clock.sleep(10)
        return states, count

    actor = simulation.actor("user", user)
    simulation.play([actor])
    assert actor.error is None
    seen: Any = actor.result
    return (Counter(simulation.wires["user"].calls), *seen)


def test_one_cluster_is_described() -> None:
    calls, states, steps = looked(1)
    assert calls == {"describe_cluster": 10, "list_steps": 10}
    assert (states, steps) == ({"WAITING"}, 1)


def test_fifty_clusters_are_a_page() -> None:
    calls, _, steps = looked(50)
    assert calls["describe_cluster"] == 0
    assert calls["list_clusters"] <= 10
    assert steps == 50
    # All of them take longer to list than ten seconds: an answer is good for that long.
    assert calls["list_steps"] <= 2 * 50


def test_a_cluster_that_has_ended_is_described_and_one_that_is_left_is_not_looked_at() -> None:
    simulation = Simulation()
    ids = [str(simulation.emr.call("RunJobFlow", launch_request())["JobFlowId"]) for _ in range(4)]
    simulation.emr.call("TerminateJobFlows", {"JobFlowIds": ids[:1]})
    simulation.emr.advance(3600)

    def user(edge: Edge) -> str:
        poller = Poller(edge.emr, edge.clock)
        for cluster_id in ids:
            poller.watch(cluster_id)
        state = poller.status(ids[0], edge.clock.now() + 60)["State"]
        for cluster_id in ids:
            poller.leave(cluster_id)
        return str(state)

    actor = simulation.actor("user", user)
    simulation.play([actor])
    assert actor.result == "TERMINATED"
    assert Counter(simulation.wires["user"].calls) == {"list_clusters": 1, "describe_cluster": 1}
