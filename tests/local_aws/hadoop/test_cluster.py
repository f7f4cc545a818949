"""HDFS and YARN of one cluster, as its instances come and go; Hadoop itself is in tests/test_local_yarn.py."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from local_aws.hadoop import cluster as cluster_module
from local_aws.hadoop.cluster import HadoopCluster
from local_aws.hadoop.sizes import Sizes
from local_aws.running.spark_command import CannotRunError
from tests.local_aws.hadoop import javas
from tests.local_aws.hadoop.planning import instance, plan
from tests.local_aws.hadoop.standing import Standing, standing
from tests.local_aws.waiting import until

CORE = instance("1")


def test_what_cannot_start_is_told_to_who_waits(tmp_path: Path) -> None:
    java = javas.make(tmp_path)
    (tmp_path / "java/bin/java.code").write_text("1")
    cluster = HadoopCluster(plan(tmp_path, java))
    cluster.start()
    with pytest.raises(CannotRunError, match="cannot start: NotThereError: NameNode: cannot format HDFS"):
        cluster.wait_until_ready(threading.Event())
    cluster.stop()
    cluster.join()
    assert cluster.plan.memory.try_hold(12_000, leaving=0)


def test_who_waits_gives_up_when_stopped(tmp_path: Path) -> None:
    cluster = HadoopCluster(plan(tmp_path, javas.make(tmp_path)))
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(CannotRunError, match="stopped before they were ready"):
        cluster.wait_until_ready(stopped)
    cluster.stop()
    cluster.join()


def test_an_instance_without_a_node_is_always_drained(tmp_path: Path) -> None:
    cluster = HadoopCluster(plan(tmp_path, javas.make(tmp_path)))
    waiting = instance("1", "TASK")
    cluster.add(waiting)
    assert cluster.is_drained(waiting)
    cluster.kill(waiting)
    assert cluster.node_of("127.0.0.2") is None
    cluster.stop()
    cluster.join()


@contextmanager
def waiting_for(made: Standing) -> Iterator[Future[None]]:
    """Wait for a cluster in a thread, which ends with the block."""
    stopped = threading.Event()
    with ThreadPoolExecutor() as threads:
        try:
            yield threads.submit(made.cluster.wait_until_ready, stopped)
        finally:
            stopped.set()


def test_patience_with_a_second_cluster_begins_once_it_has_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(cluster_module, "monotonic", lambda: now[0])
    with standing(tmp_path, monkeypatch, mib=6000) as made:
        memory = made.cluster.plan.memory
        assert memory.try_hold(4000, leaving=Sizes.CLIENT)  # the first cluster
        made.cluster.start()
        made.cluster.add(CORE)
        with waiting_for(made) as waiting:
            now[0] = 1000.0
            with pytest.raises(TimeoutError):
                waiting.result(0.5)
            memory.let_go(4000)
            until(lambda: made.cluster.live_nodes == 1)
            with pytest.raises(TimeoutError):
                waiting.result(0.5)
            made.tell(running=["127.0.0.2"])
            made.tell_blocks({"127.0.0.2": "In Service"})
            assert waiting.result(30) is None
        made.tell(running=[])
        with waiting_for(made) as waiting:
            with pytest.raises(TimeoutError):
                waiting.result(0.5)
            now[0] = 1200.0
            with pytest.raises(CannotRunError, match="expected to be ready within 180 s, are not"):
                waiting.result(30)


def test_a_machine_that_is_too_small_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = r"cannot start: memory: expected at least 4192 MiB .* got 4000"
    with standing(tmp_path, monkeypatch, mib=4000) as made:
        made.cluster.start()
        with waiting_for(made) as waiting, pytest.raises(CannotRunError, match=told):
            waiting.result(30)


def test_a_node_has_what_the_machine_carries_and_its_memory_goes_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with standing(tmp_path, monkeypatch, mib=9000) as made:  # two nodes' worth
        first, second = instance("2", "TASK"), instance("3", "TASK")
        for one in (first, second, CORE):
            made.cluster.add(one)
        made.cluster.start()
        until(lambda: made.ran("NodeManager") == 2)
        assert [node.instance for node in made.cluster.nodes] == [CORE, first]
        data = made.cluster.nodes[1].folder / "local"
        data.mkdir()
        made.cluster.kill(first)
        until(lambda: made.ran("NodeManager") == 3)
        assert made.cluster.nodes[2].instance is second
        assert not data.exists()


def test_what_a_cluster_kept_in_hdfs_is_gone_with_it_and_its_logs_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with standing(tmp_path, monkeypatch) as made:
        made.cluster.add(CORE)
        made.cluster.start()
        until(lambda: made.ran("NodeManager") == 1)
        (node,), folder = made.cluster.nodes, made.cluster.plan.folder
        for path in (folder / "name", node.folder / "datanode/data", node.folder / "containers"):
            path.mkdir()
        made.cluster.stop()
        made.cluster.join()
        assert not (folder / "name").exists()
        assert not (node.folder / "datanode/data").exists()
        assert made.cluster.container_folders == [node.folder / "containers"]
        assert (node.folder / "containers").exists()
        assert made.cluster.plan.memory.takeable == 20_000
