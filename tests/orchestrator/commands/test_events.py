"""Events of new objects make a pipeline run, on the embedded AWS; steps only take their time."""

from tests.orchestrator.commands.eventful import Eventful


def test_objects_that_have_come_are_read_by_one_run_and_not_again(eventful: Eventful) -> None:
    eventful.put("raw/b.json", "raw/c d+ü.json", "raw/_SUCCESS", "other/x.json")
    told = eventful.shop.told("events", "drain", "two.yaml")
    [batch] = told["batches"]
    assert (batch["objects"], batch["outcome"], told["events"]) == (2, "done", 2)
    lake = eventful.shop.lake
    assert eventful.read_by(batch["run_id"]) == [f"s3://{lake}/raw/b.json", f"s3://{lake}/raw/c d+ü.json"]
    assert eventful.counts() == {"done": 2}
    again = eventful.shop.told("events", "drain", "two.yaml")
    assert again["batches"] == []
    # A new version of one of them is another run.
    eventful.shop.put("raw/b.json", b"{} ")
    [next_batch] = eventful.shop.told("events", "drain", "two.yaml")["batches"]
    assert (next_batch["objects"], next_batch["batch"]) == (1, 2)
    assert next_batch["run_id"] != batch["run_id"]


def test_what_nobody_can_read_is_put_aside_with_its_reason_and_blocks_nothing(eventful: Eventful) -> None:
    eventful.sqs.send_message(QueueUrl=eventful.url, MessageBody="no JSON")
    eventful.put("raw/b.json")
    told = eventful.shop.told("events", "drain", "two.yaml")
    assert (told["put_aside"], len(told["batches"])) == (1, 1)
    [message] = eventful.aside()
    assert message["Body"] == "no JSON"
    attributes = message["MessageAttributes"]
    assert attributes["emr-job-suite-reason"]["StringValue"] == "not_json"
    assert "expected JSON" in attributes["emr-job-suite-text"]["StringValue"]
