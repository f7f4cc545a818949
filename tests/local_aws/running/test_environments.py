"""The Spark of a release label."""

import os
import threading
from pathlib import Path

import pytest

from local_aws.running.environments import Jars, find, jars
from local_aws.running.spark_command import CannotRunError
from tests.local_aws.running import checkout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return checkout.make(tmp_path)


def test_an_environment_is_found_by_its_label(root: Path) -> None:
    found = find("emr-7.14.0", root)
    assert found.python == f"{root}/.venv/bin/python"
    assert found.spark_submit == f"{root}/spark home/bin/spark-submit"
    assert found.variables == {"SPARK_HOME": f"{root}/spark home", "JAVA_HOME": "/java"}


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("emr-5.36.0", "emr-7.14.0, emr-spark-8.0.0, got emr-5.36.0"),
        ("emr-spark-8.0.0", r"\.venv-emr-spark-8.0.0: .*run scripts/setup --release emr-spark-8.0.0"),
    ],
)
def test_a_label_without_an_environment_says_what_to_do(root: Path, label: str, message: str) -> None:
    with pytest.raises(CannotRunError, match=message):
        find(label, root)


@pytest.mark.parametrize(
    ("with_delta", "class_path"), [(False, "/jars/s3.jar"), (True, "/jars/s3.jar:/jars/delta.jar")]
)
def test_jars_become_a_class_path_and_what_hadoop_is_told(
    root: Path, with_delta: bool, class_path: str
) -> None:
    found = jars(find("emr-7.14.0", root), with_delta=with_delta, variables=os.environ, root=root)
    assert found == Jars(class_path, {"fs.s3.impl": "S3A"})


def test_the_jars_of_further_groups_come_first(root: Path) -> None:
    environment = find("emr-7.14.0", root)
    found = jars(environment, with_delta=False, variables=os.environ, root=root, further=["hadoop"])
    assert found.class_path == "/jars/hadoop.jar:/jars/s3.jar"


def test_jars_that_cannot_be_had_say_why(root: Path) -> None:
    (root / "scripts/no-delta").touch()
    with pytest.raises(CannotRunError, match="jars that s3 and delta need: scripts/jars: no network"):
        jars(find("emr-7.14.0", root), with_delta=True, variables=os.environ, root=root)


def test_a_helper_that_waits_ends_when_the_step_is_stopped(root: Path) -> None:
    (root / "scripts/jars.py").write_text("import time; time.sleep(600)")
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(CannotRunError, match="stopped"):
        jars(find("emr-7.14.0", root), with_delta=False, variables=os.environ, root=root, is_stopped=stopped)


def test_this_checkout_has_its_default_environment_as_setup_makes_it() -> None:
    found = find("emr-7.14.0")
    assert Path(found.spark_submit).is_file()
    assert set(found.variables) == {"SPARK_HOME", "JAVA_HOME", "PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON"}
