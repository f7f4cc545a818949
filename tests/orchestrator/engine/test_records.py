"""Records of runs: begun once, opened again where they failed, and left alone where they are over."""

from typing import Any

import msgspec
import pytest

from benchmarks.orchestrator_chaos.simulation import Simulation, own_cluster, plan_of, planned_job
from orchestrator.engine import records
from orchestrator.engine.edge import Edge
from orchestrator.engine.records import JobRecord, RunRecord, State
from orchestrator.errors import UsageError
from orchestrator.plans import Plan


def plan(*names: str, run: str = "nightly") -> Plan:
    jobs = [planned_job(name, run, f"s3://lake/{name}") for name in names or ("a", "b")]
    return plan_of(run, jobs, own_cluster(run, jobs))


def played(what: Any, simulation: Simulation | None = None) -> Any:
    simulation = simulation or Simulation()
    actor = simulation.actor("user", lambda edge: what(edge, edge.clock.now() + 60))
    simulation.play([actor])
    if actor.error is not None:
        raise actor.error
    return actor.result


def test_a_run_is_written_down_once() -> None:
    def user(edge: Edge, until: float) -> list[RunRecord]:
        first = records.begin(edge, plan(), until)
        changed = msgspec.structs.replace(plan(), warnings=["a newer plan"])
        return [first, records.begin(edge, changed, until), records.read(edge, first.run_id, until)]

    first, *others = played(user)
    assert others == [first, first]
    assert (first.state, first.attempt) == (State.RUNNING, 1)
    assert first.jobs == {"a": JobRecord(), "b": JobRecord()}


@pytest.mark.parametrize("end", [State.FAILED, State.CANCELLED])
def test_a_run_that_did_not_succeed_is_opened_again_for_what_is_not_done(end: State) -> None:
    def user(edge: Edge, until: float) -> RunRecord:
        first = records.begin(edge, plan(), until)
        ended = {"a": JobRecord(state=State.SUCCEEDED), "b": JobRecord(state=State.FAILED, attempt=4)}
        records.write(
            edge, first.run_id, lambda one: msgspec.structs.replace(one, jobs=ended, state=end), until
        )
        assert records.read(edge, first.run_id, until).next_attempt == 6
        return records.begin(edge, msgspec.structs.replace(plan(), warnings=["newer"]), until)

    again = played(user)
    assert (again.state, again.first_attempt, again.attempt) == (State.RUNNING, 6, 6)
    assert again.jobs == {"a": JobRecord(state=State.SUCCEEDED), "b": JobRecord(attempt=6)}
    assert again.done == {"a"}
    assert again.plan.warnings == ["newer"]


def test_a_run_that_succeeded_stays_as_it_is() -> None:
    def user(edge: Edge, until: float) -> list[RunRecord]:
        first = records.begin(edge, plan(), until)
        end = records.write(
            edge, first.run_id, lambda one: msgspec.structs.replace(one, state=State.SUCCEEDED), until
        )
        late = records.write(
            edge, first.run_id, lambda one: msgspec.structs.replace(one, reason="late"), until
        )
        return [end, late, records.begin(edge, plan(), until)]

    end, *others = played(user)
    assert others == [end, end]


def test_a_run_id_stands_for_the_same_jobs() -> None:
    def user(edge: Edge, until: float) -> None:
        records.begin(edge, plan("a"), until)
        records.begin(edge, plan("a", "b"), until)

    with pytest.raises(UsageError, match="the state has it with other jobs; give this one another --key"):
        played(user)


def test_runs_are_listed_and_what_is_none_is_told() -> None:
    def user(edge: Edge, until: float) -> tuple[list[str], list[str]]:
        made = [records.begin(edge, plan(run=run), until).run_id for run in ("x", "y")]
        assert records.find(edge, "r0", until) is None
        return sorted(made), records.run_ids(edge, until)

    made, listed = played(user)
    assert listed == made
    with pytest.raises(UsageError, match="run r0: the state has no such run"):
        played(lambda edge, until: records.read(edge, "r0", until))
