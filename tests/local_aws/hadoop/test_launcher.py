"""How daemons are started."""

import threading
from pathlib import Path

import pytest

from local_aws.hadoop.launcher import Launcher, Node
from local_aws.hadoop.rest import NotThereError
from tests.local_aws.hadoop import javas
from tests.local_aws.hadoop.planning import instance, plan

ROLES = [("CORE", ["DataNode", "NodeManager"]), ("TASK", ["NodeManager"])]


@pytest.mark.parametrize(("role", "daemons"), ROLES)
def test_a_core_node_has_a_part_of_hdfs_and_a_task_node_has_not(
    tmp_path: Path, role: str, daemons: list[str]
) -> None:
    java = javas.make(tmp_path)
    launcher = Launcher(plan(tmp_path, java))
    node = Node(instance("1", role), tmp_path / "node", "127.0.0.2")
    launcher.start_node(java, node)
    assert len(node.trees) == len(daemons)
    for tree in node.trees:
        tree.end(is_forced=True)
        tree.wait()
    assert "127.0.0.2:0" in (tmp_path / "node" / "conf" / "yarn-site.xml").read_text()


def test_nothing_is_started_for_a_node_that_is_gone_or_a_cluster_that_has_ended(tmp_path: Path) -> None:
    java = javas.make(tmp_path)
    launcher = Launcher(plan(tmp_path, java))
    gone = Node(instance("1"), tmp_path / "gone", "127.0.0.2", is_gone=True)
    launcher.start_node(java, gone)
    launcher.ended.set()
    launcher.start_primary(java)
    assert (gone.trees, launcher.primary) == ([], [])


def test_hdfs_that_cannot_be_formatted_is_told(tmp_path: Path) -> None:
    java = javas.make(tmp_path)
    (tmp_path / "java/bin/java.code").write_text("1")
    launcher = Launcher(plan(tmp_path, java))
    with pytest.raises(NotThereError, match="cannot format HDFS"):
        launcher.start_primary(java)
    launcher.primary[0].end(is_forced=True)
    launcher.primary[0].wait()


def test_a_daemon_that_ends_before_it_answers_is_told(tmp_path: Path) -> None:
    java = javas.make(tmp_path)
    launcher = Launcher(plan(tmp_path, java))

    def kill() -> None:
        while len(launcher.primary) < 2:
            threading.Event().wait(0.01)
        for tree in launcher.primary:
            tree.end(is_forced=True)
            tree.wait()

    thread = threading.Thread(target=kill)
    thread.start()
    with pytest.raises(NotThereError, match="resourcemanager has ended"):
        launcher.start_primary(java)
    thread.join()
