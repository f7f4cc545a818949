import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.readings_race.messages import BAD_KINDS, DEVICES, Chunk, lines
from jobs.common.readers.columns import Extractor
from jobs.common.readers.framing import frame
from jobs.device_readings import FIELDS, RANGES

CHUNKS = st.builds(
    Chunk,
    seed=st.integers(0, 2**32),
    block=st.integers(0, 5),
    number=st.integers(0, 3),
    of=st.just(4),
    messages=st.integers(1, 2500),
)
DAY_MICROS = 86_400_000_000
extract = Extractor(FIELDS)


def good_rows(texts: Iterable[str]) -> list[dict[str, Any]]:
    """Judge by the strict reader's own parts."""
    rows = []
    for framed in frame([f"{text}\n".encode() for text in texts]):
        if framed.fault or type(framed.value) is not dict:
            continue
        values, faults, unknown = extract(framed.value)
        row = dict(zip((field.column for field in FIELDS), values, strict=True))
        is_complete = all(row[field.column] is not None for field in FIELDS if field.is_required)
        in_range = all(row[name] is None or low <= row[name] <= high for name, (low, high) in RANGES.items())
        if not faults and is_complete and in_range and row["event_time"] <= row["received_at"] + DAY_MICROS:
            assert unknown is None
            rows.append(row)
    return rows


def keys(rows: Iterable[dict[str, Any]]) -> Counter[tuple[int, str, str]]:
    return Counter((row["event_time"] // DAY_MICROS, row["device_id"], row["event_id"]) for row in rows)


@given(CHUNKS)
def test_a_chunk_holds_what_it_says_and_is_the_same_again(chunk: Chunk) -> None:
    made = lines(chunk).to_pylist()
    assert len(made) == chunk.messages
    assert made == lines(chunk).to_pylist()
    found = keys(good_rows(made))
    assert found.total() == chunk.messages - chunk.bad
    before = Chunk(chunk.seed, chunk.block, max(0, chunk.number - 1), chunk.of, chunk.messages)
    known = keys(good_rows(lines(before).to_pylist())) if chunk.number else Counter()
    assert len(found.keys() - known.keys()) == chunk.rows


def test_what_is_sent_again_is_half_corrected_and_received_later() -> None:
    first = {row["event_id"]: row for row in good_rows(lines(Chunk(1, 0, 0, 4, 1000)).to_pylist())}
    again = [row for row in good_rows(lines(Chunk(1, 0, 1, 4, 1000)).to_pylist()) if row["event_id"] in first]
    assert len(again) == 10
    changed = [row for row in again if row != first[row["event_id"]]]
    assert len(changed) == 5
    assert all(row["received_at"] > first[row["event_id"]]["received_at"] for row in changed)


def test_every_kind_of_bad_message_occurs() -> None:
    chunk = Chunk(1, 0, 0, 4, BAD_KINDS * 200)
    assert chunk.bad == BAD_KINDS
    assert len(good_rows(lines(chunk).to_pylist())) == chunk.messages - BAD_KINDS


def test_other_seeds_and_blocks_give_other_messages() -> None:
    made = [lines(Chunk(seed, block, 0, 4, 100)).to_pylist() for seed, block in ((1, 0), (2, 0), (1, 1))]
    assert made[0] != made[1]
    devices = [
        {json.loads(text)["device_id"] for text in texts if '"location"' in text[:200]} for texts in made
    ]
    assert not devices[0] & devices[2]
    assert max(devices[0]) < f"device-{DEVICES:06d}" <= min(devices[2])


def test_some_are_late_some_lack_a_value_and_some_tell_the_time_of_beijing() -> None:
    made = lines(Chunk(1, 0, 0, 4, 5000)).to_pylist()
    rows = good_rows(made)
    late = sum(row["received_at"] - row["event_time"] >= DAY_MICROS for row in rows)
    assert 50 < late < 200
    assert 50 < sum(row["pm10"] is None for row in rows) < 200
    assert 1000 < sum("+08:00" in text for text in made) < 1500
