"""What follows a run, on the embedded AWS."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local_aws.clients import client
from tests.orchestrator.commands.conftest import PIPELINE, Shop

OTHER = PIPELINE.replace("name: two", "name: other").replace("s3://${lake}/", "s3://${lake}/other/")


@pytest.fixture
def sqs(shop: Shop) -> Iterator[Any]:
    made = client(shop.aws.aws.url, "sqs")
    yield made
    made.close()


def test_a_message_a_query_and_another_run_follow_and_do_so_once(shop: Shop, sqs: Any) -> None:
    queue = sqs.create_queue(QueueName=f"next-{shop.lake}")["QueueUrl"]
    athena = client(shop.aws.aws.url, "athena")
    then = (
        "then:\n"
        '  - query: {sql: "SELECT 1 -- ${run.id}", results: "s3://results/"}\n'
        f'  - message: {{queue: next-{shop.lake}, body: "${{jobs.hourly.manifest}}"}}\n'
        f"  - run: {{pipeline: other.yaml, variables: {{lake: {shop.lake}}}}}\n"
    )
    (shop.folder / "two.yaml").write_text((shop.folder / "two.yaml").read_text() + then)
    (shop.folder / "other.yaml").write_text(OTHER)
    shop.put("other/raw/b.json")
    first = shop.told("run", "two.yaml")
    assert [each["kind"] for each in first["followed"]] == ["query", "message", "run"]
    query, _, other = first["followed"]
    found = athena.get_query_execution(QueryExecutionId=query["result"])["QueryExecution"]
    assert found["Query"] == f"SELECT 1 -- {first['run_id']}"
    athena.close()
    assert shop.told("status", other["result"])["name"] == "other"
    again = shop.told("run", "two.yaml")
    assert again["followed"] == first["followed"]
    received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"])[
        "Messages"
    ]
    [message] = received
    assert message["Body"] == next(job["manifest"] for job in first["jobs"] if job["job"] == "hourly")
    assert message["MessageAttributes"]["emr-job-suite-run"]["StringValue"] == first["run_id"]


def test_what_follows_and_cannot_be_done_does_not_hide_how_the_run_came_out(shop: Shop) -> None:
    text = (shop.folder / "two.yaml").read_text()
    (shop.folder / "two.yaml").write_text(text + "then: [{message: {queue: nobody}}]\n")
    result = shop.run("run", "two.yaml", "-o", "json")
    assert json.loads(result.stdout)["state"] == "succeeded"
    assert result.exit_code == 3
    assert "what follows it has not: message nobody: SQS GetQueueUrl" in result.stderr
