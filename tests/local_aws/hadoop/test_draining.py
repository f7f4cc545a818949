"""Nodes that leave, and come back; on Hadoop itself in tests/test_local_yarn.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.emr.entities import Instance
from tests.local_aws.hadoop.answering import DATA_NODES
from tests.local_aws.hadoop.planning import instance
from tests.local_aws.hadoop.standing import Standing, standing
from tests.local_aws.waiting import until

CORE, TASK = instance("1"), instance("2", "TASK")
CORE_HOST, TASK_HOST = "127.0.0.2", "127.0.0.3"
IN_SERVICE, DONE = "In Service", "Decommissioned"


@pytest.fixture
def stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Standing]:
    """Give a cluster of a core and a task node, which are there."""
    with standing(tmp_path, monkeypatch) as made:
        made.tell(running=[CORE_HOST, TASK_HOST])
        made.tell_blocks({CORE_HOST: IN_SERVICE})
        made.cluster.start()
        for one in (CORE, TASK):
            made.cluster.add(one)
        until(lambda: made.cluster.live_nodes == 2 and made.ran("NodeManager") == 2)
        yield made


def leave(stands: Standing, one: Instance, *, is_final: bool = False) -> None:
    """Let a node leave, until YARN has been told."""
    told = stands.ran("-refreshNodes -g")
    stands.cluster.drain(one, 120 if is_final else 3600, is_final=is_final)
    until(lambda: stands.ran("-refreshNodes -g") > told)


def test_a_node_is_drained_once_its_containers_have_ended(stands: Standing) -> None:
    stands.tell(running=[CORE_HOST], leaving=(TASK_HOST,))
    leave(stands, TASK)
    assert f"<name>{TASK_HOST}</name><timeout>3600</timeout>" in stands.excluded("yarn.exclude.xml")
    stands.until_asked("DECOMMISSIONING")
    assert not stands.cluster.is_drained(TASK)
    stands.tell(running=[CORE_HOST])
    until(lambda: stands.cluster.is_drained(TASK))
    assert not stands.ran("DFSAdmin")


def test_a_core_node_is_drained_once_hdfs_has_copied_its_blocks(stands: Standing) -> None:
    stands.tell_blocks({CORE_HOST: "Decommission In Progress"})
    leave(stands, CORE)
    stands.tell(running=[TASK_HOST])
    until(lambda: stands.ran("DFSAdmin -refreshNodes") == 1)
    assert stands.excluded("dfs.exclude") == "127.0.0.1:2\n"
    stands.until_asked(DATA_NODES)
    assert not stands.cluster.is_drained(CORE)
    stands.tell_blocks({CORE_HOST: DONE})
    until(lambda: stands.cluster.is_drained(CORE))


def test_a_node_that_is_kept_takes_containers_again(stands: Standing) -> None:
    leave(stands, CORE)
    until(lambda: stands.ran("DFSAdmin -refreshNodes") == 1)
    stands.cluster.keep(CORE)
    until(lambda: stands.ran("DFSAdmin -refreshNodes") == 2)
    assert stands.ran("-refreshNodes -g") == 2
    assert "<name>" not in stands.excluded("yarn.exclude.xml")
    assert not stands.excluded("dfs.exclude")
    assert stands.ran("NodeManager") == 2
    assert not stands.cluster.is_drained(CORE)


def test_a_node_that_yarn_had_let_go_gets_a_node_manager_again(stands: Standing) -> None:
    leave(stands, TASK)
    stands.tell(running=[CORE_HOST])
    until(lambda: stands.cluster.is_drained(TASK))
    node = next(one for one in stands.cluster.nodes if one.instance is TASK)
    assert node.manager is not None
    node.manager.end(is_forced=True)  # as YARN lets it end
    stands.cluster.keep(TASK)
    until(lambda: stands.ran("NodeManager") == 3)
    assert not stands.cluster.is_drained(TASK)


def test_after_a_notice_nothing_keeps_a_node_and_blocks_are_not_copied(stands: Standing) -> None:
    leave(stands, CORE, is_final=True)
    stands.cluster.keep(CORE)
    stands.cluster.drain(CORE, 3600, is_final=False)
    leave(stands, TASK)
    told = stands.excluded("yarn.exclude.xml")
    assert f"<name>{CORE_HOST}</name><timeout>120</timeout>" in told
    assert not stands.ran("DFSAdmin")
    stands.cluster.kill(CORE)
    assert stands.cluster.live_nodes == 1


def test_who_is_not_drained_has_its_time_all_the_same(
    stands: Standing, caplog: pytest.LogCaptureFixture
) -> None:
    (Path(stands.java.home) / "bin/java.code").write_text("1")
    stands.cluster.drain(TASK, 0, is_final=False)
    until(lambda: stands.cluster.is_drained(TASK))
    assert "its daemons do not know which nodes leave" in caplog.text


def test_an_instance_that_is_to_go_gets_no_node_before_it_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with standing(tmp_path, monkeypatch) as made:
        for one in (CORE, TASK):
            made.cluster.add(one)
        made.cluster.drain(TASK, 3600, is_final=False)
        assert made.cluster.is_drained(TASK)
        last = instance("3", "TASK")
        made.cluster.add(last)
        made.cluster.start()
        until(lambda: made.cluster.live_nodes == 2)
        assert [node.instance for node in made.cluster.nodes] == [CORE, last]
        made.cluster.keep(TASK)
        until(lambda: made.ran("NodeManager") == 3)
        assert not made.cluster.is_drained(TASK)
