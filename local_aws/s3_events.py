"""What moto leaves out of S3's events: sequencers, versions, keys as S3 encodes them, functions that are invoked.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
Not there: events of delete markers, of which moto sends none, and sequencers in what goes to EventBridge.
"""

import itertools
import json
import logging
import threading
from collections.abc import Callable
from time import time_ns
from typing import Any, Final
from urllib.parse import quote_plus

from moto.s3 import notifications

log = logging.getLogger("local_aws")
_ORIGINAL: Final = notifications._get_s3_event
# A sequencer is compared as text with those of the same key: it rises with each event.
_SEQUENCE: Final = itertools.count(time_ns())


class Invocations:
    """Whom events invoke: moto keeps one account in a process, and so does this."""

    invoke: Callable[[str, bytes], object] | None = None


def complete() -> None:
    """Let moto's events be complete from now on; more than once does no harm."""
    notifications._get_s3_event = _event
    notifications._invoke_awslambda = _invoke


def _event(event_name: str, bucket: Any, key: Any, notification_id: str) -> dict[str, Any]:
    told: dict[str, Any] = _ORIGINAL(event_name, bucket, key, notification_id)
    for record in told["Records"]:
        about = record["s3"]["object"]
        about["key"] = quote_plus(key.name, safe="/")
        about["sequencer"] = f"{next(_SEQUENCE):018X}"
        if bucket.is_versioned:
            about["versionId"] = key.version_id
        if record["eventName"].startswith("ObjectRemoved"):
            about.pop("size", None)
            about.pop("eTag", None)
    return told


def _invoke(account_id: str, event_body: Any, fn_arn: str, region_name: str) -> None:
    """Invoke a function as S3 does: nobody waits for it."""
    del account_id, region_name
    invoke = Invocations.invoke
    if invoke is None:
        log.warning("an S3 event is for %s, and no server runs functions", fn_arn)
        return
    payload = json.dumps(event_body).encode()
    threading.Thread(target=invoke, args=(fn_arn, payload), name="s3-event", daemon=True).start()
