"""The machine beside the release: what differs is advice, what is not there is missing."""

import sys
from pathlib import Path

import pytest

from orchestrator.doctor.checks import Check, State
from orchestrator.doctor.machine import check_machine, java_version, package_version, release
from orchestrator.errors import UsageError

WANTED = {
    "java": "17",
    "python": ".".join(map(str, sys.version_info[:2])),
    "spark": "3.5.8",
    "delta": "3.3.2",
}
JAVA = 'openjdk version "17.0.15" 2025-04-15'


def check(java: str | None = JAVA, packages: dict[str, str] | None = None, **wanted: str) -> dict[str, Check]:
    there = {"pyspark": "3.5.8", "boto3": "1.44.5"} if packages is None else packages
    found = check_machine("emr-7.14.0", {**WANTED, **wanted}, lambda: java, there.get)
    return {each.name: each for each in found}


def test_a_machine_like_the_release_is_well() -> None:
    assert {each.state for each in check().values()} == {State.OK}
    assert list(check()) == ["Java", "Python", "pyspark", "boto3"]


@pytest.mark.parametrize(
    ("java", "state", "found"),
    [
        (None, State.MISSING, "none on the PATH"),
        ('java version "1.8.0_402"', State.WARN, "1.8.0_402"),
        ('openjdk version "21" 2023-09-19', State.WARN, "21"),
        (JAVA, State.OK, "17.0.15"),
        ("segmentation fault", State.UNKNOWN, "it does not say its version: 'segmentation fault'"),
    ],
)
def test_java(java: str | None, state: State, found: str) -> None:
    told = check(java)["Java"]
    assert (told.state, told.found) == (state, found)
    assert ("17" in told.mend) == (state in (State.MISSING, State.WARN))


def test_another_python_and_another_spark_are_advice_and_none_is_missing() -> None:
    told = check(packages={"pyspark": "4.0.2"}, python="2.7")
    assert (told["Python"].state, told["Python"].mend) == (
        State.WARN,
        "emr-7.14.0 runs jobs on Python 2.7: use it here too",
    )
    assert (told["pyspark"].state, told["pyspark"].mend) == (
        State.WARN,
        "emr-7.14.0 has 3.5.8: scripts/setup --release emr-7.14.0",
    )
    assert told["boto3"].state is State.MISSING
    assert check(packages={})["pyspark"].found == "not installed"


def test_the_release_is_one_of_the_catalog() -> None:
    name, has = release(None)
    assert (name, has["spark"]) == ("emr-7.14.0", "3.5.8")
    assert release("emr-spark-8.0.0")[1]["spark"] == "4.0.2"
    with pytest.raises(UsageError) as raised:
        release("emr-9")
    assert str(raised.value) == "--release: expected one of emr-7.14.0, emr-spark-8.0.0, got 'emr-9'"


def test_this_machine_can_be_asked() -> None:
    assert package_version("boto3")
    assert package_version("no-such-package") is None
    java_version()


def test_without_a_catalog_it_is_said_where_one_is(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"releases\.json: expected the catalog of releases, cannot read it .*checkout"
    ):
        release(None, tmp_path / "releases.json")
