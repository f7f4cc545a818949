"""Which clusters have to end: each rule at its edge, and one beyond."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.identity import Token, named
from orchestrator.ownership import Ownership
from orchestrator.reaping.deciding import Knowledge, Rule, Seen, Sentence, decide, lead_s, may_be_idle

NOW = 1_767_225_600.0
TOKEN = Token("a" * 20)
LIMITS = Ownership("mine", "r1", 3600, 600)
NOTHING = Ownership("mine")


def seen(cluster_id: str = "j-1", age_s: float = 1000, **further: object) -> Seen:
    made = Seen(cluster_id, named("nightly", TOKEN), TOKEN, LIMITS, "WAITING", NOW - age_s)
    return replace(made, **further)  # type: ignore[arg-type] # fields by name


def rules(clusters: list[Seen], knowledge: Knowledge | None = None) -> dict[str, Rule]:
    return {each.cluster_id: each.rule for each in decide(clusters, NOW, knowledge or Knowledge())}


@pytest.mark.parametrize("state", ["STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING"])
@pytest.mark.parametrize(("age_s", "found"), [(3479.9, {}), (3480, {"j-1": Rule.LIFETIME})])
def test_lifetime(state: str, age_s: float, found: dict[str, Rule]) -> None:
    assert rules([seen(age_s=age_s, state=state)]) == found


@pytest.mark.parametrize(
    ("state", "idle_s", "found"),
    [
        ("WAITING", 599.9, {}),
        ("WAITING", 600, {"j-1": Rule.IDLE}),
        ("WAITING", None, {}),
        ("RUNNING", 900, {}),
        ("BOOTSTRAPPING", 900, {}),
    ],
)
def test_idleness(state: str, idle_s: float | None, found: dict[str, Rule]) -> None:
    since = None if idle_s is None else NOW - idle_s
    assert rules([seen(state=state, idle_since=since)]) == found


@pytest.mark.parametrize(
    ("state", "age_s", "found"),
    [
        ("STARTING", 7199.9, {}),
        ("STARTING", 7200, {"j-1": Rule.STUCK}),
        ("BOOTSTRAPPING", 7200, {"j-1": Rule.STUCK}),
        ("RUNNING", 7200, {}),
        ("WAITING", 7200, {}),
    ],
)
def test_being_stuck(state: str, age_s: float, found: dict[str, Rule]) -> None:
    assert rules([seen(age_s=age_s, state=state, ownership=NOTHING)]) == found


@pytest.mark.parametrize(
    ("is_over", "further", "found"),
    [
        (True, {}, {"j-1": Rule.ORPHAN}),
        (False, {}, {}),
        (None, {}, {}),
        (True, {"state": "RUNNING"}, {}),
        (True, {"is_kept_alive": False}, {}),
        (True, {"ownership": NOTHING}, {}),
        (True, {"is_protected": True}, {}),
    ],
)
def test_orphans(is_over: bool | None, further: dict[str, object], found: dict[str, Rule]) -> None:
    assert (
        rules([seen("j-1", 1000, **further)], Knowledge(is_over=lambda run: is_over if run == "r1" else None))
        == found
    )


@pytest.mark.parametrize(
    ("recorded", "kept"), [(None, "j-2"), ("j-3", "j-3"), ("j-1", "j-1"), ("j-GONE", "j-2")]
)
def test_of_clusters_with_one_token_the_recorded_or_else_the_oldest_stays(
    recorded: str | None, kept: str
) -> None:
    clusters = [
        seen("j-1", 10, state="RUNNING"),
        seen("j-2", 20, state="RUNNING"),
        seen("j-3", 20, state="RUNNING"),
    ]
    found = rules(clusters, Knowledge(recorded=lambda token: recorded if token == TOKEN else None))
    assert found == {each: Rule.DUPLICATE for each in ("j-1", "j-2", "j-3") if each != kept}


def test_another_number_is_another_token() -> None:
    assert rules([seen("j-1"), seen("j-2", token=Token(TOKEN.base, 2))]) == {}


@pytest.mark.parametrize(
    ("further", "found"),
    [
        ({"age_s": 3480}, {"j-1": Rule.LIFETIME}),
        ({"state": "STARTING", "age_s": 7200, "ownership": NOTHING}, {"j-1": Rule.STUCK}),
        ({"idle_since": NOW - 900}, {}),
    ],
)
def test_protection_is_lifted_for_a_limit_and_what_never_ran_and_respected_otherwise(
    further: dict[str, object], found: dict[str, Rule]
) -> None:
    sentences = decide([seen(is_protected=True, **further)], NOW, Knowledge())  # type: ignore[arg-type] # by name
    assert {each.cluster_id: each.rule for each in sentences} == found
    assert all(each.must_lift_protection for each in sentences)


@pytest.mark.parametrize(("lifetime_s", "lead"), [(300, 30), (1200, 120), (86_400, 120)])
def test_a_cluster_is_asked_to_end_a_round_before_its_limit(lifetime_s: float, lead: float) -> None:
    assert lead_s(lifetime_s) == lead


def test_without_limits_a_cluster_lives_on() -> None:
    assert rules([seen(age_s=1e8, ownership=NOTHING, idle_since=NOW - 1e8)]) == {}


def test_a_sentence_says_which_cluster_and_why() -> None:
    assert decide([seen(age_s=4000)], NOW, Knowledge()) == [
        Sentence("j-1", named("nightly", TOKEN), "lives for 4000 s, allowed 3600 s", Rule.LIFETIME, False)
    ]


@pytest.mark.parametrize(
    ("further", "may_be"),
    [
        ({"age_s": 600}, True),
        ({"age_s": 599}, False),
        ({"state": "RUNNING"}, False),
        ({"is_protected": True}, False),
        ({"ownership": NOTHING}, False),
    ],
)
def test_steps_are_asked_for_only_where_a_cluster_may_be_idle(
    further: dict[str, object], may_be: bool
) -> None:
    assert may_be_idle(seen(**further), NOW) is may_be  # type: ignore[arg-type] # by name


CLUSTERS = st.lists(
    st.builds(
        Seen,
        st.integers(0, 9).map(lambda number: f"j-{number}"),
        st.just("x"),
        st.sampled_from([TOKEN, Token(TOKEN.base, 2)]),
        st.sampled_from([LIMITS, NOTHING]),
        st.sampled_from(["STARTING", "RUNNING", "WAITING"]),
        st.floats(0, 5000).map(lambda age: NOW - age),
        st.none() | st.floats(0, 5000).map(lambda idle: NOW - idle),
        st.booleans(),
        st.booleans(),
    ),
    unique_by=lambda each: each.cluster_id,
    max_size=8,
)


@settings(max_examples=100)
@given(CLUSTERS, st.none() | st.integers(0, 9).map(lambda number: f"j-{number}"))
def test_of_each_token_one_cluster_stays_unless_it_has_reached_a_limit(
    clusters: list[Seen], recorded: str | None
) -> None:
    sentences = decide(clusters, NOW, Knowledge(recorded=lambda _: recorded))
    ended = {each.cluster_id: each.rule for each in sentences}
    assert len(ended) == len(sentences)
    for token in {each.token for each in clusters}:
        same = [each.cluster_id for each in clusters if each.token == token]
        assert [each for each in same if ended.get(each) is not Rule.DUPLICATE]
