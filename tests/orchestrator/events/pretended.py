"""A queue in memory, events in it, and a clock that stands still."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from ingestion.s3_events.model import AllowList, Kind, ObjectEvent
from orchestrator.aws.sqs import Message, Outgoing
from orchestrator.events.consuming import Source
from orchestrator.ledger.ledger import Recorded

BEGINNING = 1_775_044_800.0


class Crash(BaseException):
    """The process is gone."""


class Clock:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        """Begin."""
        self.instant = BEGINNING

    def now(self) -> float:
        """Return this instant."""
        return self.instant

    def sleep(self, seconds: float, /) -> None:
        """Let time pass."""
        self.instant += seconds


class Queue:
    """Messages in memory; `on_call` may fail a call."""

    named = "events"

    def __init__(self, *bodies: str) -> None:
        """Begin with messages."""
        self.messages = {f"m-{at}": body for at, body in enumerate(bodies)}
        self.hidden: set[str] = set()
        self.sent: list[Outgoing] = []
        self.calls: list[str] = []
        self.refused: set[str] = set()
        self.on_call: Callable[[str], None] = lambda _name: None

    def _called(self, name: str) -> None:
        self.calls.append(name)
        self.on_call(name)

    def receive(self, wait_s: int, visible_after_s: int, until: float) -> list[Message]:
        """Receive up to ten."""
        del wait_s, visible_after_s, until
        self._called("receive")
        names = [name for name in self.messages if name not in self.hidden][:10]
        self.hidden |= set(names)
        return [Message(name, name, self.messages[name], 1) for name in names]

    def delete(self, messages: Sequence[Message], until: float) -> list[Message]:
        """Delete messages."""
        del until
        self._called("delete")
        for each in messages:
            self.messages.pop(each.id, None)
        return []

    def hide(self, messages: Sequence[Message], seconds: int, until: float) -> list[Message]:
        """Hide messages."""
        del seconds, until
        self._called(f"hide {len(messages)}")
        return []

    def send(self, messages: Sequence[Outgoing], until: float) -> list[Outgoing]:
        """Take messages, but those whose body is refused."""
        del until
        self._called("send")
        self.sent += [each for each in messages if each.body not in self.refused]
        return [each for each in messages if each.body in self.refused]

    def show_all(self) -> None:
        """Let what was not deleted be visible again."""
        self.hidden.clear()


class Ledger:
    """What was recorded."""

    def __init__(self) -> None:
        """Begin empty."""
        self.puts: list[list[str]] = []
        self.on_record: Callable[[], None] = lambda: None

    def record(self, events: Sequence[ObjectEvent], until: float, /) -> Recorded:
        """Record events, but those whose keys are old."""
        del until
        self.on_record()
        old = tuple(event for event in events if event.key.endswith("old"))
        self.puts.append([event.key for event in events if event not in old])
        return Recorded((), old)

    @property
    def keys(self) -> set[str]:
        """Return all keys that were recorded."""
        return {key for put in self.puts for key in put}


def notification(*keys: str, bucket: str = "raw") -> str:
    """Write what S3 sends."""
    records: list[dict[str, Any]] = [
        {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "eventTime": "2026-04-01T12:00:00.000Z",
            "eventName": "ObjectCreated:Put",
            "s3": {
                "bucket": {"name": bucket},
                "object": {"key": key, "size": 7, "eTag": "e", "sequencer": "0A"},
            },
        }
        for key in keys
    ]
    return json.dumps({"Records": records})


def source(queue: Queue, dead: Queue, most: int = 1000) -> Source:
    """Make a source that takes what lies below `devices/` in the bucket `raw`."""
    made: Any = Source(queue, dead, AllowList({"raw": ["devices/"]}), most=most)  # type: ignore[arg-type] # pretended
    result: Source = made
    return result


def event(key: str, size: int = 7, sequencer: str = "0A") -> ObjectEvent:
    """Make an event of an object."""
    return ObjectEvent(Kind.CREATED, "raw", key, None, "e", sequencer, size, BEGINNING)
