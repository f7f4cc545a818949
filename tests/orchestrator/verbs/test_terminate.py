"""What is ended is ours, and named without doubt; all of it or nothing."""

import pytest

from orchestrator.errors import RefusedError, UsageError
from orchestrator.identity import Token, named
from orchestrator.ownership import Ownership
from orchestrator.verbs.terminate import Target, targets, terminate
from tests.orchestrator.reaping.fleet_room import OWNER, Room

FULL = named("nightly", Token("a" * 20))


def find(room: Room, *wanted: str, lift: bool = False) -> list[Target]:
    return targets(room.emr(), OWNER, wanted, room.until(), is_protection_lifted=lift)


@pytest.mark.parametrize("wanted", ["nightly", FULL, str(Token("a" * 20))])
def test_a_cluster_is_found_by_name_and_token(wanted: str) -> None:
    room = Room()
    cluster = room.launch("a")
    room.launch_other("nightly")
    assert (
        find(room, wanted) == find(room, cluster) == [Target(cluster, FULL, "STARTING", is_protected=False)]
    )


def test_all_that_is_named_ends_and_what_has_ended_is_fine() -> None:
    room = Room()
    first, second, other = room.launch("a"), room.launch("b"), room.launch("c")
    assert terminate(room.emr(), find(room, first), room.until()) == []
    found = find(room, first, second, second)
    assert [(each.cluster_id, each.is_active) for each in found] == [(first, False), (second, True)]
    assert terminate(room.emr(), found, room.until()) == []
    assert [room.state(each) for each in (first, second, other)] == ["TERMINATING", "TERMINATING", "STARTING"]


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_ended() -> None:
    room = Room()
    ours, same = room.launch("a"), room.launch("b")
    untagged = room.launch_other(named("x", Token("c" * 20)))
    unnamed = room.launch_other("stranger", Tags=Ownership(OWNER).tags())
    protected = room.launch(
        "d", instances={"TerminationProtected": True}, name=named("kept", Token("d" * 20))
    )
    with pytest.raises(UsageError) as raised:
        find(room, ours, untagged, unnamed, protected, "nightly", "stranger", "j-NONE")
    first, second = sorted((ours, same))
    not_ours = (
        f"is not ours: expected a token at the end of its name and the tag emr-job-suite:owner={OWNER}; "
        "aws emr terminate-clusters ends what is not"
    )
    accepted = "expected an id (j-…), a name or a token: orchestrator list shows them"
    assert str(raised.value).splitlines() == [
        "nothing was ended:",
        f"{untagged}: 'x (ejs-{'c' * 20}-1)' {not_ours}",
        f"{unnamed}: 'stranger' {not_ours}",
        f"{protected}: kept (ejs-{'d' * 20}-1) is protected from termination; --lift-protection ends it all the same",
        f"nightly: 2 clusters have this name; name one by its id: {first}, {second}",
        f"stranger: no active cluster of ours has this name; {accepted}",
        "j-NONE: EMR knows no such cluster in this Region (Cluster id 'j-NONE' is not valid.)",
    ]
    assert room.state(ours) == "STARTING"


def test_a_protected_one_ends_where_that_is_asked_for() -> None:
    room = Room()
    cluster = room.launch("a", instances={"TerminationProtected": True})
    assert terminate(room.emr(), find(room, cluster, lift=True), room.until()) == []
    assert room.state(cluster) == "TERMINATING"
    assert find(room, cluster) == [Target(cluster, FULL, "TERMINATING", is_protected=False)]


def test_what_aws_refuses_is_no_fault_of_the_name() -> None:
    room = Room()
    cluster = room.launch("a")
    room.fault("throttled")
    with pytest.raises(Exception, match="EMR DescribeCluster: throttled") as raised:
        targets(room.emr(), OWNER, [cluster], room.until(60), is_protection_lifted=False)
    assert not isinstance(raised.value, UsageError | RefusedError)
