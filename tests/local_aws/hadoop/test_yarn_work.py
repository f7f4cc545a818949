"""A step on YARN, from its request to its end; with Spark itself in tests/test_local_yarn.py."""

from pathlib import Path
from typing import Any
from unittest.mock import sentinel

import pytest

from local_aws.emr.entities import Cluster, Status, Step
from local_aws.emr.world import Outcome
from local_aws.hadoop.cluster import HadoopCluster
from local_aws.hadoop.yarn_work import YarnWork, applications
from local_aws.running.memory import Memory
from local_aws.running.spark_step import Prepared
from local_aws.running.work import Work
from local_aws.running.workshop import Workshop
from tests.local_aws.hadoop import javas
from tests.local_aws.hadoop.planning import instance, plan
from tests.local_aws.hadoop.standing import standing
from tests.local_aws.running import checkout
from tests.local_aws.waiting import until

CORE = instance("1")


def step_of(folder: Path, hadoop: HadoopCluster, *arguments: str) -> YarnWork:
    """Make a step with arguments."""
    made = checkout.make(folder / "checkout")
    shop = Workshop(folder, "http://e", sentinel.s3, {}, lambda do: do(), 0, 0, Memory(9000), made)
    request = {"ReleaseLabel": "emr-7.14.0", "LogUri": "s3://b/logs/"}
    cluster = Cluster(
        "j-1", request, Status("RUNNING", 0), keeps_alive=True, is_protected=False, concurrency=1, tags={}
    )
    config: dict[str, Any] = {"HadoopJarStep": {"Jar": "command-runner.jar", "Args": list(arguments)}}
    return YarnWork(shop, hadoop, cluster, Step("s-1", config, Status("RUNNING", 0)))


def run(folder: Path, *arguments: str, breaks: bool = False) -> tuple[Outcome, str]:
    """Run a step of a cluster whose HDFS cannot start, or that has ended; return its outcome and controller log."""
    java = javas.make(folder)
    if breaks:
        (folder / "java/bin/java.code").write_text("1")
    hadoop = HadoopCluster(plan(folder, java))
    if breaks:
        hadoop.start()
    else:
        hadoop.stop()
    ended: list[Outcome] = []
    work = Work(folder / "steps" / "s-1", step_of(folder, hadoop, *arguments).run, ended.append)
    work.begin()
    work.join()
    hadoop.stop()
    hadoop.join()
    return ended[0], (work.folder / "controller").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("s3-dist-cp", "--src=/a", "--dest=/b", "--groupBy=x"), "got --groupBy"),
        (("hive-script", "x"), "expected spark-submit"),
        (("spark-submit", "j.py"), "stopped before they were ready"),
    ],
)
def test_what_cannot_run_is_told(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    outcome, controller = run(tmp_path, *arguments)
    assert outcome.exit_code == 1
    assert outcome.failure is not None
    assert outcome.failure["Reason"] == "The local engine cannot run this step."
    assert outcome.failure["LogFile"] == "s3://b/logs/j-1/steps/s-1/controller.gz"
    assert words in outcome.failure["Message"]
    assert words in controller


def test_a_step_of_a_cluster_whose_hdfs_cannot_start_fails(tmp_path: Path) -> None:
    outcome, controller = run(tmp_path, "spark-submit", "j.py", breaks=True)
    assert outcome.failure is not None
    assert "cannot format HDFS" in outcome.failure["Message"]
    assert "waits for HDFS and YARN" in controller


def test_a_step_that_is_cancelled_ends_its_applications_and_leaves_their_logs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(YarnWork, "_prepare", lambda *_: Prepared(["sleep", "600"], {}, 1, []))
    with standing(tmp_path, monkeypatch) as made:
        made.cluster.add(CORE)
        made.cluster.start()
        until(lambda: made.cluster.live_nodes == 1)
        made.tell_applications("s-1", "application_7_0001")
        logs = made.cluster.nodes[0].folder / "containers/application_7_0001/container_7_0001_01_000001"
        logs.mkdir(parents=True)
        ended: list[Outcome] = []
        work = Work(tmp_path / "steps" / "s-1", step_of(tmp_path, made.cluster).run, ended.append)
        work.begin()
        until(lambda: "started child process" in (work.folder / "controller").read_text())
        work.stop(is_forced=True)
        until(lambda: made.killed("application_7_0001") > 1)
        assert not ended  # not before YARN has ended it
        made.tell_applications("s-1", "application_7_0001", is_ended=True)
        work.join()
        assert [one.exit_code for one in ended] == [137]
        assert work.logs_elsewhere() == {"containers/application_7_0001/container_7_0001_01_000001": logs}


def test_logs_of_containers_are_found_while_they_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["bash", "-c", "echo Submitted application_7_0001 >&2; sleep 600"]
    monkeypatch.setattr(YarnWork, "_prepare", lambda *_: Prepared(words, {"PATH": "/usr/bin:/bin"}, 1, []))
    with standing(tmp_path, monkeypatch) as made:
        made.cluster.add(CORE)
        made.cluster.start()
        until(lambda: made.cluster.live_nodes == 1)
        (made.cluster.nodes[0].folder / "containers/application_7_0001/container_1").mkdir(parents=True)
        work = Work(tmp_path / "steps" / "s-1", step_of(tmp_path, made.cluster).run, lambda _: None)
        work.begin()
        made.tell_applications("s-1")
        try:
            until(lambda: list(work.logs_elsewhere()) == ["containers/application_7_0001/container_1"])
        finally:
            work.stop(is_forced=True)
            work.join()


def test_applications_are_those_that_the_client_speaks_of(tmp_path: Path) -> None:
    assert applications(tmp_path) == []
    lines = "INFO Submitted application application_17_0002\nINFO report for application_17_0002 (state: RUNNING)\n"
    (tmp_path / "stderr").write_text(lines)
    assert applications(tmp_path) == ["application_17_0002"]
