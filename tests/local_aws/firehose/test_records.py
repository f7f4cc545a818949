"""How far a source is delivered without a gap."""

from hypothesis import given
from hypothesis import strategies as st

from local_aws.firehose.records import Record, Watermark


def made(*positions: tuple[str, int, int]) -> list[Record]:
    return [Record(b"", 0, shard, str(sequence), sub) for shard, sequence, sub in positions]


def test_a_shard_rises_when_its_oldest_is_done() -> None:
    first, second, other = made(("a", 1, 0), ("a", 2, 0), ("b", 7, 0))
    watermark = Watermark({"b": "6"})
    watermark.take([first, second, other])
    assert not watermark.done([second])
    assert watermark.delivered == {"b": "6"}
    assert watermark.done([first, other])
    assert watermark.delivered == {"a": "2", "b": "7"}


def test_all_records_of_an_aggregate_must_be_done() -> None:
    parts = made(("a", 1, 0), ("a", 1, 1))
    watermark = Watermark()
    watermark.take(parts)
    assert not watermark.done(parts[:1])
    assert watermark.done(parts[1:])
    assert watermark.delivered == {"a": "1"}


@given(st.permutations(range(8)))
def test_in_whatever_order_it_is_the_longest_run_from_the_beginning(order: list[int]) -> None:
    records = made(*[("a", number, 0) for number in range(8)])
    watermark, done = Watermark(), set()
    watermark.take(records)
    for number in order:
        watermark.done([records[number]])
        done.add(number)
        run = next(at for at in range(9) if at not in done)
        assert watermark.delivered == ({"a": str(run - 1)} if run else {})
