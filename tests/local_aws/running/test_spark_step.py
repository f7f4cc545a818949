"""A step's command, variables and configuration files."""

from pathlib import Path
from typing import Any

import pytest

from local_aws.running.environments import Jars, SparkEnvironment
from local_aws.running.spark_command import parse
from local_aws.running.spark_step import Place, Prepared, prepare

ENVIRONMENT = SparkEnvironment(Path("/checkout/.venv"), {"SPARK_HOME": "/spark", "PYSPARK_PYTHON": "/ours"})
JARS = Jars("/jars/a.jar:/jars/b.jar", {"fs.s3.impl": "S3A", "fs.x": "1"})


def prepared(
    folder: Path, arguments: list[str], configurations: list[dict[str, Any]] | None = None, memory: int = 8192
) -> Prepared:
    place = Place(folder, {"PATH": "/bin", "A": "machine"}, "http://127.0.0.1:1", memory)
    spark = parse("command-runner.jar", ["spark-submit", *arguments])
    return prepare(spark, configurations or [], ENVIRONMENT, JARS, place)


def test_what_a_step_asks_for_comes_before_what_cannot_be_otherwise(tmp_path: Path) -> None:
    arguments = [
        "--master",
        "yarn",
        "--conf",
        "spark.pyspark.python=python3.11",
        "s3://b/j.py",
        "--conf",
        "mine",
    ]
    assert list(prepared(tmp_path, arguments).command) == [
        "/spark/bin/spark-submit",
        *("--conf", "spark.pyspark.python=python3.11"),
        *("--master", "local[*]", "--deploy-mode", "client", "--driver-memory", "1024m"),
        *("--conf", "spark.pyspark.python=/checkout/.venv/bin/python"),
        *("--conf", "spark.pyspark.driver.python=/checkout/.venv/bin/python"),
        *("--conf", "spark.driver.bindAddress=127.0.0.1"),
        *("--conf", "spark.driver.host=127.0.0.1"),
        *("--conf", f"spark.local.dir={tmp_path}/scratch/spark"),
        *("--conf", "spark.hadoop.fs.s3a.endpoint=http://127.0.0.1:1"),
        *("s3://b/j.py", "--conf", "mine"),
    ]


def test_the_clusters_configurations_are_sparks_and_hadoops_defaults(tmp_path: Path) -> None:
    configurations: list[dict[str, Any]] = [
        {"Classification": "spark-defaults", "Properties": {"spark.a": "1"}},
        {
            "Classification": "core-site",
            "Properties": {"fs.x": "2", "fs.s3.impl": "com.amazon.ws.emr.hadoop.fs.EmrFileSystem"},
        },
        {
            "Classification": "spark-env",
            "Configurations": [
                {"Classification": "export", "Properties": {"A": "cluster", "PYSPARK_PYTHON": "python3.11"}}
            ],
        },
    ]
    made = prepared(tmp_path, ["j.py"], configurations)
    assert (tmp_path / "conf/spark-defaults.conf").read_text() == "spark.a=1\n"
    site = (tmp_path / "conf/core-site.xml").read_text()
    assert "<name>fs.x</name><value>2</value>" in site
    assert "EmrFileSystem" not in site
    assert made.variables == {
        "PATH": "/bin",
        "A": "cluster",
        "SPARK_HOME": "/spark",
        "PYSPARK_PYTHON": "/ours",
        "SPARK_CONF_DIR": f"{tmp_path}/conf",
        "HADOOP_CONF_DIR": f"{tmp_path}/conf",
        "SPARK_DIST_CLASSPATH": "/jars/a.jar:/jars/b.jar",
        "PYTHONPATH": f"{tmp_path}/conf",
    }
    assert made.notes == []


def test_cluster_mode_runs_as_client_with_the_drivers_variables_and_says_so(tmp_path: Path) -> None:
    variables = [
        "--conf=spark.yarn.appMasterEnv.A=driver",
        "--conf=spark.yarn.appMasterEnv.PYSPARK_PYTHON=python3.11",
    ]
    made = prepared(tmp_path, ["--deploy-mode", "cluster", *variables, "j.py"])
    assert made.variables["A"] == "driver"
    assert made.variables["PYSPARK_PYTHON"] == "/ours"
    assert made.notes == ["--deploy-mode cluster: runs as client, with the log layout of cluster mode"]
    assert prepared(tmp_path, [*variables, "j.py"]).variables["A"] == "machine"


@pytest.mark.parametrize(
    ("arguments", "heap", "memory", "note"),
    [
        ([], "1024m", 1024 + 384, None),
        (["--driver-memory", "5g"], "5120m", 5120 + 512, None),
        (["--driver-memory", "2g", "--conf", "spark.executor.memory=4g"], "4096m", 4096 + 409, None),
        (
            ["--executor-memory", "100g"],
            "7098m",
            7098 + 709,
            "memory: 102400 MiB are asked for, 7098 MiB given",
        ),
        (["--driver-memory", "nonsense"], "1024m", 1024 + 384, None),
    ],
)
def test_a_heap_is_what_driver_or_executor_ask_for_as_far_as_the_machine_goes(
    tmp_path: Path, arguments: list[str], heap: str, memory: int, note: str | None
) -> None:
    made = prepared(tmp_path, [*arguments, "j.py"])
    command = list(made.command)
    assert command[len(command) - 1 - command[::-1].index("--driver-memory") + 1] == heap
    assert made.memory_mib == memory
    assert [one[: len(note or "")] for one in made.notes] == ([note] if note else [])


def test_delta_is_told(tmp_path: Path) -> None:
    delta = {"Classification": "delta-defaults", "Properties": {"delta.enabled": "true"}}
    assert prepared(tmp_path, ["j.py"], [delta]).notes == [
        "delta-defaults: Delta's classes are on the class path"
    ]
