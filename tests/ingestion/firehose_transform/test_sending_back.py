import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.firehose_transform import sending_back
from ingestion.firehose_transform.errors import PutRefusedError
from ingestion.firehose_transform.sending_back import Piece, Time, cut, put_all
from tests.ingestion.firehose_transform.making import Memory

FOUR = [Piece(number, (b"x",), "") for number in range(4)]


def test_a_piece_is_lines_behind_a_mark() -> None:
    piece = Piece(0, (b"a", b"bc"), "kéy")
    assert piece.data == b"\na\nbc\n"
    assert piece.size == len(piece.data) + 4


@given(st.lists(st.binary(min_size=1, max_size=30), max_size=40), st.text(max_size=3))
def test_messages_are_cut_into_pieces_within_the_limits_and_none_is_lost(
    messages: list[bytes], key: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sending_back, "MOST_PIECE_BYTES", 60)
        patch.setattr(sending_back, "MOST_PIECE_MESSAGES", 5)
        pieces = cut(3, messages, key)
    assert pieces is not None
    assert [message for piece in pieces for message in piece.messages] == messages
    assert all(
        piece.size <= 60 and len(piece.messages) <= 5 and piece.partition_key == key for piece in pieces
    )


def test_a_message_too_long_for_a_record_is_not_cut() -> None:
    most = sending_back.MOST_PIECE_BYTES - len(b"\n\n")
    assert cut(0, [b"x" * most], "") == [Piece(0, (b"x" * most,), "")]
    assert cut(0, [b"a", b"x" * (most + 1)], "") is None
    assert cut(0, [b"x" * most], "k") is None


def test_pieces_are_put_in_batches_within_the_streams_limits() -> None:
    memory = Memory()
    memory.most_records, memory.most_bytes = 3, 8
    assert put_all(FOUR, memory, Time(lambda: 60_000, lambda _: None)) == ([], "")
    assert [len(call) for call in memory.calls] == [2, 2]
    memory.most_bytes = 100
    put_all(FOUR, memory, Time(lambda: 60_000, lambda _: None))
    assert [len(call) for call in memory.calls[2:]] == [3, 1]


def test_only_what_failed_is_put_again_after_growing_pauses() -> None:
    memory, pauses = (
        Memory(lambda put: [put[1], put[3]], lambda put: [put[0]], list),
        list[float](),
    )
    assert put_all(FOUR, memory, Time(lambda: 60_000, pauses.append)) == ([], "")
    assert [[piece.place for piece in call] for call in memory.calls] == [[0, 1, 2, 3], [1, 3], [1], [1]]
    assert pauses == [0.1, 0.2, 0.4]
    assert sorted(piece.place for piece in memory.taken) == [0, 1, 2, 3]


def test_puts_end_before_the_function_does() -> None:
    left = iter([60_000, 10_050])
    told = put_all(FOUR, Memory(lambda put: [put[2]]), Time(lambda: next(left), lambda _: None))
    assert told == ([FOUR[2]], "the stream took it in none of the tries there was time for")
    assert put_all(FOUR, Memory(), Time(lambda: 10_000, lambda _: None)) == (
        FOUR,
        "no time was left to send it back",
    )


def test_a_refusal_ends_the_tries_and_tells_what_was_not_taken() -> None:
    def refuse(_: object) -> list[Piece]:
        raise PutRefusedError("not allowed")

    memory = Memory(lambda put: [put[0]], refuse)
    memory.most_records = 2
    assert put_all(FOUR, memory, Time(lambda: 60_000, lambda _: None)) == (
        [FOUR[0], FOUR[2], FOUR[3]],
        "not allowed",
    )
