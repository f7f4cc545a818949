"""What the reaper knows by the state, and that it works without."""

import pytest
from botocore.exceptions import ClientError

from benchmarks.orchestrator_chaos.simulation import Simulation, given_cluster, plan_of, planned_job
from orchestrator.engine import records
from orchestrator.engine.documents import encode
from orchestrator.engine.edge import Edge
from orchestrator.engine.once import Claim, ClaimState, key_of
from orchestrator.engine.records import RunRecord, State
from orchestrator.identity import Token
from orchestrator.reaping.deciding import Knowledge
from orchestrator.reaping.knowing import knowledge

TOKEN = Token("0123456789abcdef0123")


def asked(simulation: Simulation, run_id: str) -> tuple[str | None, bool | None, list[str]]:
    said: list[str] = []

    def ask(edge: Edge) -> tuple[str | None, bool | None]:
        known: Knowledge = knowledge(
            Edge(edge.emr, edge.store, edge.clock, edge.nonce, edge.bounds, said.append), 60
        )
        assert known.stuck_after_s == 60
        return known.recorded(TOKEN), known.is_over(run_id)

    actor = simulation.actor("reaper", ask)
    simulation.play([actor])
    assert actor.error is None
    assert isinstance(actor.result, tuple)
    return (*actor.result, said)


@pytest.mark.parametrize("state", State)
def test_the_state_tells_which_cluster_stays_and_which_run_is_over(state: State) -> None:
    simulation = Simulation()
    plan = plan_of("run", [planned_job("a", "run", "s3://lake/a")], given_cluster("j-1"))
    record = RunRecord(plan=plan, state=state, nonce="1", began_at=0)
    simulation.s3.objects[f"_state/{records.key_of(plan.run_id)}"] = encode(record)
    claim = Claim(ClaimState.DONE, "1", 0, 0, "j-2")
    simulation.s3.objects[f"_state/{key_of(TOKEN)}"] = encode(claim)
    assert asked(simulation, plan.run_id) == ("j-2", state in records.OVER, [])


def test_what_the_state_has_not_is_not_known() -> None:
    assert asked(Simulation(), "r-unknown") == (None, None, [])


def test_a_state_that_cannot_be_read_is_told_once_and_nothing_is_known() -> None:
    simulation = Simulation()

    def denied(**_asked: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject")

    simulation.s3.get_object = denied  # type: ignore[assignment, method-assign] # what S3 would answer
    recorded, is_over, said = asked(simulation, "r1")
    assert (recorded, is_over) == (None, None)
    [told] = said
    assert told.startswith(
        "the state cannot be read, so clusters are judged by what EMR says alone: S3 GetObject: "
    )
