"""What the commands share: the world, and what is said once."""

import pytest

from orchestrator.commands import asking
from orchestrator.commands.asking import Saying, edge_of, tell_warnings
from orchestrator.commands.context import context
from orchestrator.packaging.artifacts import Artifacts
from orchestrator.packaging.deploy import Collected
from orchestrator.planning.standing import Standing
from orchestrator.plans import ClusterKind, Plan, PlannedCluster
from orchestrator.verbs.plan import Planned
from tests.orchestrator.commands.conftest import Shop


def test_the_world_of_a_local_command_is_quick(shop: Shop) -> None:
    found = context(local=True, profile=None, region=None, bucket=None)
    assert edge_of(found).bounds == asking.LOCAL_BOUNDS
    assert edge_of(found, 3.0).bounds.poll_s == 3.0
    assert edge_of(found, 3.0).bounds.takeover_s == asking.LOCAL_BOUNDS.takeover_s
    assert shop.state == []
    assert edge_of(found).nonce() != edge_of(found).nonce()


def test_what_was_said_last_is_not_said_again(capsys: pytest.CaptureFixture[str]) -> None:
    saying = Saying()
    for text in ("a", "a", "b", "b", "a"):
        saying.say(text)
    assert capsys.readouterr().err.splitlines() == ["a", "b", "a"]


@pytest.mark.parametrize(
    ("request_", "cluster_id", "told"),
    [({"Name": "x"}, None, "advice\n"), ({"Name": "x"}, "j-1", ""), (None, None, "")],
)
def test_advice_is_given_where_a_cluster_is_launched(
    capsys: pytest.CaptureFixture[str], request_: dict[str, str] | None, cluster_id: str | None, told: str
) -> None:
    cluster = PlannedCluster(kind=ClusterKind.SHARED, why="", base="a" * 20, request=request_)
    plan = Plan(name="", run_id="r1", key="", bucket="b", cluster=cluster, warnings=["advice"])
    tell_warnings(Planned(plan, Collected(Artifacts("", {}, {}), ()), Standing(None, cluster_id)))
    assert capsys.readouterr().err == told
