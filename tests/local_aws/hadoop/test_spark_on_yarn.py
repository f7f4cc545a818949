"""A step's command on YARN."""

from pathlib import Path
from typing import Any

from local_aws.hadoop.spark_on_yarn import YarnPlace, prepare_on_yarn
from local_aws.running.environments import Jars, SparkEnvironment
from local_aws.running.spark_command import parse
from local_aws.running.spark_step import Place, Prepared

ENVIRONMENT = SparkEnvironment(Path("/checkout/.venv"), {"SPARK_HOME": "/spark", "PYSPARK_PYTHON": "/ours"})
JARS = Jars("/jars/a.jar:/jars/b.jar", {"fs.s3.impl": "S3A"})


def prepared(folder: Path, *arguments: str, configurations: list[dict[str, Any]] | None = None) -> Prepared:
    place = Place(folder, {"PATH": "/bin", "AWS_REGION": "us-east-1"}, "http://127.0.0.1:1", 8192)
    sites = {"core_site": {"fs.defaultFS": "hdfs://x"}, "hdfs_site": {}, "yarn_site": {"y": "1"}}
    where = YarnPlace(place, sites, {"spark.a": "emr", "spark.b": "emr"}, 1536, 3072, "s-1")
    spark = parse("command-runner.jar", ["spark-submit", *arguments])
    return prepare_on_yarn(spark, configurations or [], ENVIRONMENT, JARS, where)


def confs(made: Prepared) -> dict[str, str]:
    words = list(made.command)
    pairs = [words[at + 1] for at, word in enumerate(words) if word == "--conf"]
    return dict(pair.split("=", 1) for pair in pairs)


def test_a_step_runs_on_yarn_in_the_mode_that_it_asks_for(tmp_path: Path) -> None:
    made = prepared(
        tmp_path, "--master", "local", "--deploy-mode", "cluster", "--name", "n", "s3://b/j.py", "x"
    )
    assert list(made.command[:7]) == [
        *("/spark/bin/spark-submit", "--name", "n", "--master", "yarn", "--deploy-mode", "cluster")
    ]
    assert list(made.command[-2:]) == ["s3://b/j.py", "x"]
    assert "spark.driver.host" not in confs(made)
    assert made.memory_mib == 512 + 384
    client = prepared(tmp_path, "j.py")
    assert confs(client)["spark.driver.host"] == "127.0.0.1"
    assert client.memory_mib == 1024 + 384
    assert prepared(tmp_path, "--driver-memory", "2g", "j.py").memory_mib == 2048 + 384


def test_containers_have_our_python_and_the_jars_of_the_release(tmp_path: Path) -> None:
    made = prepared(
        tmp_path,
        *("--conf", "spark.yarn.appMasterEnv.PYSPARK_PYTHON=python3.11"),
        "j.py",
    )
    told = confs(made)
    assert told["spark.yarn.appMasterEnv.PYSPARK_PYTHON"] == "/checkout/.venv/bin/python"
    assert told["spark.yarn.jars"] == "local:/spark/jars/*,local:/jars/a.jar,local:/jars/b.jar"


def last(made: Prepared, option: str) -> str:
    """Return the value of an option that counts: of several the last."""
    words = list(made.command)
    return words[len(words) - words[::-1].index(option)]


def test_memory_goes_as_far_as_there_is_some(tmp_path: Path) -> None:
    asked = ("--executor-memory", "8g", "--driver-memory", "20g")
    made = prepared(tmp_path, *asked, "j.py")
    # Spark takes what is an option before what is a --conf.
    assert (last(made, "--executor-memory"), last(made, "--driver-memory")) == ("2688m", "7448m")
    assert confs(made)["spark.executor.memoryOverhead"] == "384m"
    assert made.memory_mib == 8192
    assert made.notes == [
        f"spark.{role}.memory={asked} and what Spark adds beside it: {heap} and {beside} are given: "
        f"there are {most} MiB for it here"
        for role, asked, heap, beside, most in (
            ("driver", "20g", "7448m", "744m", 8192),
            ("executor", "8g", "2688m", "384m", 3072),
        )
    ]
    small = prepared(tmp_path, "--driver-memory", "640m", "j.py")
    assert last(small, "--driver-memory") == "640m"
    assert "spark.driver.memoryOverhead" not in confs(small)
    on_cluster = prepared(tmp_path, *asked, "--deploy-mode", "cluster", "j.py")
    assert last(on_cluster, "--driver-memory") == "1152m"


def test_what_the_projects_own_clusters_ask_for_fits(tmp_path: Path) -> None:
    asked = {
        "spark.driver.memory": "3g",
        "spark.driver.memoryOverhead": "1g",
        "spark.executor.memory": "7g",
        "spark.executor.memoryOverhead": "3g",
    }
    defaults = {"Classification": "spark-defaults", "Properties": asked}
    made = prepared(tmp_path, "--deploy-mode", "cluster", "j.py", configurations=[defaults])
    assert (last(made, "--driver-memory"), confs(made)["spark.driver.memoryOverhead"]) == ("1152m", "384m")
    assert (last(made, "--executor-memory"), confs(made)["spark.executor.memoryOverhead"]) == (
        "2151m",
        "921m",
    )


def test_a_steps_applications_have_its_id_as_a_tag_too(tmp_path: Path) -> None:
    assert confs(prepared(tmp_path, "j.py"))["spark.yarn.tags"] == "s-1"
    assert confs(prepared(tmp_path, "--conf", "spark.yarn.tags=a,b", "j.py"))["spark.yarn.tags"] == "a,b,s-1"


def test_a_python_that_is_asked_for_is_told_of(tmp_path: Path) -> None:
    made = prepared(tmp_path, "--conf", "spark.yarn.appMasterEnv.PYSPARK_PYTHON=./env/bin/python", "j.py")
    told = "spark.yarn.appMasterEnv.PYSPARK_PYTHON=./env/bin/python: the Python is /checkout/.venv/bin/python"
    assert made.notes == [told]


def test_a_clusters_configurations_come_after_emrs(tmp_path: Path) -> None:
    configurations = [
        {"Classification": "spark-defaults", "Properties": {"spark.b": "cluster"}},
        {"Classification": "core-site", "Properties": {"fs.defaultFS": "hdfs://other", "fs.y": "2"}},
    ]
    prepared(tmp_path, "j.py", configurations=configurations)
    assert (tmp_path / "conf/spark-defaults.conf").read_text() == "spark.a=emr\nspark.b=cluster\n"
    core = (tmp_path / "conf/core-site.xml").read_text()
    assert "hdfs://x" in core
    assert "hdfs://other" not in core
    assert "fs.y" in core
    assert "<name>y</name>" in (tmp_path / "conf/yarn-site.xml").read_text()
