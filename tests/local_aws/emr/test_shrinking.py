"""Which instances go when a fleet is to be smaller."""

from hypothesis import given
from hypothesis import strategies as st

from local_aws.emr.entities import ON_DEMAND, SPOT, Collection, Instance, Status
from local_aws.emr.shrinking import surplus

weights = st.lists(st.tuples(st.sampled_from([ON_DEMAND, SPOT]), st.integers(1, 4)), max_size=8)


def fleet(role: str, on_demand: int, spot: int, instances: list[tuple[str, int]]) -> Collection:
    made = Collection("if-1", role, {}, False, Status("RUNNING", 0), on_demand, spot)
    made.instances = [
        Instance(
            f"ci-{number}", "if-1", role, "m5.xlarge", market, weight, "us-east-1a", Status("RUNNING", 0)
        )
        for number, (market, weight) in enumerate(instances)
    ]
    return made


def gone(found: Collection) -> list[str]:
    return [instance.id for instance in surplus(found)]


def test_the_newest_go_first_and_what_is_left_makes_the_target() -> None:
    assert gone(fleet("TASK", 0, 2, [(SPOT, 1)] * 4)) == ["ci-3", "ci-2"]
    assert gone(fleet("TASK", 0, 2, [(SPOT, 1), (SPOT, 4)])) == ["ci-0"]
    assert gone(fleet("TASK", 1, 0, [(ON_DEMAND, 1), (SPOT, 1)])) == ["ci-1"]


def test_a_core_node_and_the_primary_stay() -> None:
    assert gone(fleet("CORE", 0, 0, [(ON_DEMAND, 1), (SPOT, 1)])) == ["ci-1"]
    assert gone(fleet("MASTER", 0, 0, [(ON_DEMAND, 1)])) == []


@given(st.sampled_from(["CORE", "TASK"]), st.integers(0, 9), st.integers(0, 9), weights)
def test_no_target_is_missed_by_letting_go_and_no_more_could_go(
    role: str, on_demand: int, spot: int, instances: list[tuple[str, int]]
) -> None:
    found = fleet(role, on_demand, spot, instances)
    before = {market: found.missing(market) for market in (ON_DEMAND, SPOT)}
    leaving = set(gone(found))
    found.instances = [one for one in found.instances if one.id not in leaving]
    assert {market: found.missing(market) for market in (ON_DEMAND, SPOT)} == before
    assert role == "TASK" or len(found.instances) >= min(1, len(instances))
    assert gone(found) == []
