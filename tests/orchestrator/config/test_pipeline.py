import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.checkout import ROOT
from orchestrator.config.pipeline import Pipeline, checked, is_pipeline, load_pipeline, pipeline_findings
from orchestrator.config.reading import read_bytes
from orchestrator.errors import UsageError
from orchestrator.findings import Level, dotted_path
from orchestrator.job_spec import JobSpec
from tests.orchestrator.submitting import HOURLY, READINGS

SHIPPED = ROOT / "pipelines" / "readings.yaml"
SMALL = """\
name: small
jobs:
  b: {entry_point: jobs/readings_hourly.py, follows: [a], inputs: ["${jobs.a.output}"], output: "s3://lake/b"}
  a:
    entry_point: jobs/device_readings.py
    inputs: [s3://lake/raw/]
    output: s3://${place}/a
"""


def pipeline(text: str, **given_: Any) -> Pipeline:
    return checked(read_bytes("p.yaml", text.encode()), given_)


def told(text: str, **given_: Any) -> list[str]:
    return [str(each) for each in pipeline(text, **given_).findings]


def test_the_shipped_pipeline_runs_the_main_job_and_what_follows_it() -> None:
    found = load_pipeline(SHIPPED, {"lake": "lake"})
    assert found.findings == ()
    assert (found.name, found.file) == ("readings", str(SHIPPED))
    assert found.cluster is not None
    assert found.cluster.resolve() == ROOT / "cluster_configs" / "job_specific.yaml"
    limits: dict[str, Any] = {"retries": 1, "time_limit_minutes": 120}
    assert list(found.jobs.values()) == [
        JobSpec(**{**vars(READINGS), **limits}),
        JobSpec(**{**vars(HOURLY), **limits}),
    ]


def test_the_shipped_pipeline_of_devices_takes_events_from_the_queues_of_the_road() -> None:
    found = load_pipeline(SHIPPED.with_name("devices.yaml"), {"raw": "raw", "lake": "lake", "partitions": 4})
    assert found.findings == ()
    assert found.trigger is not None
    assert (found.trigger.queue, found.trigger.dead_letter_queue) == (
        "devices-events",
        "devices-events-dead",
    )
    road = (ROOT / "infrastructure" / "road.yaml").read_text(encoding="utf-8")
    for words in (
        "Default: devices",
        "QueueName: !Sub ${Name}-events",
        "QueueName: !Sub ${Name}-events-dead",
    ):
        assert f"{words}\n" in road
    assert next(job.inputs for job in found.jobs.values()) == ("s3://raw/devices/",)


def test_a_variable_without_a_value_has_to_be_given() -> None:
    findings = pipeline_findings(SHIPPED, {})
    lines = [(dotted_path(each.path), each.problem) for each in findings if each.path != ("cluster",)]
    assert lines == [
        (place, "the variable lake has no value")
        for place in (
            "jobs.device_readings.inputs[0]",
            "jobs.device_readings.output",
            "jobs.device_readings.quarantine",
            "jobs.readings_hourly.output",
        )
    ]


def test_jobs_come_in_an_order_in_which_they_can_run() -> None:
    found = pipeline("variables: {place: lake}\n" + SMALL)
    assert (found.findings, found.cluster) == ((), None)
    assert list(found.jobs) == ["a", "b"]
    assert (found.jobs["a"].pin_inputs, found.jobs["b"].pin_inputs) == (True, False)
    assert found.jobs["a"].output == "s3://lake/a"


def test_properties_of_spark_are_written_as_spark_reads_them() -> None:
    text = (
        SMALL
        + "    spark_conf: {spark.a: true, spark.b: 200, spark.c: 0.3, spark.d: x}\n    arguments: [--n, 12]\n"
    )
    job = pipeline(text, place="lake").jobs["a"]
    assert job.spark_conf == {"spark.a": "true", "spark.b": "200", "spark.c": "0.3", "spark.d": "x"}
    assert job.arguments == ("--n", "12")


FAULTY = """\
name: Bad
cluster: nowhere.yaml
variables: {lake: my-lake, token: abcabc}
jobs:
  a:
    entry_point: jobs/device_reading.py
    inputs: ["s3://${lak}/raw/"]
    outptu: s3://${lake}/a
    follows: [b]
  b:
    entry_point: jobs/readings_hourly.py
    inputs: ["${jobs.c.output}"]
    output: s3://${lake}/b
    follows: [a]
    retries: many
    arguments: ["--x=\\u2028"]
    spark_conf: {spark.ssl.keyPassword: hunter}
  c:
"""
FAULTS = [
    (1, "name", "not a name"),
    (2, "cluster", "there is no such cluster file, got 'nowhere.yaml'"),
    (
        3,
        "variables.token",
        "holds what looks like a secret (token), readable by all who may describe the cluster",
    ),
    (5, "jobs.a", "the key output is missing"),
    (6, "jobs.a.entry_point", "no entry file of this repository; did you mean jobs/device_readings.py?"),
    (7, "jobs.a.inputs[0]", "unknown variable lak; did you mean lake?"),
    (8, "jobs.a.outptu", "unknown key; did you mean output?"),
    (9, "jobs.a.follows", "jobs wait for each other: a follows b follows a"),
    (12, "jobs.b.inputs[0]", "asks a job that it does not follow"),
    (15, "jobs.b.retries", "not what is accepted here"),
    (16, "jobs.b.arguments[0]", "expected no control character, lone surrogate or line end, got U+2028"),
    (
        17,
        "jobs.b.spark_conf.spark.ssl.keyPassword",
        "holds what looks like a secret (password), readable by all who may describe the cluster",
    ),
    (18, "jobs.c", "a job without keys"),
]


