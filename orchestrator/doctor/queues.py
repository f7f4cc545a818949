"""The queues that a pipeline's events come by, and go to."""

import shlex
from collections.abc import Iterator
from typing import Any, Final

from botocore.exceptions import ClientError

from orchestrator.aws.faults import code_of
from orchestrator.doctor.checks import Check, missing, ok

_GONE: Final = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})


def check_queue(sqs: Any, named: str) -> Iterator[Check]:
    """See whether a queue is there, by its name; one that is named by its URL is somebody else's to make."""
    title = f"queue {named}"
    if "://" in named:
        yield ok(title, "named by its URL: nobody has looked")
        return
    try:
        url = sqs.get_queue_url(QueueName=named)["QueueUrl"]
    except ClientError as error:
        if code_of(error) not in _GONE:
            raise
        yield missing(title, "there is none", f"aws sqs create-queue --queue-name {shlex.quote(named)}")
        return
    yield ok(title, str(url))
