"""Queues that invoke functions, as Lambda's pollers do; mappings are made by moto's CreateEventSourceMapping.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
A batch is invoked at once with what the queue has: no batching window is waited for. What is not deleted comes again
after the queue's visibility time-out.
"""

import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from moto.awslambda.models import LambdaBackend, lambda_backends
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sqs.models import Message, Queue, sqs_backends

from local_aws.functions.host import Result

log = logging.getLogger("local_aws")
_CREATE: Final = LambdaBackend.create_event_source_mapping
_DELETE: Final = Queue.delete_message
_EVERY_S: Final = 0.2
# Of bodies in an event; the event has more around them, and may be 6 MB.
_MOST_BYTES: Final = 4 * 1024 * 1024
_REPORTS: Final = "ReportBatchItemFailures"


def complete() -> None:
    """Let moto leave invocations to us from now on; more than once does no harm."""
    LambdaBackend.create_event_source_mapping = _create  # type: ignore[assignment, method-assign] # takes its place
    Queue.delete_message = _delete  # type: ignore[assignment, method-assign] # takes its place


class EventSources:
    """A thread that looks into the queues of all mappings."""

    def __init__(self, invoke: Callable[[str, bytes], Result], region: str) -> None:
        """Begin."""
        self._invoke, self._region = invoke, region
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="event-sources", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End, after the invocation that is under way."""
        self._is_over.set()
        self._thread.join()

    def look(self) -> bool:
        """Invoke a function for each queue that has messages; tell whether any had."""
        found = False
        for mapping in list(
            lambda_backends[DEFAULT_ACCOUNT_ID][self._region]._event_source_mappings.values()
        ):
            queue = self._queue(mapping.event_source_arn)
            if mapping.enabled and queue is not None and not self._is_over.is_set():
                found |= self._take(mapping, queue)
        return found

    def _run(self) -> None:
        while not self._is_over.is_set():
            try:
                found = self.look()
            except Exception:
                log.exception("an event source failed, and is tried again")
                found = False
            if not found:
                self._is_over.wait(_EVERY_S)

    def _queue(self, arn: str) -> Queue | None:
        queues = list(sqs_backends[DEFAULT_ACCOUNT_ID][self._region].queues.values())
        return next((each for each in queues if each.queue_arn == arn), None)

    def _take(self, mapping: Any, queue: Queue) -> bool:
        backend = sqs_backends[DEFAULT_ACCOUNT_ID][self._region]
        hidden_s = int(queue.visibility_timeout)  # type: ignore[attr-defined] # an attribute of the queue
        messages: list[Message] = []
        size = 0
        while len(messages) < mapping.batch_size and size < _MOST_BYTES:
            received = backend.receive_message(queue.name, 1, 0, hidden_s)
            if not received:
                break
            messages += received
            size += len(received[0].body.encode())
        if not messages:
            return False
        payload = json.dumps({"Records": [_record(each, queue, self._region) for each in messages]})
        result = self._invoke(mapping.function_arn, payload.encode())
        stay = failed(result, [each.id for each in messages], mapping.function_response_types or ())
        for each in messages:
            if each.id not in stay:
                backend.delete_message(queue.name, str(each.receipt_handle))
        return True


def failed(result: Result, ids: Sequence[str], response_types: Sequence[str]) -> frozenset[str]:
    """Return the ids of messages that stay in their queue after an invocation."""
    everything = frozenset(ids)
    if result.error is not None:
        return everything
    if _REPORTS not in response_types:
        return frozenset()
    try:
        told = json.loads(result.payload)
    except ValueError:
        return everything
    if told is None:
        return frozenset()
    if not isinstance(told, Mapping):
        return everything
    items = told.get("batchItemFailures") or []
    named = {str(each.get("itemIdentifier")) if isinstance(each, Mapping) else "" for each in items}
    # A name that nothing has, as one that is missing: all of it comes again.
    return frozenset(named) if named <= everything else everything


def _record(message: Message, queue: Queue, region: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event."""
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": str(message.approximate_receive_count),
            "SentTimestamp": str(message.sent_timestamp),
            "SenderId": message.sender_id,
            "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
        },
        "messageAttributes": {},
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.queue_arn,
        "awsRegion": region,
    }


def _create(backend: LambdaBackend, spec: dict[str, Any]) -> Any:
    """Make a mapping that its queue does not know of: the queue would invoke by Docker, in the sender's call."""
    made = _CREATE(backend, spec)
    for queue in sqs_backends[backend.account_id][backend.region_name].queues.values():
        queue.lambda_event_source_mappings.pop(made.function_arn, None)
    return made


def _delete(queue: Queue, receipt_handle: str) -> None:
    """Delete a message; one that is sent meanwhile is not lost, as it would be by moto's own."""
    with queue._messages_lock:
        _DELETE(queue, receipt_handle)
