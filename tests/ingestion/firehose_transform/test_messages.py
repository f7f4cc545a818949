import pytest
from hypothesis import given

from ingestion.firehose_transform import messages
from ingestion.firehose_transform.messages import lines_of, take_apart
from tests.ingestion.firehose_transform.making import judged, texts


def test_lines_without_anything_are_left_out() -> None:
    assert lines_of(b"\n a \r\n\t\n\r\nb\n\x0c\n") == [b"a", b"b", b"\x0c"]


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        (b'{"a":1}{"b":2}', [b'{"a":1}', b'{"b":2}']),
        (b'{"a":"}{"} \r{"b":2}\t{}', [b'{"a":"}{"}', b'{"b":2}', b"{}"]),
        (b'{"a":1} and {"b":2}', [b'{"a":1}', b'and {"b":2}']),
        (b'{"a":1}42 {"b":2}', [b'{"a":1}', b'42 {"b":2}']),
        (b'{"a":NaN}{"b":2}', [b'{"a":NaN}{"b":2}']),
        (b'[{"a":1}]', [b'[{"a":1}]']),
        (b'{"a":1}\xff{"b":2}', [b'{"a":1}\xff{"b":2}']),
        (b'{"a":' + b"9" * 5000 + b"}{}", [b'{"a":' + b"9" * 5000 + b"}", b"{}"]),
        (b"{}" + b"[" * 100_000, [b"{}", b"[" * 100_000]),
        (b"{}" + b'{"a":' * 100_000, [b"{}", b'{"a":' * 100_000]),
        (b"Hello World", [b"Hello World"]),
    ],
)
def test_objects_are_taken_apart_and_the_rest_stays_together(line: bytes, parts: list[bytes]) -> None:
    assert take_apart(line) == parts


@given(texts)
def test_the_job_finds_the_same_in_a_text_that_was_taken_apart(text: bytes) -> None:
    lines = [part for line in lines_of(text) for part in take_apart(line)]
    assert judged(b"\n".join(lines) + b"\n") == judged(text)
    assert [part for line in lines for part in take_apart(line)] == lines


def test_a_line_of_very_many_objects_is_left_to_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MOST_GLUED", 3)
    assert take_apart(b"{}" * 3) == [b"{}"] * 3
    assert take_apart(b"{}" * 4) == [b"{}" * 4]
