"""Each law can be broken."""

import pytest

from benchmarks.emr_chaos.chaos import Chaos
from benchmarks.emr_chaos.laws import BrokenLawError
from benchmarks.emr_chaos.requests import step
from local_aws.emr.entities import Cluster
from local_aws.emr.market import Pool


@pytest.fixture
def chaos() -> Chaos:
    """Give a cluster that runs a step, and see that no law is broken by it."""
    made = Chaos("a")
    made.do("launch", [step("long"), step("long")], True, "SWITCH_TO_ON_DEMAND")
    made.do("advance", 3600)
    made.laws.check()
    made.laws.check_times()
    return made


def cluster_of(chaos: Chaos) -> Cluster:
    return chaos.emr.cluster(chaos.pick(0))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("j-1 WAITING", "j-1: STARTING to WAITING"),
        ("s-1 COMPLETED", "s-1: PENDING to COMPLETED"),
        ("if-1 GONE", "if-1: PROVISIONING to GONE"),
    ],
)
def test_a_state_that_cannot_follow_is_named(chaos: Chaos, line: str, words: str) -> None:
    chaos.emr.world.say(*line.split(" "))
    with pytest.raises(BrokenLawError, match=words):
        chaos.laws.check()


def test_capacity_that_nobody_has_is_named(chaos: Chaos) -> None:
    chaos.emr.world.supply.market.take(Pool("m5.xlarge", "us-east-1a"))
    with pytest.raises(BrokenLawError, match="used of Spot"):
        chaos.laws.check()


def test_more_steps_at_once_than_there_may_be_are_named(chaos: Chaos) -> None:
    chaos.do("concurrency", 0, 2)
    chaos.do("advance", 60)
    chaos.laws.check()
    cluster_of(chaos).steps += cluster_of(chaos).steps[:1]
    with pytest.raises(BrokenLawError, match="3 steps at once, 3 active, at most 2"):
        chaos.laws.check()


def test_what_outlives_its_cluster_is_named(chaos: Chaos) -> None:
    cluster_of(chaos).status.state = "TERMINATED"
    with pytest.raises(BrokenLawError, match="has ended, and something of it has not"):
        chaos.laws.check()


def test_what_ended_before_it_began_or_at_no_time_is_named(chaos: Chaos) -> None:
    status = cluster_of(chaos).steps[0].status
    status.ended_at = 0
    with pytest.raises(BrokenLawError, match="times out of order"):
        chaos.laws.check_times()
    status.state, status.ended_at = "FAILED", None
    with pytest.raises(BrokenLawError, match="nobody knows since when"):
        chaos.laws.check_times()


def test_what_is_under_way_for_ever_is_named(chaos: Chaos) -> None:
    cluster_of(chaos).collections[1].on_demand_target += 1
    with pytest.raises(BrokenLawError, match=f"still under way: {chaos.pick(0)}"):
        chaos.laws.check_settled()


def test_only_spot_that_the_market_never_has_may_be_waited_for_without_end(
    chaos: Chaos, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = iter([0] * 30 + [1] * 1000)
    monkeypatch.setattr(chaos.emr.world.supply, "spot_available", lambda *_: next(given))
    core = cluster_of(chaos).collections[1]
    core.spot_target = 1
    with pytest.raises(BrokenLawError, match="still under way"):
        chaos.laws.check_settled()
    monkeypatch.setattr(chaos.emr.world.supply, "spot_available", lambda *_: 0)
    chaos.laws.check_settled()
    core.on_demand_target += 1
    with pytest.raises(BrokenLawError, match="still under way"):
        chaos.laws.check_settled()
