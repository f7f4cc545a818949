from typing import Any

import pytest

from orchestrator.config.pipeline_rules.keys import JobKeys, check_keys
from orchestrator.findings import Level, dotted_path
from orchestrator.problems import Problem

JOB = {"entry_point": "jobs/a.py", "inputs": ["s3://lake/raw/"], "output": "s3://lake/a"}
JOB_KEYS = ", ".join(JobKeys.model_fields)
TEXT = "text (in quotes, where it looks like something else)"


def problem(path: tuple[str | int, ...], text: str, value: str | None, expected: str) -> Problem:
    return Problem(level=Level.ERROR, path=path, problem=text, value=value, expected=expected)


def test_a_small_pipeline_has_the_defaults() -> None:
    checked = check_keys({"name": "x", "jobs": {"a": JOB}})
    assert checked.problems == ()
    assert (checked.name, checked.cluster, checked.faulty) == ("x", None, frozenset())
    assert checked.jobs["a"].model_dump() == {
        **JOB,
        "quarantine": None,
        "follows": [],
        "arguments": [],
        "spark_conf": {},
        "retries": 0,
        "time_limit_minutes": None,
        "pin_inputs": None,
        "format": "parquet",
    }


UNFIT: list[tuple[str, Any, tuple[str | int, ...], str, str]] = [
    ("entry_point", 5, (), "5", TEXT),
    ("inputs", [], (), "[]", "at least one"),
    ("inputs", "s3://lake/raw/", (), "'s3://lake/raw/'", "a list"),
    ("inputs", ["s3://lake/raw/", 7], (1,), "7", TEXT),
    ("arguments", [True], (0,), "True", f"{TEXT} or a whole number"),
    ("arguments", ["a", 2.5], (1,), "2.5", f"{TEXT} or a whole number"),
    ("spark_conf", {"a": None}, ("a",), "None", f"{TEXT} or a whole number or a number or true or false"),
    ("spark_conf", ["a"], (), "['a']", "names and values"),
    ("retries", "1", (), "'1'", "a whole number"),
    ("retries", -1, (), "-1", "at least 0"),
    ("retries", 11, (), "11", "at most 10"),
    ("time_limit_minutes", 0, (), "0", "at least 1"),
    ("time_limit_minutes", 10081, (), "10081", "at most 10080"),
    ("pin_inputs", "no", (), "'no'", "true or false"),
    ("format", "iceberg", (), "'iceberg'", "'parquet' or 'delta'"),
]


@pytest.mark.parametrize(("key", "value", "below", "met", "expected"), UNFIT)
def test_a_value_of_another_kind_says_what_is_accepted(
    key: str, value: Any, below: tuple[str | int, ...], met: str, expected: str
) -> None:
    checked = check_keys({"name": "x", "jobs": {"a": {**JOB, key: value}}})
    path = ("jobs", "a", key, *below)
    assert checked.problems == (problem(path, "not what is accepted here", met, expected),)
    assert checked.faulty == {path}


@pytest.mark.parametrize(("key", "value"), [("retries", 10), ("time_limit_minutes", 10_080), ("retries", 0)])
def test_a_number_at_its_edge_is_taken(key: str, value: int) -> None:
    assert check_keys({"name": "x", "jobs": {"a": {**JOB, key: value}}}).problems == ()


def test_unknown_and_missing_keys_are_named_with_what_was_meant() -> None:
    checked = check_keys({"nmae": "x", "jobs": {"a": {"entrypoint": "jobs/a.py", "password": "hunter"}}})
    assert checked.problems == (
        problem((), "the key name is missing", None, "the keys name, cluster, jobs, trigger, then"),
        problem(
            ("nmae",), "unknown key; did you mean name?", None, "one of name, cluster, jobs, trigger, then"
        ),
        *(
            problem(("jobs", "a"), f"the key {key} is missing", None, f"the keys {JOB_KEYS}")
            for key in ("entry_point", "inputs", "output")
        ),
        problem(
            ("jobs", "a", "entrypoint"), "unknown key; did you mean entry_point?", None, f"one of {JOB_KEYS}"
        ),
        problem(("jobs", "a", "password"), "unknown key", None, f"one of {JOB_KEYS}"),
    )


@pytest.mark.parametrize(
    ("value", "places"),
    [
        ({}, ["", ""]),
        ({"name": "x", "jobs": {}}, ["jobs"]),
        ({"name": "x", "jobs": [1]}, ["jobs"]),
        ({"name": 1, "jobs": {"a": 2}}, ["name", "jobs.a"]),
    ],
)
def test_what_is_no_pipeline_at_all_is_told(value: dict[str, Any], places: list[str]) -> None:
    assert [dotted_path(each.path) for each in check_keys(value).problems] == places


def test_the_rest_of_a_job_with_faults_is_kept_to_be_looked_at() -> None:
    keys = {
        "entry_point": 1,
        "output": "s3://lake/a",
        "inputs": ["s3://lake/x", 2],
        "spark_conf": {"spark.a": 1, "spark.b": []},
        "retries": "x",
        "wrong": 1,
    }
    job = check_keys({"name": "x", "jobs": {"a": keys}}).jobs["a"]
    assert (job.entry_point, job.output, job.inputs) == ("", "s3://lake/a", ["s3://lake/x", ""])
    assert (job.spark_conf, job.retries, job.follows) == ({"spark.a": 1}, 0, [])
