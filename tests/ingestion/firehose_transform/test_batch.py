import base64
import gzip
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.firehose_transform.batch import Counts
from ingestion.firehose_transform.errors import PutRefusedError
from ingestion.firehose_transform.records import MARK
from ingestion.firehose_transform.sending_back import Piece
from tests.ingestion.firehose_transform.making import (
    HEARTBEAT,
    STREAM_ARN,
    Memory,
    aggregate,
    data_of,
    edge,
    length,
    message,
    records,
    results,
    run,
)

NOTHING: dict[str, Any] = dict.fromkeys(Counts.__dataclass_fields__, 0) | {"faults": {}}
MANY = [message(number) for number in range(40)]
LONG = gzip.compress(b"\n".join(MANY))
"""A record that is several times longer when it is opened."""

SMALL: dict[str, Any] = {"most_response_bytes": 3_000}
DENIED = "firehose:PutRecordBatch: denied"


def counts(**given: Any) -> Counts:
    return Counts(**{**NOTHING, **given})


def test_each_record_is_answered_once_with_what_became_of_it() -> None:
    answers, told = run([message(1) + message(2, "1709287200123"), HEARTBEAT, b"", LONG[:-1], b"Hello World"])
    assert results(answers) == ["Ok", "Dropped", "Dropped", "ProcessingFailed", "Ok"]
    assert data_of(answers[0]) == message(1) + b"\n" + message(2) + b"\n"
    assert [answer["data"] for answer in answers[1:3]] == ["", ""]
    assert data_of(answers[3]) == LONG[:-1]
    assert data_of(answers[4]) == b"Hello World\n"
    faults = {"gzip that ends too early": 1}
    assert told == counts(
        received=5, ok=2, dropped=2, failed=1, messages=4, written=3, heartbeats=1, faults=faults
    )


def test_no_records_are_no_answers() -> None:
    assert run([]) == ([], counts())


def test_what_does_not_fit_is_sent_back_as_it_is_written_and_dropped() -> None:
    memory = Memory()
    answers, told = run([message(0), LONG, message(1)], edge(memory), **SMALL)
    assert results(answers) == ["Ok", "Dropped", "Ok"]
    assert memory.taken == [Piece(1, tuple(MANY), "")]
    assert told == counts(received=3, ok=2, dropped=1, messages=42, written=2, sent_back=40)
    again, told_again = run([piece.data for piece in memory.taken], edge(Memory()))
    assert data_of(again[0]) == b"\n".join(MANY) + b"\n"
    assert (told_again.written, told_again.sent_back) == (40, 0)


def test_with_a_kinesis_stream_as_source_records_go_back_under_their_key() -> None:
    memory = Memory()
    run([LONG], edge(memory), source=STREAM_ARN, **SMALL)
    assert [piece.partition_key for piece in memory.taken] == ["device-7"]


def test_what_was_sent_back_before_is_not_sent_again() -> None:
    marked = MARK + b"\n".join(MANY)
    answers, told = run([marked, message(1)], **SMALL)
    assert results(answers) == ["ProcessingFailed", "Ok"]
    assert told.faults == {"it was sent back before and does not fit into the answer": 1}


def refuse(_: Sequence[Piece]) -> list[Piece]:
    raise PutRefusedError(DENIED)


def test_what_cannot_be_sent_back_fails_with_its_original() -> None:
    answers, told = run([LONG], edge(Memory(refuse)), **SMALL)
    assert results(answers) == ["ProcessingFailed"]
    assert data_of(answers[0]) == LONG
    faults = {f"it does not fit into the answer, and {DENIED}": 1}
    assert told == counts(received=1, failed=1, messages=40, kept=40, faults=faults)


@pytest.mark.parametrize(
    ("count", "result", "data"),
    [(1_001, "Ok", message(0) + b"\n"), (1_040, "ProcessingFailed", None)],
    ids=["the rest fits", "the rest does not"],
)
def test_of_a_record_that_was_taken_in_part_the_rest_is_written_where_it_fits(
    count: int, result: str, data: bytes | None
) -> None:
    record = gzip.compress(b"\n".join((MANY * 27)[:count]))
    left = iter([60_000, 0])
    memory = Memory(lambda put: [put[2]])
    (answer,), told = run([record], edge(memory, lambda: next(left)), **SMALL)
    assert answer["result"] == result
    assert data_of(answer) == (record if data is None else data)
    rest = count - 1_000
    assert (told.sent_back, told.written, told.kept) == (1_000, rest if data else 0, 0 if data else rest)


