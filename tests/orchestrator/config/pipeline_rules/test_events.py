"""What brings events to a pipeline, and what follows its runs."""

from typing import Any

import pytest

from orchestrator.config.pipeline import Pipeline, checked
from orchestrator.config.reading import read_bytes
from orchestrator.findings import dotted_path
from orchestrator.trigger_spec import GIB, Action, Trigger

JOBS = """\
name: small
jobs:
  a: {entry_point: jobs/device_readings.py, inputs: [s3://lake/raw/], output: "s3://lake/a"}
  b: {entry_point: jobs/readings_hourly.py, follows: [a], inputs: ["${jobs.a.output}"], output: "s3://lake/b"}
"""
SECOND = '  c: {entry_point: jobs/device_readings.py, inputs: [s3://lake/other/], output: "s3://lake/c"}\n'
URL = "https://sqs.us-east-1.amazonaws.com/123456789012/events"


def loaded(further: str, jobs: str = JOBS) -> Pipeline:
    return checked(read_bytes("p.yaml", (jobs + further).encode()), {})


def told(further: str, jobs: str = JOBS) -> list[tuple[str, str]]:
    return [(dotted_path(each.path), each.problem) for each in loaded(further, jobs).findings]


def test_a_trigger_says_what_is_not_said() -> None:
    found = loaded("trigger: {queue: events, dead_letter_queue: dead}\n")
    assert found.findings == ()
    assert found.trigger == Trigger(
        job="a",
        queue="events",
        dead_letter_queue="dead",
        max_batch_bytes=64 * GIB,
        max_objects=10_000,
        max_wait_s=900.0,
        max_attempts=3,
    )
    assert loaded("").trigger is None


def test_a_trigger_means_what_it_says() -> None:
    text = (
        f"trigger:\n  queue: {URL}\n  dead_letter_queue: dead\n  job: c\n  max_batch_gib: 0.5\n"
        "  max_objects: 7\n  max_wait_minutes: 0\n  max_attempts: 1\n"
    )
    found = loaded(text, JOBS + SECOND)
    assert found.findings == ()
    assert found.trigger == Trigger(
        job="c",
        queue=URL,
        dead_letter_queue="dead",
        max_batch_bytes=GIB // 2,
        max_objects=7,
        max_wait_s=0.0,
        max_attempts=1,
    )


@pytest.mark.parametrize(
    ("text", "jobs", "place", "problem"),
    [
        ("{queue: a b, dead_letter_queue: d}", JOBS, "trigger.queue", "not a queue"),
        ("{queue: q.fifo, dead_letter_queue: d}", JOBS, "trigger.queue", "not a queue"),
        (
            "{queue: q, dead_letter_queue: q}",
            JOBS,
            "trigger.dead_letter_queue",
            "is the queue that brings the events",
        ),
        ("{queue: q}", JOBS, "trigger", "the key dead_letter_queue is missing"),
        (
            "{queue: q, dead_letter_queue: d, job: b}",
            JOBS,
            "trigger.job",
            "no job of this pipeline that reads",
        ),
        ("{queue: q, dead_letter_queue: d}", JOBS + SECOND, "trigger", "2 jobs read pinned objects (a, c)"),
        (
            "{queue: q, dead_letter_queue: d, max_objects: 0}",
            JOBS,
            "trigger.max_objects",
            "not what is accepted",
        ),
        ("{queue: q, dead_letter_queue: d, max_batch_gib: 0}", JOBS, "trigger.max_batch_gib", "not what is"),
        ("{queue: q, dead_letter_queue: d, max_wait: 3}", JOBS, "trigger.max_wait", "unknown key"),
    ],
)
def test_what_is_wrong_with_a_trigger_is_told_at_its_place(
    text: str, jobs: str, place: str, problem: str
) -> None:
    [(at, what)] = told(f"trigger: {text}\n", jobs)
    assert (at, problem in what) == (place, True), what


def test_actions_are_what_they_say() -> None:
    found = loaded(
        "then:\n"
        '  - query: {sql: "INSERT INTO t SELECT 1 -- ${run.id}", workgroup: w, database: d, results: "s3://res/y/"}\n'
        '  - message: {queue: q, body: "${jobs.a.manifest}"}\n'
        '  - notification: {topic: "arn:aws:sns:us-east-1:123456789012:t"}\n'
        "  - run: {pipeline: other, variables: {lake: l}}\n"
    )
    assert found.findings == ()
    assert found.then == (
        Action(
            kind="query",
            text="INSERT INTO t SELECT 1 -- ${run.id}",
            target="w",
            database="d",
            results="s3://res/y/",
        ),
        Action(kind="message", text="${jobs.a.manifest}", target="q"),
        Action(kind="notification", target="arn:aws:sns:us-east-1:123456789012:t"),
        Action(kind="run", target="other", variables={"lake": "l"}),
    )


@pytest.mark.parametrize(
    ("action", "place", "problem"),
    [
        ("{}", "then[0]", "0 of the keys of an action"),
        ("{run: {pipeline: x}, message: {queue: q}}", "then[0]", "2 of the keys of an action"),
        ('{query: {sql: " "}}', "then[0].query.sql", "a query of 1 bytes"),
        ("{query: {sql: s, workgroup: a b}}", "then[0].query.workgroup", "not a workgroup"),
        ("{query: {sql: s, results: /tmp}}", "then[0].query.results", "not a place on S3"),
        ("{message: {queue: a/b}}", "then[0].message.queue", "not a queue"),
        ("{notification: {topic: t}}", "then[0].notification.topic", "not a topic"),
        ("{run: {pipeline: small}}", "then[0].run.pipeline", "this pipeline itself"),
        ('{query: {sql: "${jobs.x.output}"}}', "then[0].query", "stands for nothing"),
        ('{message: {queue: q, body: "${jobs.a.quarantine}"}}', "then[0].message", "stands for nothing"),
        ("{email: me}", "then[0].email", "unknown key"),
    ],
)
def test_what_is_wrong_with_an_action_is_told_at_its_place(action: str, place: str, problem: str) -> None:
    [(at, what)] = told(f"then: [{action}]\n")
    assert (at, problem in what) == (place, True), what


def test_more_than_twenty_actions_are_too_many() -> None:
    many: Any = ", ".join(["{run: {pipeline: x}}"] * 21)
    [(at, _)] = told(f"then: [{many}]\n")
    assert at == "then"
