"""Queues that invoke functions: what is not reported is deleted, the rest stays."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from moto.sqs.models import Message, Queue

from local_aws.clients import client
from local_aws.functions import event_sources
from local_aws.functions.event_sources import failed
from local_aws.functions.host import Result
from local_aws.server import Settings
from tests.local_aws.embedded import FAST, Embedded, embedded
from tests.local_aws.functions.zips import zipped
from tests.local_aws.test_services import TRUST

REPORTS = ["ReportBatchItemFailures"]
HANDLER = """
def handler(event, context):
    bodies = {each["messageId"]: each["body"] for each in event["Records"]}
    print("told", sorted(bodies.values()), event["Records"][0]["eventSourceARN"], flush=True)
    if "raise" in bodies.values():
        raise ValueError("as was asked for")
    return {"batchItemFailures": [{"itemIdentifier": name} for name in bodies if bodies[name] == "bad"]}
"""


@pytest.mark.parametrize(
    ("payload", "stay"),
    [
        (b"null", set()),
        (b"{}", set()),
        (b'{"batchItemFailures": null}', set()),
        (b'{"batchItemFailures": []}', set()),
        (b'{"batchItemFailures": [{"itemIdentifier": "b"}]}', {"b"}),
        (b'{"batchItemFailures": [{"itemIdentifier": ""}]}', {"a", "b"}),
        (b'{"batchItemFailures": [{"itemIdentifier": null}]}', {"a", "b"}),
        (b'{"batchItemFailures": [{"itemIdentifier": "other"}]}', {"a", "b"}),
        (b'{"batchItemFailures": [{"id": "a"}]}', {"a", "b"}),
        (b'{"batchItemFailures": ["a"]}', {"a", "b"}),
        (b'"text"', {"a", "b"}),
        (b"no JSON", {"a", "b"}),
    ],
)
def test_what_a_function_reports_stays(payload: bytes, stay: set[str]) -> None:
    assert failed(Result(payload), ["a", "b"], REPORTS) == stay


def test_who_does_not_report_has_done_everything_or_nothing() -> None:
    told = b'{"batchItemFailures": [{"itemIdentifier": "b"}]}'
    assert failed(Result(told), ["a", "b"], []) == frozenset()
    assert failed(Result(told, "Unhandled"), ["a", "b"], []) == {"a", "b"}
    assert failed(Result(told, "Unhandled"), ["a", "b"], REPORTS) == {"a", "b"}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with embedded(tmp_path_factory.mktemp("aws"), Settings(durations=FAST)) as made:
        yield made


class Mapped:
    """A queue with a function that it invokes, once it is enabled."""

    def __init__(self, aws: Embedded, name: str) -> None:
        """Make them."""
        self._aws, self._name = aws, name
        self.sqs, self.functions, iam = (client(aws.aws.url, each) for each in ("sqs", "lambda", "iam"))
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        self.functions.create_function(
            FunctionName=name,
            Runtime="python3.11",
            Role=role,
            Handler="handlers.handler",
            Code={"ZipFile": zipped(HANDLER)},
        )
        self.url = self.sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
        self.arn = self._attributes("QueueArn")["QueueArn"]
        iam.close()
        self.id = self.functions.create_event_source_mapping(
            EventSourceArn=self.arn,
            FunctionName=name,
            BatchSize=3,
            Enabled=False,
            FunctionResponseTypes=REPORTS,
        )["UUID"]

    def send(self, *bodies: str) -> None:
        """Send messages, then let the function be invoked."""
        for each in bodies:
            self.sqs.send_message(QueueUrl=self.url, MessageBody=each)
        self.functions.update_event_source_mapping(UUID=self.id, Enabled=True)

    def until(self, waiting: int, hidden: int) -> None:
        """Wait until so many messages wait, and so many are hidden."""
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")

        def is_so() -> bool:
            found = self._attributes(*names)
            return tuple(int(found[each]) for each in names) == (waiting, hidden)

        self._aws.until(is_so)

    @property
    def told(self) -> list[str]:
        """Return what the function was told, call by call."""
        log = self._aws.data / "functions" / self._name / "log"
        return [line for line in log.read_text().splitlines() if line.startswith("told")]

    def close(self) -> None:
        """Let nothing be invoked any more."""
        self.functions.delete_event_source_mapping(UUID=self.id)
        self.sqs.close()
        self.functions.close()

    def _attributes(self, *names: str) -> Any:
        return self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=list(names))["Attributes"]


def test_messages_invoke_their_function_and_those_it_reports_stay(aws: Embedded) -> None:
    mapped = Mapped(aws, "reports")
    mapped.send("a", "bad", "c", "d")
    mapped.until(0, 1)
    assert mapped.told == [f"told ['a', 'bad', 'c'] {mapped.arn}", f"told ['d'] {mapped.arn}"]
    mapped.close()


def test_all_of_a_batch_whose_invocation_fails_stays(aws: Embedded) -> None:
    mapped = Mapped(aws, "raises")
    mapped.send("a", "raise", "c", "d")
    mapped.until(0, 3)
    assert len(mapped.told) == 2
    mapped.close()


def test_who_sends_does_not_wait_for_a_function_and_nothing_is_invoked_twice(aws: Embedded) -> None:
    mapped = Mapped(aws, "alone")
    mapped.send("a")
    mapped.until(0, 0)
    mapped.send("b")
    mapped.until(0, 0)
    assert len(mapped.told) == 2
    mapped.close()


def test_a_message_that_is_sent_while_another_is_deleted_is_not_lost() -> None:
    event_sources.complete()
    queue = Queue("q", "us-east-1", "123456789012")  # type: ignore[abstract] # moto makes it so
    first = Message("1", "first")
    first.mark_sent()
    first.mark_received(600)
    queue.add_message(first)
    with queue._messages_lock:
        deleting = threading.Thread(target=queue.delete_message, args=(first.receipt_handle,))
        deleting.start()
        assert queue._messages == [first]  # it waits
        queue.add_message(Message("2", "second"))
    deleting.join(30)
    assert [each.id for each in queue._messages] == ["2"]
