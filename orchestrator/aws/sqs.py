"""A standard queue of SQS as the orchestrator uses it: messages come at least once, in any order.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues.html
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from orchestrator.aws.clock import Clock
from orchestrator.aws.retrying import Retrying

# What one call takes at most.
AT_ONCE: Final = 10
LONGEST_WAIT_S: Final = 20
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
MOST_BYTES: Final = 1024 * 1024

Each = TypeVar("Each")


@dataclass(frozen=True)
class Message:
    """A message that was received: `receipt` is what deletes it, `count` how often it has been received."""

    id: str
    receipt: str
    body: str
    count: int


@dataclass(frozen=True)
class Outgoing:
    """A message to be sent, with attributes that are texts."""

    body: str
    attributes: dict[str, str]

    @property
    def size(self) -> int:
        """Return what it counts in a call: attributes count with their names and types."""
        return len(self.body.encode("utf-8", "surrogatepass")) + sum(
            len(name) + len(value.encode()) + len("String") for name, value in self.attributes.items()
        )


class Queue:
    """A queue, by its name or URL."""

    def __init__(self, client: Any, named: str, clock: Clock, draws: random.Random | None = None) -> None:
        """Make it with a boto3 client; a name is looked up when it is first used."""
        self._client, self.named = client, named
        self._url = named if "://" in named else None
        self._retrying = Retrying("SQS", clock, draws or random.Random())  # noqa: S311 - waits, not secrets

    def receive(self, wait_s: int, visible_after_s: int, until: float) -> list[Message]:
        """Receive up to ten messages; nobody else does, until they are visible again."""
        url = self._found(until)
        answer = self._retrying.read(
            "ReceiveMessage",
            lambda: self._client.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=AT_ONCE,
                WaitTimeSeconds=min(wait_s, LONGEST_WAIT_S),
                VisibilityTimeout=visible_after_s,
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
            ),
            until,
        )
        return [_message(each) for each in answer.get("Messages", [])]

    def delete(self, messages: Sequence[Message], until: float) -> list[Message]:
        """Delete messages; return those that could not be, which come again."""
        return self._each(
            "DeleteMessageBatch",
            messages,
            lambda each: {"ReceiptHandle": each.receipt},
            self._client.delete_message_batch,
            until,
        )

    def hide(self, messages: Sequence[Message], seconds: int, until: float) -> list[Message]:
        """Let nobody else receive messages for so long from now on (0: at once); return those that failed."""
        return self._each(
            "ChangeMessageVisibilityBatch",
            messages,
            lambda each: {"ReceiptHandle": each.receipt, "VisibilityTimeout": seconds},
            self._client.change_message_visibility_batch,
            until,
        )

    def send(self, messages: Sequence[Outgoing], until: float) -> list[Outgoing]:
        """Send messages, each in a call of its own where several would be too large; return those that failed."""
        failed: list[Outgoing] = []
        for batch in _by_size(messages):
            failed += self._each(
                "SendMessageBatch",
                batch,
                lambda each: {"MessageBody": each.body, "MessageAttributes": _attributes(each.attributes)},
                self._client.send_message_batch,
                until,
            )
        return failed

    def _found(self, until: float) -> str:
        if self._url is None:
            answer = self._retrying.read(
                "GetQueueUrl", lambda: self._client.get_queue_url(QueueName=self.named), until
            )
            self._url = str(answer["QueueUrl"])
        return self._url

    def _each(
        self, operation: str, things: Sequence[Each], entry: Any, call: Any, until: float
    ) -> list[Each]:
        """Do it to each of several, ten a call; who fails inside a call that is answered is returned."""
        url, failed = self._found(until), []
        for begin in range(0, len(things), AT_ONCE):
            batch = things[begin : begin + AT_ONCE]
            entries = [{"Id": str(at), **entry(each)} for at, each in enumerate(batch)]
            answer = self._retrying.read(
                operation,
                lambda entries=entries: call(QueueUrl=url, Entries=entries),  # type: ignore[misc] # no default in a lambda
                until,
            )
            failed += [batch[int(each["Id"])] for each in answer.get("Failed", [])]
        return failed


def _message(told: Any) -> Message:
    count = int(told.get("Attributes", {}).get("ApproximateReceiveCount", 1))
    return Message(told["MessageId"], told["ReceiptHandle"], told["Body"], count)


def _attributes(told: dict[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"DataType": "String", "StringValue": value} for name, value in told.items()}


def _by_size(messages: Sequence[Outgoing]) -> Iterator[list[Outgoing]]:
    """Gather what one call may carry together."""
    batch: list[Outgoing] = []
    size = 0
    for each in messages:
        if batch and (len(batch) == AT_ONCE or size + each.size > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += each.size
    if batch:
        yield batch
