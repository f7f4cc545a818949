"""Objects are replayed once, whatever crashes between."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from ingestion.replaying.items import Item
from ingestion.replaying.replay import READERS, Replay, Replayed
from ingestion.sending.sender import Sender
from local_aws.s3_server import S3Server
from tests.ingestion.replaying.test_items import envelope
from tests.ingestion.sending.pretended import Clock, Crash, Stream


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    made = S3Server()
    yield made
    made.close()


class World:
    """A bucket with failures, and a stream."""

    def __init__(self, server: S3Server, *faults: str | int) -> None:
        """Put three objects, one of them damaged."""
        self.s3, self.bucket, self.stream = server.client, server.new_bucket(), Stream(*faults)
        for key, body in {
            "processing-failed/a": envelope(b"1") + envelope(b"2\n"),
            "processing-failed/b": envelope(b"3", errorCode="Other") + b"no envelope\n",
            "processing-failed/c": b"\x1f\x8bdamaged",
            "processing-failed/empty": b"",
            "devices/x": b"not put aside",
        }.items():
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def replay(self, *, is_to_send: bool = True) -> Replayed:
        """Replay what was not."""
        stream: Any = self.stream
        draws = random.Random(1)  # noqa: S311 - repeatable, no secret
        sender = Sender(stream, "devices", Clock(), draws) if is_to_send else None
        return Replay(self.s3, self.bucket, "processing-failed/", "firehose").run(
            sender, "devices", Clock().now
        )


def test_what_there_is_is_told_and_nothing_sent(server: S3Server) -> None:
    world = World(server)
    told = world.replay(is_to_send=False)
    assert (told.objects, told.messages, told.sent, told.marked_before) == (2, 3, 0, 0)
    assert dict(told.reasons) == {"Lambda.FunctionError": 2, "Other": 1}
    assert [each.position for each in told.unread] == [1]
    assert len(told.damaged) == 1
    assert world.stream.taken == []
    assert world.replay().sent == 3


def test_everything_is_sent_once_as_it_came(server: S3Server) -> None:
    world = World(server)
    world.replay()
    # An aggregate or gzip may end in what ends a line elsewhere.
    assert sorted(world.stream.taken) == [b"1", b"2\n", b"3"]
    again = world.replay()
    assert (again.sent, again.marked_before, len(again.damaged)) == (0, 2, 1)
    world.s3.put_object(Bucket=world.bucket, Key="processing-failed/d", Body=envelope(b"4"))
    assert world.replay().sent == 1


def test_a_message_that_two_runs_have_refused_is_sent_once(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(server)
    rows = {
        "q/run_id=1/a": [Item("s3://raw/x", 0, b"1", "bad"), Item("s3://raw/x", 9, b"2", "bad")],
        "q/run_id=2/b": [Item("s3://raw/x", 9, b"2", "bad"), Item("s3://raw/y", 0, b"3", "bad")],
    }

    def replay(prefix: str = "q/") -> Replayed:
        stream: Any = world.stream
        sender = Sender(stream, "devices", Clock(), random.Random(1))  # noqa: S311 - repeatable, no secret
        return Replay(world.s3, world.bucket, prefix, "quarantine").run(sender, "devices", Clock().now)

    monkeypatch.setitem(
        READERS, "quarantine", lambda uri, _: iter(rows[uri.partition(f"{world.bucket}/")[2]])
    )
    world.s3.put_object(Bucket=world.bucket, Key="q/run_id=2/b", Body=b"parquet")
    first = replay()
    # What is found later lies before it.
    world.s3.put_object(Bucket=world.bucket, Key="q/run_id=1/a", Body=b"parquet")
    second = replay("q/run_id=1/")
    assert sorted(world.stream.taken) == [b"1", b"2", b"3"]
    assert [(each.messages, each.sent_before, each.sent) for each in (first, second)] == [
        (2, 0, 2),
        (1, 1, 1),
    ]


@pytest.mark.parametrize("fault", ["crash before", "crash after", "lost", "throttled"])
def test_after_a_crash_the_rest_is_sent_and_at_most_one_object_again(server: S3Server, fault: str) -> None:
    world = World(server, 0, fault)
    try:
        world.replay()
    except Crash:
        world.replay()
    assert set(world.stream.taken) == {b"1", b"2\n", b"3"}
    assert len(world.stream.taken) <= 4
