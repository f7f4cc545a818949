"""The bounds, and waiting for the next look."""

from benchmarks.orchestrator_chaos.simulation import BOUNDS, Simulation
from orchestrator.engine.edge import Bounds, Edge


def test_a_claim_is_taken_over_when_its_call_is_over_and_lists_show_it() -> None:
    assert Bounds(list_lag_s=1, claim_s=20, call_s=300, skew_s=4000).takeover_s == 4321


def test_a_pause_ends_with_the_time() -> None:
    simulation = Simulation()

    def user(edge: Edge) -> list[object]:
        until = edge.clock.now() + BOUNDS.poll_s + 5
        seen: list[object] = []
        while edge.pause(until):
            seen.append(until - edge.clock.now())
        return seen

    actor = simulation.actor("user", user)
    simulation.play([actor])
    assert actor.result == [5, 0]
