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
from local_aws.running.work import Work
from local_aws.running.workshop import Workshop
from tests.local_aws.hadoop import javas
from tests.local_aws.hadoop.planning import plan
from tests.local_aws.running import checkout


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
    made = checkout.make(folder / "checkout")
    shop = Workshop(folder, "http://e", sentinel.s3, {}, lambda do: do(), 0, 0, Memory(9000), made)
    request = {"ReleaseLabel": "emr-7.14.0", "LogUri": "s3://b/logs/"}
    cluster = Cluster(
        "j-1", request, Status("RUNNING", 0), keeps_alive=True, is_protected=False, concurrency=1, tags={}
    )
    config: dict[str, Any] = {"HadoopJarStep": {"Jar": "command-runner.jar", "Args": list(arguments)}}
    step = Step("s-1", config, Status("RUNNING", 0))
    ended: list[Outcome] = []
    work = Work(folder / "steps" / "s-1", YarnWork(shop, hadoop, cluster, step).run, ended.append)
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


def test_applications_are_those_that_the_client_speaks_of(tmp_path: Path) -> None:
    assert applications(tmp_path) == []
    lines = "INFO Submitted application application_17_0002\nINFO report for application_17_0002 (state: RUNNING)\n"
    (tmp_path / "stderr").write_text(lines)
    assert applications(tmp_path) == ["application_17_0002"]
