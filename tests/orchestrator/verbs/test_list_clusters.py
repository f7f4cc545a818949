"""Our clusters as rows, with one call for all of them, or all that is to be known."""

from typing import Any

import pytest

from orchestrator.identity import Token, named
from orchestrator.ownership import Ownership
from orchestrator.verbs.list_clusters import Row, duration, fleets_text, list_clusters
from tests.orchestrator.reaping.fleet_room import OWNER, Room


def rows(room: Room, **further: bool) -> list[Row]:
    return list_clusters(room.emr(), OWNER, room.clock.now(), room.until(), **further)


def test_clusters_with_a_token_are_told_oldest_first_with_one_call() -> None:
    room = Room()
    first = room.launch("a")
    room.clock.sleep(3720)
    second = room.launch("b")
    room.launch_other("stranger")
    before = len(room.calls())
    found = rows(room)
    assert room.calls()[before:] == ["ListClusters"]
    assert [each.id for each in found] == [first, second]
    assert found[0] == Row(
        id=first,
        name="nightly",
        token=str(Token("a" * 20)),
        state="WAITING",
        reason="Cluster ready to run steps.",
        created="2026-01-01T00:00:00+00:00",
        age="1 h 2 min",
        age_s=3720,
    )


def test_wide_tells_limits_and_fleets_of_those_with_our_tag() -> None:
    room = Room()
    ours = room.launch("a", Ownership(OWNER, None, 7200))
    room.launch_other(named("another's", Token("b" * 20)), Tags=Ownership("another").tags())
    room.clock.sleep(3600)
    assert len(rows(room)) == 2
    [found] = rows(room, is_wide=True)
    assert (found.id, found.owner, found.lifetime_left, found.lifetime_left_s) == (ours, OWNER, "1 h", 3600)
    assert found.fleets == "CORE 2/2, MASTER 1/1"


def test_those_that_have_ended_are_told_where_they_are_asked_for() -> None:
    room = Room()
    cluster = room.launch("a")
    room.clock.sleep(1800)
    room.emr().terminate([cluster], room.until())
    room.clock.sleep(3600)
    assert rows(room) == []
    [found] = rows(room, with_ended=True)
    assert (found.state, found.reason) == ("TERMINATED", "USER_REQUEST: Terminated by user request")
    assert 1800 < found.age_s < 2400
    [wide] = rows(room, with_ended=True, is_wide=True)
    assert (wide.owner, wide.lifetime_left) == (OWNER, None)


@pytest.mark.parametrize(
    ("length_s", "text"),
    [
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (90_061, "1 d 1 h"),
        (-90, "-1 min 30 s"),
    ],
)
def test_a_length_of_time_is_told_in_two_units(length_s: float, text: str) -> None:
    assert duration(length_s) == text


@pytest.mark.parametrize(
    ("figures", "text"),
    [
        ({"TargetOnDemandCapacity": 2, "ProvisionedOnDemandCapacity": 1}, "TASK 1/2"),
        ({"TargetSpotCapacity": 4, "ProvisionedSpotCapacity": 5}, "TASK 5/4 Spot"),
        (
            {
                "TargetOnDemandCapacity": 1,
                "ProvisionedOnDemandCapacity": 1,
                "TargetSpotCapacity": 4,
                "ProvisionedSpotCapacity": 0,
            },
            "TASK 1/1 0/4 Spot",
        ),
        ({}, "TASK 0/0"),
    ],
)
def test_a_fleet_is_told_by_what_it_has_of_what_it_wants(figures: dict[str, Any], text: str) -> None:
    assert fleets_text([{"InstanceFleetType": "TASK", **figures}]) == text
