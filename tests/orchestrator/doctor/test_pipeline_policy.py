"""What a pipeline needs beside its run, by its file."""

from typing import Any

import pytest

from orchestrator.config.pipeline import Pipeline, checked
from orchestrator.config.reading import read_bytes
from orchestrator.doctor.pipeline_policy import Place, buckets_read, pipeline_statements
from orchestrator.findings import errors

PLACE = Place("aws-cn", "cn-north-1", "123456789012", "state")
JOB = """
jobs:
  a:
    entry_point: jobs/device_readings.py
    inputs: ["s3://raw/devices/", "s3://other/x/"]
    output: "s3://lake/a"
  b:
    entry_point: jobs/readings_hourly.py
    follows: [a]
    inputs: ["${jobs.a.output}", "hdfs:///other"]
    output: "s3://lake/b"
"""
TRIGGER = (
    "trigger: {queue: q, dead_letter_queue: 'https://sqs.cn-northwest-1.amazonaws.com.cn/210987654321/d'}\n"
)
THEN = """
then:
  - query: {sql: "SELECT 1", results: "s3://results/"}
  - query: {sql: "SELECT 2", workgroup: own, results: "s3://results/of/"}
  - message: {queue: done}
  - message: {queue: done, body: again}
  - notification: {topic: "arn:aws-cn:sns:cn-north-1:123456789012:told"}
"""


def made(*further: str) -> Pipeline:
    found = checked(read_bytes("p.yaml", ("name: p\n" + JOB + "".join(further)).encode()), {})
    assert not errors(found.findings)
    return found


def told(*pipelines: Pipeline) -> dict[str, tuple[list[str], list[str]]]:
    found: list[Any] = pipeline_statements(pipelines, PLACE)
    assert {each["Effect"] for each in found} <= {"Allow"}
    return {each["Sid"]: (each["Action"], each["Resource"]) for each in found}


def test_a_pipeline_that_nobody_triggers_and_nothing_follows_needs_nothing_more() -> None:
    assert told(made()) == {}


def test_a_trigger_needs_its_queues_and_its_ledger_swept() -> None:
    sqs = "arn:aws-cn:sqs"
    assert told(made(TRIGGER), made(TRIGGER)) == {
        "Consume": (
            ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
            [f"{sqs}:cn-north-1:123456789012:q"],
        ),
        "PutAside": (["sqs:GetQueueUrl", "sqs:SendMessage"], [f"{sqs}:cn-northwest-1:210987654321:d"]),
        "SweepLedger": (["s3:DeleteObject"], ["arn:aws-cn:s3:::state/_state/ledger/*"]),
    }


def test_each_action_needs_its_service_and_queries_their_results() -> None:
    found = told(made(THEN))
    place = "cn-north-1:123456789012"
    assert {sid: resources for sid, (_, resources) in found.items()} == {
        "Query": [f"arn:aws-cn:athena:{place}:workgroup/primary", f"arn:aws-cn:athena:{place}:workgroup/own"],
        "FindResults": ["arn:aws-cn:s3:::results"],
        "WriteResults": ["arn:aws-cn:s3:::results/*", "arn:aws-cn:s3:::results/of/*"],
        "Send": [f"arn:aws-cn:sqs:{place}:done"],
        "Publish": [f"arn:aws-cn:sns:{place}:told"],
    }
    assert found["Query"][0] == ["athena:StartQueryExecution"]
    assert found["Send"][0] == ["sqs:GetQueueUrl", "sqs:SendMessage"]
    assert found["Publish"][0] == ["sns:Publish"]
    assert "s3:PutObject" in found["WriteResults"][0]
    assert not [action for actions, _ in found.values() for action in actions if "*" in action]


def test_read_are_the_buckets_of_inputs_that_no_job_before_has_made() -> None:
    assert buckets_read([made(), made()]) == ["raw", "other"]


@pytest.mark.parametrize(
    ("named", "arn"),
    [
        ("q", "arn:aws-cn:sqs:cn-north-1:123456789012:q"),
        ("https://sqs.eu-west-1.amazonaws.com/1/q", "arn:aws-cn:sqs:eu-west-1:1:q"),
        ("https://queue.amazonaws.com/1/q", "arn:aws-cn:sqs:cn-north-1:1:q"),
        ("http://127.0.0.1:4566/1/q", "arn:aws-cn:sqs:cn-north-1:1:q"),
    ],
)
def test_a_queue_is_known_by_its_name_or_its_url(named: str, arn: str) -> None:
    assert PLACE.queue(named) == arn
