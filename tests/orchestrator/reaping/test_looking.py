"""Only clusters that carry a token are described, only ours are seen, and since when they are idle."""

from datetime import UTC, datetime
from typing import Any

import pytest

from orchestrator.aws.emr import Emr
from orchestrator.identity import Token, named
from orchestrator.ownership import Ownership
from orchestrator.reaping.looking import Fault, Known, Looked, idle_since, look, look_again, seen_of
from tests.orchestrator.reaping.fleet_room import OWNER, Room, step


def ended(state: str, at: float | None) -> dict[str, Any]:
    timeline = {} if at is None else {"EndDateTime": datetime.fromtimestamp(at, UTC)}
    return {"Status": {"State": state, "Timeline": timeline}}


@pytest.mark.parametrize(
    ("steps", "since"),
    [
        ([], 1000),
        ([ended("COMPLETED", 2000), ended("FAILED", 1500)], 2000),
        ([ended("COMPLETED", 500)], 1000),
        ([ended("CANCELLED", None)], 1000),
        ([ended("COMPLETED", 2000), ended("PENDING", None)], None),
        ([ended("RUNNING", None)], None),
        ([ended("CANCEL_PENDING", None)], None),
    ],
)
def test_a_cluster_is_idle_since_it_was_ready_or_its_last_step_ended(
    steps: list[dict[str, Any]], since: float | None
) -> None:
    assert idle_since(1000, steps) == since


def look_now(room: Room, known: Known | None = None, emr: Emr | None = None) -> Looked:
    return look(emr or room.emr(), OWNER, room.clock.now(), room.until(), known or Known())


def test_strangers_cost_no_call_and_are_not_seen() -> None:
    room = Room()
    ours = room.launch("a")
    room.launch_other("a stranger's", Tags=Ownership(OWNER).tags())
    room.launch_other(named("another's", Token("b" * 20)), Tags=Ownership("another").tags())
    room.launch_other(named("untagged", Token("c" * 20)))
    before = len(room.calls())
    found = look_now(room)
    assert ([each.cluster_id for each in found.seen], found.faults) == ([ours], ())
    assert room.calls()[before:] == ["ListClusters", *["DescribeCluster"] * 3]


def test_what_is_seen_of_a_cluster() -> None:
    room = Room()
    began = room.clock.now()
    cluster = room.launch("a", steps=[step()], instances={"TerminationProtected": True}, keep=False)
    [found] = look_now(room).seen
    assert (found.cluster_id, found.state, found.created_at) == (cluster, "STARTING", began)
    assert (found.token, found.ownership) == (Token("a" * 20), Ownership(OWNER, "r1", 3600, 600))
    assert (found.is_protected, found.is_kept_alive, found.idle_since) == (True, False, None)


def test_steps_are_asked_for_where_a_cluster_has_waited_long_enough() -> None:
    room = Room()
    room.launch("a", steps=[step()])
    room.clock.sleep(3000)
    [seen] = look_now(room).seen
    assert "ListSteps" in room.calls()
    newest = room.client.list_steps(ClusterId=seen.cluster_id)["Steps"][0]
    assert seen.idle_since == newest["Status"]["Timeline"]["EndDateTime"].timestamp()


def test_one_cluster_that_cannot_be_described_does_not_hide_the_others() -> None:
    room = Room()
    first, second = room.launch("a"), room.launch("b")
    emr = room.emr()
    client = room.client

    class Refusing:
        def __getattr__(self, name: str) -> Any:
            return getattr(client, name)

        def describe_cluster(self, **request: Any) -> Any:
            return client.describe_cluster(ClusterId="j-NONE" if request["ClusterId"] == first else second)

    emr._reading = Refusing()
    found = look_now(room, emr=emr)
    [fault] = found.faults
    assert [each.cluster_id for each in found.seen] == [second]
    assert (fault.cluster_id, fault.name) == (first, named("nightly", Token("a" * 20)))
    assert isinstance(fault, Fault)
    assert "EMR DescribeCluster: InvalidRequestException" in fault.error


def test_a_cluster_that_ended_between_list_and_description_is_not_seen() -> None:
    room = Room()
    cluster = room.launch("a")
    description = room.client.describe_cluster(ClusterId=cluster)["Cluster"]
    assert seen_of(description, OWNER) is not None
    assert seen_of(description, "another") is None
    for state in ("TERMINATING", "TERMINATED", "TERMINATED_WITH_ERRORS"):
        assert seen_of({**description, "Status": {**description["Status"], "State": state}}, OWNER) is None


def test_what_is_known_is_not_asked_for_again_but_its_state_is_of_now() -> None:
    room, known = Room(), Known()
    ours = room.launch("a", Ownership(OWNER))
    room.launch_other(named("another's", Token("b" * 20)), Tags=Ownership("another").tags())
    assert look_now(room, known).fresh == frozenset(known.seen)
    before = len(room.calls())
    room.clock.sleep(1800)
    found = look_now(room, known)
    assert room.calls()[before:] == ["ListClusters"]
    assert ([(each.cluster_id, each.state) for each in found.seen], found.fresh) == (
        [(ours, "WAITING")],
        frozenset(),
    )


def test_what_is_known_of_clusters_that_are_gone_is_forgotten() -> None:
    room, known = Room(), Known()
    cluster = room.launch("a")
    look_now(room, known)
    room.emr().terminate([cluster], room.until())
    look_now(room, known)
    assert known.seen == {}


def test_a_second_look_tells_what_is_so_now() -> None:
    room = Room()
    cluster = room.launch("a", Ownership(OWNER, None, 60))
    room.client.add_tags(ResourceId=cluster, Tags=Ownership(OWNER, None, 120).tags())
    again = look_again(room.emr(), OWNER, room.clock.now(), room.until(), cluster)
    assert again is not None
    assert again.ownership.max_lifetime_s == 120
    room.client.add_tags(ResourceId=cluster, Tags=Ownership("another").tags())
    assert look_again(room.emr(), OWNER, room.clock.now(), room.until(), cluster) is None


def test_where_time_runs_out_it_is_not_always_the_same_ones_that_are_not_seen() -> None:
    room = Room()
    clusters = {room.launch(digit) for digit in "0123456789abcdef"}
    missed = []
    for _ in range(3):
        room.clock.sleep(60)
        looked = look(room.emr(), OWNER, room.clock.now(), room.until(2), Known())
        missed.append({each.cluster_id for each in looked.faults})
        assert missed[-1] | {each.cluster_id for each in looked.seen} == clusters
    assert all(0 < len(each) < 16 for each in missed)
    assert set.intersection(*missed) != missed[0]
