"""Runs of batches, by the engine in the simulated account."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from benchmarks.orchestrator_chaos.calls import Fault, Script
from benchmarks.orchestrator_chaos.simulation import Simulation, own_cluster, plan_of, planned_job
from ingestion.s3_events.model import ObjectEvent
from orchestrator.aws.objects import Objects
from orchestrator.engine import records, running
from orchestrator.engine.drive import Rules
from orchestrator.engine.edge import Edge
from orchestrator.engine.records import RunRecord, State
from orchestrator.errors import FailedError, TimedOutError
from orchestrator.events.runs import EngineRuns, key_of, uris
from orchestrator.ledger.documents import Batch, Item
from orchestrator.planning.inputs import Listing
from tests.orchestrator.events.pretended import event

HOUR = 3600.0


def batch(number: int = 1, *keys: str) -> Batch:
    items = tuple(Item(event(key), 0.0) for key in keys or ("devices/a", "devices/b"))
    return Batch(number, 0.0, f"nonce {number}", items)


class World:
    """The account, and who runs batches in it."""

    def __init__(self, script: Script | None = None) -> None:
        """Begin."""
        self.simulation = Simulation(script=script)
        self.planned: list[tuple[str, tuple[str, ...]]] = []
        self.name = "nightly"
        self.is_full = False

    def play(self, what: Callable[[EngineRuns, float], Any], name: str = "user") -> Any:
        """Let a process do something, again after a crash; what it raises is returned."""
        actor = self.simulation.actor(name, lambda edge: what(self.runs(edge), edge.clock.now() + 10 * HOUR))
        self.simulation.play([actor])
        return actor.error or actor.result

    def runs(self, edge: Edge) -> EngineRuns:
        """Make what runs batches."""

        def plan(key: str, listing: Listing, until: float) -> Any:
            del until
            self.planned.append((key, listing.uris))
            run = f"{self.name} {key}"
            jobs = [planned_job("readings", run, "s3://lake/table", action="TERMINATE_CLUSTER")]
            return SimpleNamespace(plan=plan_of(run, jobs, own_cluster(run, jobs)))

        def begin(planned: Any, until: float) -> object:
            if self.is_full:
                raise TimedOutError("no room")
            return running.begin(edge, planned.plan, until)

        draws = random.Random(1)  # noqa: S311 - repeatable, no secret
        objects = Objects(self.simulation.s3, edge.clock, draws)
        followed: list[RunRecord] = []
        return EngineRuns(
            edge,
            objects,
            "p",
            "readings",
            Rules(),
            plan,
            begin,
            lambda record, _until: followed.append(record),
            slice_s=2 * HOUR,
        )


def test_a_batch_has_one_run_over_its_objects_to_its_end() -> None:
    world = World()
    record = world.play(lambda runs, until: runs.advance(batch(), until))
    assert record.state is State.SUCCEEDED
    again = world.play(lambda runs, until: runs.advance(batch(), until))
    assert again == record
    assert world.planned == [(key_of(batch()), ("s3://raw/devices/a", "s3://raw/devices/b"))]
    assert len(world.simulation.emr.world.clusters) == 1


@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER, Fault.LOST])
@pytest.mark.parametrize("number", range(0, 24, 3))
def test_whatever_strikes_any_call_there_is_one_run(fault: Fault, number: int) -> None:
    world = World({("user", number): fault})
    record = world.play(lambda runs, until: runs.advance(batch(), until))
    assert record.state is State.SUCCEEDED
    assert len(world.simulation.emr.world.clusters) == 1


def test_a_pipeline_that_is_changed_meanwhile_makes_no_other_run_of_a_batch() -> None:
    world = World()
    first = world.play(lambda runs, until: runs.advance(batch(), until))
    world.name = "changed"
    assert world.play(lambda runs, until: runs.advance(batch(), until)).run_id == first.run_id
    # One that was never begun is begun as the file is now.
    assert world.play(lambda runs, until: runs.advance(batch(2), until)).run_id != first.run_id


def test_a_run_that_finds_no_room_is_none_yet() -> None:
    world = World()
    world.is_full = True
    assert world.play(lambda runs, until: runs.advance(batch(), until)) is None
    world.is_full = False
    assert world.play(lambda runs, until: runs.advance(batch(), until)).state is State.SUCCEEDED


def test_a_cancellation_whose_asker_has_died_is_carried_to_its_end() -> None:
    world = World()

    def begin_and_ask(runs: EngineRuns, until: float) -> str:
        record = replace(runs, slice_s=60.0).advance(batch(), until)
        assert record is not None
        assert record.state is State.RUNNING
        ask: Callable[[RunRecord], RunRecord] = partial(msgspec.structs.replace, is_cancelled=True)
        return records.write(runs.edge, record.run_id, ask, until).run_id

    run_id = world.play(begin_and_ask)
    record = world.play(lambda runs, until: runs.advance(batch(), until))
    assert (record.run_id, record.state) == (run_id, State.CANCELLED)
    [cluster] = world.simulation.emr.world.clusters.values()
    assert cluster.status.state == "TERMINATED"


def manifest(world: World, *read: str) -> None:
    body = json.dumps({"inputs": [{"uri": uri} for uri in read]}).encode()
    world.simulation.s3.objects["readings.json"] = body


def test_the_manifest_tells_whether_all_was_read() -> None:
    world = World()
    record = world.play(lambda runs, until: runs.advance(batch(), until))
    manifest(world, "s3a://raw/devices/a", "s3://raw/devices/b", "s3://raw/devices/more")
    assert world.play(lambda runs, until: runs.unread(batch(), record, until)) is None
    manifest(world, "s3://raw/devices/a")
    assert world.play(lambda runs, until: runs.unread(batch(), record, until)) == (
        "the manifest s3://state/readings.json lists 1 objects, and not 1 of the batch: s3://raw/devices/b"
    )
    world.simulation.s3.objects.pop("readings.json")
    error = world.play(lambda runs, until: runs.unread(batch(), record, until))
    assert isinstance(error, FailedError)
    assert "s3://state/readings.json: expected the manifest of a run that has succeeded" in str(error)


def test_batches_have_keys_of_their_own_and_objects_come_once() -> None:
    assert key_of(batch(1)) != key_of(batch(2))
    assert key_of(batch(1)).startswith("batch-1-")
    twice: list[ObjectEvent] = [event("a"), event("a", sequencer="0B")]
    made = Batch(1, 0.0, "n", tuple(Item(each, 0.0) for each in twice))
    assert uris(made) == ["s3://raw/a"]
