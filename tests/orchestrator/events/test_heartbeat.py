"""Messages stay hidden while they are worked on."""

import threading

from orchestrator.aws.sqs import Message
from orchestrator.errors import TimedOutError
from orchestrator.events.heartbeat import Heartbeat
from tests.orchestrator.events.pretended import Clock, Queue

MESSAGES = [Message("m", "r", "b", 1), Message("n", "s", "b", 1)]


def test_all_that_is_held_is_hidden_at_each_beat_and_nothing_before() -> None:
    queue = Queue()
    heartbeat = Heartbeat(queue, 300, Clock().now, print)  # type: ignore[arg-type] # pretended
    heartbeat.beat()
    heartbeat.hold(MESSAGES[:1])
    heartbeat.beat()
    heartbeat.hold(MESSAGES[1:])
    heartbeat.beat()
    assert queue.calls == ["hide 1", "hide 2"]


def test_a_beat_that_fails_is_told_and_ends_nothing() -> None:
    queue, told = Queue(), list[str]()

    def fail(_name: str) -> None:
        raise TimedOutError("no answer")

    queue.on_call = fail
    heartbeat = Heartbeat(queue, 300, Clock().now, told.append)  # type: ignore[arg-type] # pretended
    heartbeat.hold(MESSAGES)
    heartbeat.beat()
    assert told == ["events: messages could not be kept hidden: no answer"]


def test_it_beats_by_itself_while_it_is_open() -> None:
    queue, has_beaten = Queue(), threading.Event()
    queue.on_call = lambda _name: has_beaten.set()
    with Heartbeat(queue, 0, Clock().now, print) as heartbeat:  # type: ignore[arg-type] # pretended
        heartbeat.hold(MESSAGES)
        assert has_beaten.wait(30)
