"""Sending until all is acknowledged."""

import random
from typing import Any

import pytest

from ingestion.sending.records import Record
from ingestion.sending.sender import LONGEST_WAIT_S, PATIENCE_S, Sender, SendingError, Sent
from tests.ingestion.sending.pretended import Clock, Stream

BATCH = [Record(b"%d" % number, "k") for number in range(5)]
DATA = [record.data for record in BATCH]


def sender(stream: Any, clock: Clock | None = None, rate: float = 0.0) -> Sender:
    return Sender(stream, "devices", clock or Clock(), random.Random(1), rate)  # noqa: S311 - repeatable, no secret


def test_what_is_taken_is_counted() -> None:
    stream = Stream()
    made = sender(stream)
    assert made.send(BATCH) == 0
    assert (stream.taken, made.sent) == (DATA, Sent(records=5, sent_again=0, calls=1, bytes=5))


def test_of_a_partial_success_what_failed_alone_goes_again() -> None:
    stream = Stream(3, 2)
    made = sender(stream)
    assert made.send(BATCH) == 5
    assert stream.calls == [5, 3, 2]
    assert sorted(stream.taken) == DATA
    assert made.sent == Sent(records=5, sent_again=5, calls=3, bytes=5)


def test_a_lost_answer_sends_all_again_and_some_are_there_twice() -> None:
    stream = Stream("lost")
    made = sender(stream)
    assert made.send(BATCH) == 5
    assert stream.taken == DATA * 2


def test_waits_grow_at_random_to_their_limit() -> None:
    clock = Clock()
    sender(Stream(*[1] * 12), clock).send(BATCH)
    assert len(set(clock.slept)) == 12
    assert all(each <= min(0.1 * 2**at, LONGEST_WAIT_S) for at, each in enumerate(clock.slept))
    assert max(clock.slept) > 0.5


def test_a_throttled_call_is_made_again() -> None:
    stream = Stream("throttled", "throttled")
    assert sender(stream).send(BATCH) == 10
    assert stream.taken == DATA


def test_what_aws_refuses_ends_with_its_words() -> None:
    with pytest.raises(
        SendingError, match="stream devices: Kinesis PutRecords: ResourceNotFoundException: no stream"
    ):
        sender(Stream("refused")).send(BATCH)


def test_a_stream_that_takes_nothing_for_a_quarter_of_an_hour_is_given_up() -> None:
    clock, stream = Clock(), Stream(*[2] * 10_000)
    with pytest.raises(
        SendingError, match="2 records of a batch were not taken in 900 s; it needs more shards"
    ):
        sender(stream, clock).send(BATCH)
    assert PATIENCE_S <= clock.instant < PATIENCE_S + LONGEST_WAIT_S


def test_no_faster_than_the_rate() -> None:
    clock = Clock()
    made = sender(Stream(), clock, rate=10)
    for _ in range(4):
        made.send(BATCH)
    assert clock.instant == pytest.approx(1.5)
