"""A step's command, variables and configuration files."""

from pathlib import Path
from typing import Any

from local_aws.running.environments import Jars, SparkEnvironment
from local_aws.running.spark_command import parse
from local_aws.running.spark_step import Place, Prepared, prepare

ENVIRONMENT = SparkEnvironment(Path("/checkout/.venv"), {"SPARK_HOME": "/spark", "PYSPARK_PYTHON": "/ours"})
JARS = Jars("/jars/a.jar:/jars/b.jar", {"fs.s3.impl": "S3A", "fs.x": "1"})


def prepared(
    folder: Path, arguments: list[str], configurations: list[dict[str, Any]] | None = None, memory: int = 8192
) -> Prepared:
    place = Place(
        folder, {"PATH": "/bin", "A": "machine", "AWS_REGION": "us-east-1"}, "http://127.0.0.1:1", memory
    )
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
    made = prepared(tmp_path, arguments)
    assert list(made.command) == [
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
    assert made.memory_mib == 1024 + 384
    assert made.notes == [
        "--master yarn: runs as local[*]",
        "spark.pyspark.python=python3.11: the Python is /checkout/.venv/bin/python",
    ]


def test_the_clusters_configurations_are_sparks_and_hadoops_defaults(tmp_path: Path) -> None:
    emrfs = "com.amazon.ws.emr.hadoop.fs.EmrFileSystem"
    configurations: list[dict[str, Any]] = [
        {
            "Classification": "spark-defaults",
            "Properties": {"spark.a": "1", "spark.hadoop.fs.s3.impl": emrfs, "spark.driver.memory": "2g"},
        },
        {"Classification": "core-site", "Properties": {"fs.x": "2", "fs.s3.impl": emrfs}},
    ]
    made = prepared(tmp_path, ["j.py"], configurations)
    assert (tmp_path / "conf/spark-defaults.conf").read_text() == "spark.a=1\nspark.driver.memory=2g\n"
    site = (tmp_path / "conf/core-site.xml").read_text()
    assert "<name>fs.x</name><value>2</value>" in site
    assert "<name>fs.s3.impl</name><value>S3A</value>" in site
    assert "2048m" in made.command
    left_out = f"{emrfs}: left out, the class is Amazon's own"
    assert made.notes == [f"spark.hadoop.fs.s3.impl={left_out}", f"fs.s3.impl={left_out}"]


FORCED = {
    "AWS_REGION": "us-east-1",
    "SPARK_HOME": "/spark",
    "PYSPARK_PYTHON": "/ours",
    "SPARK_DIST_CLASSPATH": "/jars/a.jar:/jars/b.jar",
    "SPARK_LOCAL_IP": "127.0.0.1",
}


def test_the_clusters_variables_are_spark_env_and_ours_come_after_them(tmp_path: Path) -> None:
    exported = {"A": "$B/x", "PYSPARK_PYTHON": "python3.11"}
    export = {"Classification": "export", "Properties": exported}
    made = prepared(tmp_path, ["j.py"], [{"Classification": "spark-env", "Configurations": [export]}])
    conf = f"{tmp_path}/conf"
    folders = {"SPARK_CONF_DIR": conf, "HADOOP_CONF_DIR": conf, "PYTHONPATH": conf}
    assert made.variables == {"PATH": "/bin", "A": "machine", **FORCED, **folders}
    lines = (tmp_path / "conf/spark-env.sh").read_text().splitlines()
    assert lines[:2] == ["export A=$B/x", "export PYSPARK_PYTHON=python3.11"]
    assert sorted(lines[2:]) == sorted(
        f"export {name}={value}" for name, value in {**FORCED, **folders}.items()
    )
    assert made.notes == ["PYSPARK_PYTHON=python3.11: the Python is /checkout/.venv/bin/python"]


def test_cluster_mode_runs_as_client_with_the_drivers_variables_and_says_so(tmp_path: Path) -> None:
    variables = ["--conf=spark.yarn.appMasterEnv.A=driver"]
    made = prepared(tmp_path, ["--deploy-mode", "cluster", *variables, "j.py"])
    assert "export A=driver\n" in (tmp_path / "conf/spark-env.sh").read_text()
    assert made.notes == ["--deploy-mode cluster: runs as client, with the log layout of cluster mode"]
    prepared(tmp_path, [*variables, "j.py"])
    assert "export A=" not in (tmp_path / "conf/spark-env.sh").read_text()


def test_what_the_machine_does_not_give_is_told(tmp_path: Path) -> None:
    (note,) = prepared(tmp_path, ["--driver-memory", "100g", "j.py"]).notes
    assert note.startswith("memory: 102400 MiB are asked for")


def test_delta_is_told(tmp_path: Path) -> None:
    delta = {"Classification": "delta-defaults", "Properties": {"delta.enabled": "true"}}
    assert prepared(tmp_path, ["j.py"], [delta]).notes == [
        "delta-defaults: Delta's classes are on the class path"
    ]
