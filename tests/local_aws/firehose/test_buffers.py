"""Buffers by partition."""

from local_aws.firehose.buffers import MOST_PARTITIONS, Buffers
from local_aws.firehose.settings import Buffering
from tests.local_aws.firehose.pretended import NOON, records


def test_a_buffer_is_due_when_it_is_full_or_old_and_each_for_itself() -> None:
    buffers, [first, second] = Buffers(Buffering(4, 100)), records("a", "b")
    buffers.add("x", first, b"123", 0)
    buffers.add("y", second, b"4", 50)
    assert (list(buffers.take_due(99)), buffers.next_at(), buffers.size) == ([], 100, 4)
    assert [(name, buffer.parts) for name, buffer in buffers.take_due(100)] == [("x", [b"123"])]
    assert buffers.next_at() == 150
    buffers.add("y", first, b"567", 60)
    [(name, buffer)] = buffers.take_due(61)
    assert (name, buffer.parts, buffer.arrived_at) == ("y", [b"4", b"567"], NOON)
    assert (buffers.next_at(), buffers.size) == (None, 0)


def test_what_would_be_too_much_is_told_before_but_one_record_always_fits() -> None:
    buffers, [record] = Buffers(Buffering(4, 100)), records("a")
    assert not buffers.overflows("x", b"12345")
    buffers.add("x", record, b"123", 0)
    assert not buffers.overflows("x", b"4")
    assert buffers.overflows("x", b"45")


def test_the_501st_partition_is_refused() -> None:
    buffers, [record] = Buffers(Buffering(4, 100)), records("a")
    for number in range(MOST_PARTITIONS):
        assert not buffers.is_refused(str(number))
        buffers.add(str(number), record, b"", 0)
    assert buffers.is_refused("one more")
    assert not buffers.is_refused("0")