def test_a_rest_takes_no_more_room_than_its_original_would() -> None:
    seen = set()
    for count in range(1_001, 1_020):
        record = gzip.compress(b"\n".join((MANY * 27)[:count]))
        left = iter([60_000, 0])
        answers, _ = run([record], edge(Memory(lambda put: [put[2]]), left.__next__), **SMALL)
        failed, _ = run([record], edge(Memory(refuse)), **SMALL)
        assert length(answers) <= length(failed)
        seen.add(answers[0]["result"])
    assert seen == {"Ok", "ProcessingFailed"}


def test_a_message_too_long_for_any_record_fails_where_it_does_not_fit() -> None:
    answers, told = run([gzip.compress(b'"' + b"x" * 1_000_000 + b'"')], **SMALL)
    assert results(answers) == ["ProcessingFailed"]
    assert told.faults == {"a message too long for a record, in a batch too long for the answer": 1}


def test_partition_keys_are_set_only_where_they_are_asked_for() -> None:
    given = [message(1), message(2) + message(3, '"2024-03-02T00:00:00Z"'), b"", LONG[:-1]]
    answers, told = run(given, partition_keys=("year", "month", "day"))
    keys = {"partitionKeys": {"year": "2024", "month": "03", "day": "01"}}
    assert [answer.get("metadata") for answer in answers] == [keys, keys, None, None]
    assert told.mixed == 1
    assert all("metadata" not in answer for answer in run(given)[0])


def test_more_than_lambda_lets_through_fails_without_data() -> None:
    given = [MARK + message(number) for number in range(20)]
    answers, _ = run(given, **SMALL)
    assert set(results(answers)) == {"Ok", "ProcessingFailed"}
    assert {answer["data"] for answer in answers if answer["result"] == "ProcessingFailed"} == {""}
    assert length(answers) <= 3_000


outcomes = st.sampled_from(["all", "none", "first", "refuse"])


def take(outcome: str) -> Any:
    return {"all": lambda _: [], "none": list, "first": lambda put: list(put[1:]), "refuse": refuse}[outcome]


@given(
    st.lists(
        st.one_of(records, st.just(LONG), st.just(aggregate([LONG, message(1), HEARTBEAT]))), max_size=8
    ),
    st.lists(outcomes, max_size=3),
    st.integers(2_500, 30_000),
    st.booleans(),
)
def test_whatever_comes_the_answer_fits_and_no_message_is_lost(
    given: list[bytes], script: list[str], most: int, partitioned: bool
) -> None:
    left = iter([60_000.0] * 8)
    memory = Memory(*map(take, script))
    keys = ("year", "type") if partitioned else ()
    answers, told = run(
        given, edge(memory, lambda: next(left, 0.0)), most_response_bytes=most, partition_keys=keys
    )
    assert length(answers) <= most
    assert told.received == len(given) == told.ok + told.dropped + told.failed
    assert told.messages == told.written + told.heartbeats + told.sent_back + told.kept
    assert told.sent_back == sum(len(piece.messages) for piece in memory.taken)
    for place, (data, answer) in enumerate(zip(given, answers, strict=True)):
        whole, _ = run([data])
        taken = b"".join(piece.data[1:] for piece in memory.taken if piece.place == place)
        if answer["result"] == "ProcessingFailed":
            assert base64.b64decode(answer["data"]) in (data, b"")
        else:
            assert sorted((taken + data_of(answer)).split(b"\n")[:-1]) == sorted(
                data_of(whole[0]).split(b"\n")[:-1]
            )


@given(records)
def test_what_was_transformed_is_transformed_to_itself(data: bytes) -> None:
    (first,), _ = run([data])
    if first["result"] == "Ok":
        written = data_of(first)
        sent_back = (
            [MARK + written] if written.startswith((b"\x1f\x8b", b"\xf3\x89")) else [MARK + written, written]
        )
        again, told = run(sent_back)
        assert {data_of(answer) for answer in again} == {written}
        assert (told.ok, told.heartbeats) == (len(sent_back), 0)


@pytest.mark.parametrize(
    ("messages", "count"), [(100_000, 1), (2_000, 20)], ids=["one large record", "many records"]
)
def test_a_batch_many_times_as_long_as_the_answer_may_be_fits(messages: int, count: int) -> None:
    record = gzip.compress(b"\n".join(map(message, range(messages))))
    memory = Memory()
    answers, told = run([record] * count, edge(memory))
    assert length(answers) <= 6_291_556
    assert (told.failed, told.messages) == (0, messages * count)
    assert told.messages == told.written + told.sent_back
    assert told.sent_back
    assert all(piece.size <= 1_000_000 for piece in memory.taken)
    assert all(sum(piece.size for piece in call) <= memory.most_bytes for call in memory.calls)
