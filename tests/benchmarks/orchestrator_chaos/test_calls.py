"""Faults of calls: what of a call is done, and what its caller hears."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from benchmarks.orchestrator_chaos.calls import PAUSE_S, Fault, Script, Wire, WiredClient
from benchmarks.orchestrator_chaos.simulation import Simulation
from benchmarks.orchestrator_chaos.stage import Actor


class Done:
    """A client that counts what was done."""

    def __init__(self) -> None:
        self.done = 0

    def act(self, *, by: int) -> int:
        self.done += by
        return self.done


def struck(script: Script, calls: int = 1) -> tuple[int, Any, Wire]:
    simulation = Simulation()
    client = Done()
    wires: list[Wire] = []

    def command(actor: Actor) -> Any:
        wires.append(Wire(actor, script))
        wired = WiredClient(client, wires[-1])
        return [wired.act(by=1) for _ in range(calls)]

    actor = Actor("user", command, simulation.stage, patience_s=1)
    simulation.play([actor])
    return client.done, actor.error or actor.result, wires[0]


@pytest.mark.parametrize(
    ("fault", "done", "heard"),
    [
        (Fault.LOST, 1, ConnectionClosedError),
        (Fault.THROTTLED, 0, ClientError),
        (Fault.PAUSED, 1, list),
    ],
)
def test_a_fault_strikes_the_call_that_it_is_meant_for(fault: Fault, done: int, heard: type) -> None:
    found, result, wire = struck({("user", 0): fault})
    assert found == done
    assert isinstance(result, heard)
    assert wire.struck == [(0, "act", fault)]


def test_the_nth_call_of_an_operation_can_be_meant() -> None:
    done, result, wire = struck({("user", "act#2"): Fault.THROTTLED}, calls=4)
    assert (done, wire.calls) == (2, ["act"] * 3)
    assert isinstance(result, ClientError)


@pytest.mark.parametrize(
    ("fault", "done"), [(Fault.CRASH_BEFORE, 0), (Fault.CRASH_AFTER, 1), (Fault.PAUSED_TO_DEATH, 1)]
)
def test_a_crash_comes_before_the_call_or_after_it(fault: Fault, done: int) -> None:
    client, simulation = Done(), Simulation()

    def command(actor: Actor) -> None:
        if actor.crashes == 0:
            WiredClient(client, Wire(actor, {("user", 0): fault})).act(by=1)

    actor = Actor("user", command, simulation.stage)
    simulation.play([actor])
    assert (client.done, actor.crashes, actor.error) == (done, 1, None)


def test_a_pause_is_longer_than_any_claim() -> None:
    assert Simulation().circumstances.bounds.takeover_s < PAUSE_S
