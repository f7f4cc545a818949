"""HDFS and YARN of one cluster, as its instances come and go; Hadoop itself is in tests/test_local_yarn.py."""

import threading
from pathlib import Path

import pytest

from local_aws.hadoop.cluster import HadoopCluster
from local_aws.running.spark_command import CannotRunError
from tests.local_aws.hadoop import javas
from tests.local_aws.hadoop.planning import instance, plan


def test_what_cannot_start_is_told_to_who_waits(tmp_path: Path) -> None:
    java = javas.make(tmp_path)
    (tmp_path / "java/bin/java.code").write_text("1")
    cluster = HadoopCluster(plan(tmp_path, java))
    cluster.start()
    with pytest.raises(CannotRunError, match="cannot start: NotThereError: NameNode: cannot format HDFS"):
        cluster.wait_until_ready(threading.Event())
    cluster.stop()
    cluster.join()
    assert cluster.plan.memory.try_take(12_000, leaving=0)


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


def test_a_cluster_that_waits_for_memory_can_be_ended(tmp_path: Path) -> None:
    made = plan(tmp_path, javas.make(tmp_path))
    assert made.memory.take(12_000, threading.Event())
    cluster = HadoopCluster(made)
    cluster.start()
    made.memory.until_waiting(1)
    cluster.stop()
    cluster.join()
    made.memory.give_back(12_000)
    assert made.memory.try_take(12_000, leaving=0)
