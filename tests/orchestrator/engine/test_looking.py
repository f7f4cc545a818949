"""A run as AWS says it is now."""

from functools import partial
from typing import Any

import pytest

from benchmarks.orchestrator_chaos.scenarios import start_command
from benchmarks.orchestrator_chaos.simulation import (
    Simulation,
    own_cluster,
    plan_of,
    planned_job,
    shared_cluster,
)
from orchestrator.engine import records
from orchestrator.engine.edge import Edge
from orchestrator.engine.looking import refreshed
from orchestrator.engine.records import State
from orchestrator.plans import Plan

JOBS = [planned_job("a", "run", "s3://lake/a", action="TERMINATE_CLUSTER")]
OWN = plan_of("run", JOBS, own_cluster("run", JOBS))
SHARED = plan_of("run", [planned_job("a", "run", "s3://lake/a")], shared_cluster("long"))


def looked(simulation: Simulation, plan: Plan) -> Any:
    def look(edge: Edge) -> Any:
        until = edge.clock.now() + 60
        return refreshed(edge, records.read(edge, plan.run_id, until), until).jobs["a"]

    actor = simulation.actor("other", look)
    simulation.play([actor])
    assert actor.error is None
    assert "put_object" not in simulation.wires["other"].calls
    return actor.result


@pytest.mark.parametrize("plan", [OWN, SHARED], ids=["own", "shared"])
def test_steps_are_followed_though_nobody_writes_the_record(plan: Plan) -> None:
    simulation = Simulation()
    simulation.play([simulation.actor("user", partial(start_command, plan))])
    assert looked(simulation, plan).state is State.SUBMITTED
    simulation.emr.advance(3600)
    job = looked(simulation, plan)
    (cluster,) = simulation.emr.world.clusters.values()
    assert (job.state, job.cluster_id, job.step_id) == (State.SUCCEEDED, cluster.id, cluster.steps[0].id)
