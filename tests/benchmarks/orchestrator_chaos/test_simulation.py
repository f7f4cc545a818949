"""An account in memory: its quotas, its strangers, its clock."""

from benchmarks.orchestrator_chaos.simulation import Circumstances, Simulation
from orchestrator.engine.edge import Edge


def test_strangers_fill_pages() -> None:
    simulation = Simulation()
    simulation.crowd(55)
    actor = simulation.actor("user", lambda edge: len(edge.emr.clusters(edge.clock.now() + 60)))
    simulation.play([actor])
    assert (actor.result, simulation.wires["user"].calls) == (55, ["list_clusters"] * 2)


def test_with_quotas_a_process_stays_below_them() -> None:
    simulation = Simulation(Circumstances(has_quotas=True))
    begun = simulation.emr.world.now

    def user(edge: Edge) -> None:
        for _ in range(60):
            edge.emr.clusters(edge.clock.now() + 3600)

    actor = simulation.actor("user", user)
    simulation.play([actor])
    assert actor.error is None
    assert simulation.wires["user"].throttled == 0
    # Twenty at once and one every two seconds is what EMR allows.
    assert simulation.emr.world.now - begun >= (60 - 20) * 2000
    assert len(simulation.wires["user"].calls) == 60
