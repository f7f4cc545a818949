"""Launching: once, waited for until it is ready, and told truly whether it was there before."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.orchestrator_chaos.simulation import DAY_S
from orchestrator.aws.faults import RefusedCallError
from orchestrator.engine.drive import Rules
from orchestrator.engine.edge import Edge
from orchestrator.errors import FailedError, RefusedError, TimedOutError
from orchestrator.verbs.launch import Launch, launch
from orchestrator.verbs.run import attach, drive
from tests.orchestrator.verbs.stands import Stand


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    """Give a user with files."""
    return Stand(tmp_path)


def launched(stand: Stand, what: str, *, waits: bool = True, for_s: float = DAY_S, **further: Any) -> Launch:
    def command(edge: Edge) -> Launch:
        made = stand.planned(edge, what, **further)
        return launch(edge, stand.lake, made, edge.clock.now() + for_s, waits=waits)

    found = stand.do(command)
    assert isinstance(found, Launch)
    return found


def test_a_long_running_cluster_is_waited_for_and_found_again(stand: Stand) -> None:
    first = launched(stand, "long.yaml")
    assert first == Launch(first.cluster_id, "WAITING", "long")
    assert launched(stand, "long.yaml") == Launch(first.cluster_id, "WAITING", "long", is_new=False)
    other = launched(stand, "long.yaml", key="second")
    assert (other.is_new, other.cluster_id != first.cluster_id) == (True, True)
    assert stand.calls("RunJobFlow") == 2


def test_after_its_end_the_next_one_is_launched(stand: Stand) -> None:
    first = launched(stand, "long.yaml").cluster_id
    stand.simulation.emr.call("TerminateJobFlows", {"JobFlowIds": [first]})
    stand.simulation.emr.advance(900)
    second = launched(stand, "long.yaml")
    assert (second.is_new, second.cluster_id != first) == (True, True)


def test_without_waiting_it_is_told_as_it_is(stand: Stand) -> None:
    assert launched(stand, "long.yaml", waits=False).state == "STARTING"


def test_a_cluster_that_is_not_ready_in_time_goes_on(stand: Stand) -> None:
    with pytest.raises(TimedOutError) as raised:
        launched(stand, "long.yaml", for_s=60)
    told = str(raised.value)
    assert told.endswith("STARTING when the time was over; it goes on: the same command waits again")
    assert launched(stand, "long.yaml").is_new is False
    assert stand.calls("RunJobFlow") == 1


def test_a_cluster_that_ends_before_it_is_ready_is_told_with_its_reason(stand: Stand) -> None:
    def terminate(edge: Edge) -> None:
        ids = [each["Id"] for each in edge.emr.clusters(edge.clock.now() + 60)]
        edge.emr.terminate(ids, edge.clock.now() + 60)

    def command(edge: Edge) -> Launch:
        made = stand.planned(edge, "long.yaml")
        return launch(edge, stand.lake, made, edge.clock.now() + DAY_S)

    user = stand.simulation.actor("user", command)
    other = stand.simulation.actor("other", terminate, begins_at=60)
    stand.simulation.play([user, other])
    assert isinstance(user.error, FailedError)
    assert "USER_REQUEST: Terminated by user request" in str(user.error)
    assert len(str(user.error).split("; ")[-1]) > 10


def test_what_is_refused_leaves_nothing(stand: Stand) -> None:
    stand.refuse("RunJobFlow")
    with pytest.raises(RefusedCallError, match="EMR RunJobFlow: AccessDeniedException: not for you"):
        launched(stand, "long.yaml")
    assert list(stand.simulation.emr.world.clusters) == []


def test_a_cluster_for_a_job_carries_its_steps_and_is_not_waited_for(stand: Stand) -> None:
    found = launched(stand, "own.yaml", job="two.yaml:readings")
    cluster = stand.simulation.emr.cluster(found.cluster_id)
    assert (found.state, found.name, found.run_state, found.is_new) == (
        "STARTING",
        "two:readings",
        "running",
        True,
    )
    assert [str(step.config["Name"]).split()[0] for step in cluster.steps] == ["readings"]
    assert launched(stand, "own.yaml", job="two.yaml:readings") == Launch(
        found.cluster_id, "STARTING", found.name, found.run_id, "running", is_new=False
    )
    stand.simulation.emr.advance(DAY_S)
    assert cluster.status.state == "TERMINATED"
    assert stand.calls("RunJobFlow") == 1


def test_a_run_that_has_succeeded_begins_nothing_and_uploads_nothing(stand: Stand) -> None:
    found = launched(stand, "two.yaml")
    stand.do(
        lambda edge: drive(
            edge, attach(edge, str(found.run_id), edge.clock.now() + 60), Rules(), edge.clock.now() + DAY_S
        )
    )
    puts, state = stand.lake.asked, dict(stand.simulation.s3.objects)
    again = launched(stand, "two.yaml")
    assert (again.run_state, again.is_new, again.cluster_id) == ("succeeded", False, found.cluster_id)
    assert (stand.lake.asked, stand.simulation.s3.objects) == (puts, state)
    assert stand.calls("RunJobFlow") == 1


def test_steps_are_submitted_to_a_cluster_that_is_there_as_far_as_they_follow_none(stand: Stand) -> None:
    cluster = launched(stand, "long.yaml").cluster_id
    found = launched(stand, "two.yaml", cluster=cluster)
    assert (found.cluster_id, found.is_new, found.run_state) == (cluster, False, "running")
    steps = stand.simulation.emr.cluster(cluster).steps
    assert [str(step.config["Name"]).split()[0] for step in steps] == ["readings"]
    launched(stand, "two.yaml", cluster=cluster)
    assert len(stand.simulation.emr.cluster(cluster).steps) == 1


def test_a_step_that_emr_refuses_is_told(stand: Stand) -> None:
    cluster = launched(stand, "long.yaml").cluster_id
    stand.refuse("AddJobFlowSteps")
    with pytest.raises(RefusedError) as raised:
        launched(stand, "two.yaml", cluster=cluster)
    told = str(raised.value)
    assert "EMR AddJobFlowSteps: AccessDenied" in told
    assert "see what else of it goes on, and its end: orchestrator run --attach r" in told