def test_all_faults_come_at_once_with_their_lines() -> None:
    findings = pipeline(FAULTY).findings
    found = [(each.line, dotted_path(each.path), each.problem) for each in findings]
    assert sorted(found, key=lambda each: (each[0] or 0, each[1])) == FAULTS
    assert all(each.level is Level.ERROR for each in findings)


@pytest.mark.parametrize("name", ["nowhere.yaml", "x" * 300, "."])
def test_a_cluster_file_that_is_not_there_is_told(name: str) -> None:
    (line,) = told(f"cluster: {name}\n" + SMALL, place="lake")
    assert line.startswith(f"p.yaml:1: ERROR: cluster: there is no such cluster file, got '{name[:50]}")


def test_a_fault_of_a_variable_is_not_told_again_as_a_fault_of_its_key() -> None:
    (line,) = told(SMALL + "    retries: ${tries}\n", place="lake")
    assert line.startswith("p.yaml:8: ERROR: jobs.a.retries: unknown variable tries")


def test_no_finding_shows_a_secret() -> None:
    canary = "AK" + "IA" + "Q3EXAMPLE7ABCDEF"
    text = SMALL.replace("s3://lake/b", f"s3://lake/{canary}*").replace("[a]", f"[{canary}]")
    lines = told(
        text + f"    arguments: [-{canary}, {canary}]\n    retries: {canary}\n    {canary}: 1\n", place="lake"
    )
    assert len(lines) > 5
    assert [line for line in lines if canary in line and f".{canary}: unknown key" not in line] == []


def test_more_jobs_than_a_cluster_takes_steps_are_refused() -> None:
    job = "{entry_point: jobs/device_readings.py, inputs: [s3://raw/], output: s3://lake/%s}"
    text = "name: many\njobs:\n" + "".join(f"  j{at}: {job % at}\n" for at in range(257))
    (line,) = told(text)
    assert line == "p.yaml:2: ERROR: jobs: 257 jobs; expected at most 256: a cluster takes no more steps"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("jobs: {}", True), ("Name: x\nInstances: {}", False), ("- jobs", False), ("", False)],
)
def test_a_pipeline_file_is_one_with_jobs(text: str, expected: bool) -> None:
    assert is_pipeline(read_bytes("p.yaml", text.encode())) is expected


def test_a_file_that_is_no_yaml_is_a_finding_and_one_that_is_not_there_an_error(tmp_path: Path) -> None:
    (line,) = told("a: [")
    assert line.startswith("p.yaml:1: ERROR: not YAML: ")
    with pytest.raises(UsageError, match="cannot be read"):
        load_pipeline(tmp_path / "none.yaml", {})


WORDS = [
    *("name", "jobs", "a", "b", "entry_point", "inputs", "output", "follows", "arguments", "spark_conf"),
    *(
        "jobs/device_readings.py",
        "s3://lake/a",
        "s3://lake/a/b",
        "${jobs.a.output}",
        "${x}",
        "variables",
        "cluster",
    ),
    *("../x", "\x00", "--output", "quarantine", "retries", "null", "${jobs.", "s3://", "a" * 300),
]
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(WORDS), st.text(max_size=5)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(WORDS), st.text(max_size=3)), inner, max_size=6),
    ),
    max_leaves=25,
)


@settings(max_examples=200, deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "name": VALUES,
            "cluster": VALUES,
            "variables": VALUES,
            "jobs": st.dictionaries(
                st.sampled_from(["a", "b", "c", "X y"]),
                st.one_of(
                    VALUES,
                    st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=8),
                    st.fixed_dictionaries(
                        {"entry_point": VALUES, "inputs": VALUES, "output": VALUES, "follows": VALUES}
                    ),
                ),
                max_size=3,
            ),
        },
    )
)
def test_any_value_is_a_pipeline_or_has_findings(value: dict[str, Any]) -> None:
    found = checked(_document(value), {"x": "y"})
    assert found.jobs or found.findings


def _document(value: dict[str, Any]) -> Any:
    """Hand over values that no file could hold, too."""
    document = read_bytes("p.yaml", b"a: 1")
    return type(document)("p.yaml", value, {(): 1}, ())


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_a_pipeline_or_have_findings(content: bytes) -> None:
    assert checked(read_bytes("p.yaml", content), {}).findings


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 6))
def test_a_shipped_file_with_some_bytes_changed_never_ends_in_a_traceback(
    draws: random.Random, count: int
) -> None:
    content = bytearray(SHIPPED.read_bytes())
    for _ in range(count):
        content[draws.randrange(len(content))] = draws.choice(b"\n :{}[]\"'$&*!#-\x00\xffaz0")
    found = checked(read_bytes("p.yaml", bytes(content)), {"lake": "lake"})
    assert found.jobs or found.findings
