"""What moto leaves out of S3's events: sequencers, versions, encoded keys, delete markers, functions that are invoked.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
Not there: events of a version that is deleted while its key has others.
"""

import copy
import itertools
import json
import logging
import threading
import uuid
from collections.abc import Callable
from time import time, time_ns
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import quote_plus

from moto.events.models import events_backends
from moto.events.utils import _BASE_EVENT_MESSAGE
from moto.s3 import notifications
from moto.s3.models import FakeDeleteMarker, S3Backend

log = logging.getLogger("local_aws")
_ORIGINAL: Final = notifications._get_s3_event
_SEND: Final = notifications.send_event
_MARK: Final = S3Backend._set_delete_marker
_MARKED: Final = notifications.S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT
# A sequencer is compared as text with those of the same key: it rises with each event.
_SEQUENCE: Final = itertools.count(time_ns())


class Invocations:
    """Whom events invoke: moto keeps one account in a process, and so does this."""

    invoke: Callable[[str, bytes], object] | None = None


class _Event(threading.local):
    """The sequencer of the event that a thread tells of, the same for all who hear of it."""

    sequencer = ""


_CURRENT: Final = _Event()


def complete() -> None:
    """Let moto's events be complete from now on; more than once does no harm."""
    notifications.send_event = _send
    notifications._get_s3_event = _event
    notifications._send_event_bridge_message = _send_to_bridge
    notifications._invoke_awslambda = _invoke
    S3Backend._set_delete_marker = _mark  # type: ignore[assignment, method-assign] # takes its place


def _send(account_id: str, event_name: Any, bucket: Any, key: Any) -> None:
    """Tell all who want to hear of it."""
    _CURRENT.sequencer = f"{next(_SEQUENCE):018X}"
    if isinstance(key, FakeDeleteMarker):
        key = SimpleNamespace(name=key.name, version_id=key.version_id, size=0, etag="")
    _SEND(account_id, event_name, bucket, key)


def _mark(backend: S3Backend, bucket_name: str, key_name: str) -> FakeDeleteMarker:
    """Put a delete marker, and tell of it."""
    made = _MARK(backend, bucket_name, key_name)
    notifications.send_event(backend.account_id, _MARKED, backend.get_bucket(bucket_name), made)
    return made


def _event(event_name: str, bucket: Any, key: Any, notification_id: str) -> dict[str, Any]:
    told: dict[str, Any] = _ORIGINAL(event_name, bucket, key, notification_id)
    for record in told["Records"]:
        about = record["s3"]["object"]
        about["key"] = quote_plus(key.name, safe="/")
        about["sequencer"] = _CURRENT.sequencer
        if bucket.is_versioned:
            about["versionId"] = key.version_id
        if record["eventName"].startswith("ObjectRemoved"):
            about.pop("size", None)
            about.pop("eTag", None)
    return told


def _send_to_bridge(account_id: str, bucket: Any, event_name: str, key: Any) -> None:
    """Tell EventBridge, whose rules that are schedules are not meant."""
    event = _of_bridge(account_id, bucket, event_name, key)
    for bus in events_backends[account_id][bucket.region_name].event_buses.values():
        for rule in bus.rules.values():
            if rule.scheduled_expression is None:
                try:
                    rule.send_to_targets(event, transform_input=False)
                except Exception:  # as on AWS nothing of it is the writer's matter
                    log.exception("the rule %s could not tell its targets of an S3 event", rule.name)


def _of_bridge(account_id: str, bucket: Any, event_name: str, key: Any) -> Any:
    event: Any = copy.deepcopy(_BASE_EVENT_MESSAGE)
    about = {"key": key.name, "sequencer": _CURRENT.sequencer}
    if bucket.is_versioned:
        about["version-id"] = key.version_id
    detail = {"version": "0", "bucket": {"name": bucket.name}, "object": about, "requester": account_id}
    if "ObjectRemoved" in event_name:
        is_marker = "DeleteMarkerCreated" in event_name
        detail["deletion-type"] = "Delete Marker Created" if is_marker else "Permanently Deleted"
    else:
        about |= {"size": key.size, "etag": key.etag.replace('"', "")}
    return event | {
        "id": str(uuid.uuid4()),
        "detail-type": notifications._detail_type(event_name),
        "source": "aws.s3",
        "account": account_id,
        "time": time(),
        "region": bucket.region_name,
        "resources": [bucket.arn],
        "detail": detail,
    }


def _invoke(account_id: str, event_body: Any, fn_arn: str, region_name: str) -> None:
    """Invoke a function as S3 does: nobody waits for it."""
    del account_id, region_name
    invoke = Invocations.invoke
    if invoke is None:
        log.warning("an S3 event is for %s, and no server runs functions", fn_arn)
        return
    payload = json.dumps(event_body).encode()
    threading.Thread(target=invoke, args=(fn_arn, payload), name="s3-event", daemon=True).start()
