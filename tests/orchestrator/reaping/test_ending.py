"""All clusters end that can be ended, whatever becomes of one of them."""

from orchestrator.reaping.deciding import Rule, Sentence
from orchestrator.reaping.ending import end
from tests.orchestrator.reaping.fleet_room import Room


def sentence(cluster_id: str, *, lift: bool = False) -> Sentence:
    return Sentence(cluster_id, "nightly", "", Rule.LIFETIME, lift)


def test_clusters_end_ten_a_call_and_protected_ones_after_their_protection_is_lifted() -> None:
    room = Room()
    plain = [room.launch(digit) for digit in "0123456789a"]
    protected = room.launch("b", instances={"TerminationProtected": True})
    before = len(room.calls())
    faults = end(room.emr(), [sentence(protected, lift=True), *map(sentence, plain)], room.until())
    assert faults == []
    assert {room.state(each) for each in [*plain, protected]} == {"TERMINATING"}
    assert room.calls()[before:] == [
        "TerminateJobFlows",
        "TerminateJobFlows",
        "SetTerminationProtection",
        "TerminateJobFlows",
    ]


def test_one_that_is_protected_meanwhile_is_told_and_the_others_end() -> None:
    room = Room()
    protected = room.launch("a", instances={"TerminationProtected": True})
    plain = room.launch("b")
    [fault] = end(room.emr(), [sentence(protected), sentence(plain)], room.until())
    assert (fault.cluster_id, fault.name) == (protected, "nightly")
    assert "termination protected" in fault.error
    assert (room.state(protected), room.state(plain)) == ("STARTING", "TERMINATING")


def test_one_that_emr_does_not_know_does_not_keep_the_others_alive() -> None:
    room = Room()
    clusters = [room.launch("a"), room.launch("b", instances={"TerminationProtected": True})]
    sentences = [
        sentence("j-NONE"),
        sentence(clusters[0]),
        sentence("j-NEITHER", lift=True),
        sentence(clusters[1], lift=True),
    ]
    faults = end(room.emr(), sentences, room.until())
    assert [each.cluster_id for each in faults] == ["j-NONE", "j-NEITHER"]
    assert [room.state(each) for each in clusters] == ["TERMINATING", "TERMINATING"]


def test_one_that_somebody_else_has_ended_is_no_fault() -> None:
    room = Room()
    cluster = room.launch("a", instances={"TerminationProtected": True})
    room.emr().lift_protection(cluster, room.until())
    room.emr().terminate([cluster], room.until())
    assert end(room.emr(), [sentence(cluster, lift=True)], room.until()) == []


def test_where_aws_does_not_answer_each_that_goes_on_is_told() -> None:
    room = Room()
    clusters = [room.launch("a"), room.launch("b")]
    room.fault("throttled", operation="TerminateJobFlows")
    faults = end(room.emr(), [sentence(each) for each in clusters], room.until(60))
    assert [each.cluster_id for each in faults] == clusters
    assert all(
        "throttled until the time was over" in each.error or "not called" in each.error for each in faults
    )
