"""An attempt's way through the runner, with a Spark that is a shell script."""

import shutil
import venv
from pathlib import Path
from typing import Any
from unittest.mock import sentinel

import pytest

from benchmarks.serverless_chaos.requests import job_run_request
from local_aws.emr.world import Outcome
from local_aws.running.job_run_work import JobRunWork
from local_aws.running.memory import Memory
from local_aws.running.work import Work
from local_aws.running.workshop import Workshop
from local_aws.serverless.entities import JobRun
from tests.local_aws.running import checkout

DELTA = "/usr/share/aws/delta/lib/delta-spark.jar"


def run(
    root: Path, *arguments: str, parameters: str | None = None, release: str = "emr-7.14.0", **request: Any
) -> tuple[Outcome, Path]:
    """Run an attempt; returns its outcome and its folder."""
    made = checkout.make(root / "checkout")
    shop = Workshop(root, "http://e", sentinel.s3, {}, lambda do: do(), 0, 0, Memory(4000), made)
    asked = job_run_request("00a", parameters=parameters, **request)
    if arguments:
        asked["jobDriver"]["sparkSubmit"]["entryPointArguments"] = list(arguments)
    runtime = [{"classification": "spark-defaults", "properties": {"spark.a": "app", "spark.b": "app"}}]
    job_run = JobRun("00b", "00a", asked, release, runtime, {}, "SPARK", 0, 0)
    told: list[Outcome] = []
    work = Work(root / "attempt", JobRunWork(shop, job_run).run, told.append)
    work.begin()
    work.join()
    assert shop.memory.take(4000, work.is_stopped), "its memory is given back"
    return told[0], work.folder


def overrides(**properties: str) -> dict[str, Any]:
    named = {name.replace("_", "."): value for name, value in properties.items()}
    one = {"classification": "spark-defaults", "properties": named}
    return {"configurationOverrides": {"applicationConfiguration": [one]}}


def test_a_job_run_is_a_spark_submit(tmp_path: Path) -> None:
    outcome, folder = run(tmp_path, "a b", "ok", parameters="--conf spark.c='x y' --py-files s3://b/c.zip")
    assert outcome == Outcome(0)
    told = (folder / "stdout").read_text()
    assert told.startswith("args: --conf spark.c=x y --py-files s3://b/c.zip --master local[*] ")
    assert told.endswith(" s3://b/job.py a b ok\n")


def test_the_job_runs_configurations_come_after_the_applications(tmp_path: Path) -> None:
    _, folder = run(tmp_path, "ok", **overrides(spark_b="run"))
    assert (folder / "conf/spark-defaults.conf").read_text() == "spark.a=app\nspark.b=run\n"


def test_variables_of_the_driver_are_exported(tmp_path: Path) -> None:
    _, folder = run(tmp_path, "ok", parameters="--conf 'spark.emr-serverless.driverEnv.X=a $HOME b'")
    assert "export X='a $HOME b'\n" in (folder / "conf/spark-env.sh").read_text()


def test_one_that_fails_tells_why(tmp_path: Path) -> None:
    outcome, _ = run(tmp_path, "fail")
    assert outcome.exit_code == 9
    assert outcome.failure == {"Reason": "Unknown Error.", "Message": "java.lang.Exception: wanted"}


def test_jars_of_delta_in_the_image_put_delta_on_the_class_path(tmp_path: Path) -> None:
    _, folder = run(tmp_path, "ok", parameters=f"--conf spark.jars={DELTA},/usr/share/aws/x.jar")
    assert "/jars/delta.jar" in (folder / "conf/spark-env.sh").read_text()
    assert "spark.jars" not in (folder / "stdout").read_text()
    assert "/usr/share/aws/x.jar: left out" in (folder / "controller").read_text()


def test_jars_of_delta_that_a_configuration_names_do_so_too(tmp_path: Path) -> None:
    _, folder = run(tmp_path, "ok", **overrides(spark_jars=f"{DELTA},s3://b/own.jar"))
    assert "/jars/delta.jar" in (folder / "conf/spark-env.sh").read_text()
    assert DELTA not in (folder / "conf/spark-defaults.conf").read_text()
    assert "--jars s3://b/own.jar" in (folder / "stdout").read_text()


def test_the_python_of_an_archive_is_the_jobs_where_it_runs_here(tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", symlinks=True)
    path = shutil.make_archive(str(tmp_path / "env"), "gztar", tmp_path / "venv")
    python = "spark.emr-serverless.driverEnv.PYSPARK_PYTHON=./environment/bin/python"
    given = f"--conf spark.archives={path}#environment --conf {python}"
    _, folder = run(tmp_path, "ok", parameters=given)
    own = f"{folder}/scratch/environment/bin/python"
    assert f"spark.pyspark.python={own}" in (folder / "stdout").read_text()
    assert f"export PYSPARK_PYTHON={own}\n" in (folder / "conf/spark-env.sh").read_text()


def test_a_python_that_is_not_here_is_told_at_the_beginning(tmp_path: Path) -> None:
    python = "spark.emr-serverless.driverEnv.PYSPARK_PYTHON=/usr/bin/python9"
    _, folder = run(tmp_path, "ok", parameters=f"--conf {python}")
    environments = f"{tmp_path}/checkout/.venv/bin/python"
    told = f"local_aws: PYSPARK_PYTHON=/usr/bin/python9: the Python is {environments}\n"
    assert (folder / "stderr").read_text().startswith(told)


@pytest.mark.parametrize(
    ("further", "message"),
    [
        (
            {"jobDriver": {"hive": {"query": "q"}}},
            "jobDriver: expected sparkSubmit, which alone runs on a laptop, got hive",
        ),
        ({"parameters": "--conf 'x"}, "sparkSubmitParameters: No closing quotation, got --conf 'x"),
        ({"parameters": "--archives /no/such.zip"}, "spark.archives: expected /no/such.zip"),
        ({"release": "emr-6.15.0"}, "got emr-6.15.0"),
    ],
)
def test_what_cannot_run_here_is_told_in_its_stderr(
    tmp_path: Path, further: dict[str, Any], message: str
) -> None:
    outcome, folder = run(tmp_path, **further)
    assert outcome.exit_code == 1
    assert outcome.failure is not None
    assert outcome.failure["Reason"] == "The local engine cannot run this step."
    assert message in outcome.failure["Message"]
    assert message in (folder / "stderr").read_text()
