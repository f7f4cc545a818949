"""Fields: what S3 writes is read, all else refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.s3_events import fields
from ingestion.s3_events.model import Reason, RefusedError


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("1970-01-01T00:00:00.123Z", 0.123),
        ("1970-01-01T00:00:01Z", 1.0),
        ("1970-01-01T00:00:00.123456789Z", 0.123456789),
        ("2024-02-29T00:00:00.000Z", 1_709_164_800.0),
    ],
)
def test_instants_are_read(text: str, instant: float) -> None:
    assert fields.instant({"time": text}, "time") == instant


@pytest.mark.parametrize(
    "value",
    ["2023-02-29T00:00:00Z", "2023-01-01T25:00:00Z", "2023-01-01", "٢023-01-01T00:00:00Z", 1, None, ""],
)
def test_what_is_no_instant_is_refused(value: object) -> None:
    with pytest.raises(RefusedError) as refused:
        fields.instant({"time": value}, "time")
    assert refused.value.reason is Reason.BAD_TIME


@pytest.mark.parametrize("value", [True, -1, "7", None, 1.5, 10**14, []])
def test_what_is_no_size_is_refused(value: object) -> None:
    with pytest.raises(RefusedError) as refused:
        fields.size({"size": value})
    assert refused.value.reason is Reason.BAD_SIZE


@given(st.text(alphabet="0123456789abcdefABCDEF", min_size=1, max_size=64))
def test_sequencers_are_written_the_same_whichever_road_they_took(text: str) -> None:
    assert fields.sequencer({"sequencer": text}) == text.upper()


@pytest.mark.parametrize("value", ["xyz", "0x1f", "a" * 65, 7, ["a"]])
def test_what_is_no_sequencer_is_refused(value: object) -> None:
    with pytest.raises(RefusedError) as refused:
        fields.sequencer({"sequencer": value})
    assert refused.value.reason is Reason.BAD_SEQUENCER


@pytest.mark.parametrize(("value", "read"), [('"e1"', "e1"), ("e1-2", "e1-2"), ("", None), (None, None)])
def test_etags_have_no_quotes(value: object, read: str | None) -> None:
    assert fields.etag({"etag": value}, "etag") == read


@pytest.mark.parametrize(("value", "read"), [("null", None), ("v1.x", "v1.x"), ("", None), (None, None)])
def test_the_version_null_is_none(value: object, read: str | None) -> None:
    assert fields.version_id({"v": value}, "v") == read


def test_what_has_to_be_there_is_asked_for_by_name() -> None:
    for ask in (fields.mapping, fields.text):
        with pytest.raises(RefusedError, match=r"bucket: expected .*, got 7"):
            ask({"bucket": 7}, "bucket")
    with pytest.raises(RefusedError, match=r"eventVersion: expected version 2 or 2\.x, got '21\.0'"):
        fields.check_major({"eventVersion": "21.0"}, "eventVersion", "2")
