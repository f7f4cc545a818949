"""A queue, against stubs and the embedded AWS."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from local_aws import clients
from local_aws.server import Settings
from orchestrator.aws.faults import RefusedCallError
from orchestrator.aws.sqs import MOST_BYTES, Message, Outgoing, Queue
from tests.local_aws.embedded import FAST, embedded
from tests.orchestrator.aws.pretended import BEGINNING, StillClock

URL = "https://sqs.us-east-1.amazonaws.com/123456789012/events"
UNTIL = BEGINNING + 600


@pytest.fixture
def stubbed() -> Iterator[tuple[Any, Stubber]]:
    client = clients.client("http://127.0.0.1:1", "sqs")
    with Stubber(client) as stubber:
        yield client, stubber
        stubber.assert_no_pending_responses()
    client.close()


def queue(client: Any, named: str = URL) -> Queue:
    return Queue(client, named, StillClock(), random.Random(1))  # noqa: S311 - repeatable, no secret


def messages(count: int) -> list[Message]:
    return [Message(f"m-{at}", f"r-{at}", "body", 1) for at in range(count)]


def test_a_name_is_looked_up_once_and_messages_are_received(stubbed: tuple[Any, Stubber]) -> None:
    client, stubber = stubbed
    stubber.add_response("get_queue_url", {"QueueUrl": URL}, {"QueueName": "events"})
    asked = {
        "QueueUrl": URL,
        "MaxNumberOfMessages": 10,
        "WaitTimeSeconds": 20,
        "VisibilityTimeout": 300,
        "MessageSystemAttributeNames": ["ApproximateReceiveCount"],
    }
    told = {
        "MessageId": "m",
        "ReceiptHandle": "r",
        "Body": "b",
        "Attributes": {"ApproximateReceiveCount": "3"},
    }
    stubber.add_response("receive_message", {"Messages": [told]}, asked)
    stubber.add_response("receive_message", {}, asked)
    named = queue(client, "events")
    assert named.receive(60, 300, UNTIL) == [Message("m", "r", "b", 3)]
    assert named.receive(20, 300, UNTIL) == []


def test_ten_go_in_a_call_and_those_that_fail_are_returned(stubbed: tuple[Any, Stubber]) -> None:
    client, stubber = stubbed
    many = messages(12)
    for begin, failed in ((0, [1]), (10, [0])):
        entries = [
            {"Id": str(at), "ReceiptHandle": each.receipt} for at, each in enumerate(many[begin : begin + 10])
        ]
        told = {
            "Successful": [],
            "Failed": [{"Id": str(at), "SenderFault": False, "Code": "InternalError"} for at in failed],
        }
        stubber.add_response("delete_message_batch", told, {"QueueUrl": URL, "Entries": entries})
    assert queue(client).delete(many, UNTIL) == [many[1], many[10]]
    assert queue(client).delete([], UNTIL) == []


def test_a_throttled_call_is_made_again_and_a_refused_one_told(stubbed: tuple[Any, Stubber]) -> None:
    client, stubber = stubbed
    stubber.add_client_error("change_message_visibility_batch", "RequestThrottled")
    stubber.add_response("change_message_visibility_batch", {"Successful": [], "Failed": []})
    assert queue(client).hide(messages(1), 60, UNTIL) == []
    stubber.add_client_error("send_message_batch", "AccessDenied", "no")
    with pytest.raises(RefusedCallError, match="SQS SendMessageBatch: AccessDenied: no"):
        queue(client).send([Outgoing("b", {})], UNTIL)


def test_large_messages_go_in_calls_of_their_own(stubbed: tuple[Any, Stubber]) -> None:
    client, stubber = stubbed
    large = Outgoing("x" * (MOST_BYTES - 100), {"reason": "r"})
    small = [Outgoing("y" * 50, {}) for _ in range(11)]
    sizes: list[int] = []

    def count(params: Any, **_: Any) -> None:
        sizes.append(len(params["Entries"]))

    client.meta.events.register("before-parameter-build.sqs.SendMessageBatch", count)
    for _ in range(3):
        stubber.add_response("send_message_batch", {"Successful": [], "Failed": []})
    queue(client).send([large, large, *small], UNTIL)
    assert sizes == [1, 2, 10]


def test_a_life_of_messages(tmp_path: Path) -> None:
    with embedded(tmp_path, Settings(durations=FAST)) as aws:
        client = clients.client(aws.aws.url, "sqs")
        client.create_queue(QueueName="life-of-messages")
        lived = queue(client, "life-of-messages")
        sent = [Outgoing(f"body {at}", {"reason": "none"}) for at in range(3)]
        assert lived.send(sent, UNTIL) == []
        received = lived.receive(0, 300, UNTIL)
        assert sorted(each.body for each in received) == ["body 0", "body 1", "body 2"]
        assert lived.receive(0, 300, UNTIL) == []
        assert lived.hide(received[:1], 0, UNTIL) == []
        [again] = lived.receive(0, 300, UNTIL)
        assert (again.id, again.count) == (received[0].id, 2)
        assert lived.delete([again, *received[1:]], UNTIL) == []
        client.close()
