"""A step's way through the runner, with a Spark that is a shell script."""

from pathlib import Path
from typing import Any
from unittest.mock import sentinel

import pytest

from local_aws.emr.entities import Cluster, Status, Step
from local_aws.emr.world import Outcome
from local_aws.running.memory import Memory
from local_aws.running.step_work import StepWork
from local_aws.running.work import Work
from local_aws.running.workshop import Workshop
from tests.local_aws.running import checkout

LOG_URI = "s3://b/logs"


def run(
    root: Path, *arguments: str, release: str = "emr-7.14.0", jar: str = "command-runner.jar", **request: Any
) -> tuple[Outcome, Path]:
    """Run a step; returns its outcome and its folder."""
    made = checkout.make(root / "checkout")
    shop = Workshop(root, "http://e", sentinel.s3, {}, lambda do: do(), 0, 0, Memory(4000), made)
    cluster = Cluster(
        "j-1", {"ReleaseLabel": release, **request}, Status("RUNNING", 1700000000000), True, False, 1, {}
    )
    step = Step(
        "s-1", {"Name": "x", "HadoopJarStep": {"Jar": jar, "Args": list(arguments)}}, Status("RUNNING", 0)
    )
    told: list[Outcome] = []
    work = Work(root / "j-1/steps/s-1", StepWork(shop, cluster, step, 2).run, told.append)
    work.begin()
    work.join()
    assert shop.memory.take(4000, work.is_stopped), "its memory is given back"
    return told[0], work.folder


def test_a_step_that_succeeds_has_no_failure(tmp_path: Path) -> None:
    outcome, folder = run(tmp_path, "spark-submit", "s3://b/job.py", "ok")
    assert outcome == Outcome(0)
    assert (folder / "stdout").read_text().endswith(" s3://b/job.py ok\n")


def test_a_step_that_fails_names_its_stderr(tmp_path: Path) -> None:
    outcome, _ = run(tmp_path, "spark-submit", "j.py", "fail", LogUri=LOG_URI)
    assert outcome.exit_code == 9
    assert outcome.failure == {
        "Reason": "Unknown Error.",
        "Message": "java.lang.Exception: wanted",
        "LogFile": "s3://b/logs/j-1/steps/s-1/stderr.gz",
    }


def test_in_cluster_mode_the_step_tells_what_yarns_client_would(tmp_path: Path) -> None:
    outcome, folder = run(tmp_path, "spark-submit", "--deploy-mode", "cluster", "j.py", "fail")
    assert outcome.exit_code == 1
    name = "application_1700000000000_0002"
    told = f"org.apache.spark.SparkException: Application {name} finished with failed status"
    assert outcome.failure == {"Reason": "Unknown Error.", "Message": told}
    container = tmp_path / f"j-1/containers/{name}/container_1700000000000_0002_01_000001"
    assert "wanted" in (container / "stderr").read_text()
    assert (folder / "stdout").read_text() == ""
    assert "runs as client" in (folder / "controller").read_text()


@pytest.mark.parametrize(
    ("arguments", "further", "message"),
    [
        (["s3-dist-cp"], {}, "got s3-dist-cp"),
        (["spark-submit", "j.py"], {"release": "emr-6.15.0"}, "got emr-6.15.0"),
        (
            ["spark-submit", "j.py"],
            {"release": "emr-spark-8.0.0"},
            "run scripts/setup --release emr-spark-8.0.0",
        ),
        (["x"], {"jar": "s3://b/my.jar"}, "got s3://b/my.jar"),
    ],
)
def test_what_cannot_run_fails_with_the_reason(
    tmp_path: Path, arguments: list[str], further: dict[str, str], message: str
) -> None:
    outcome, folder = run(tmp_path, *arguments, LogUri=LOG_URI, **further)
    assert outcome.failure is not None
    assert outcome.failure["Reason"] == "The local engine cannot run this step."
    assert message in outcome.failure["Message"]
    assert outcome.failure["LogFile"] == "s3://b/logs/j-1/steps/s-1/controller.gz"
    assert message in (folder / "controller").read_text()
