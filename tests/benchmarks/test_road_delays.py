"""The table of delays: each part of the way, and all of it."""

import pytest

from benchmarks import road_delays
from benchmarks.road_delays import PARTS, Lines, name_of, told
from ingestion.devices.truth import Delivered


def test_each_part_is_told_with_median_p95_and_the_longest() -> None:
    slow = [float(number) for number in range(len(PARTS) + 1)]
    quick = [each / 2 for each in slow]
    header, *rows, count = told([slow, quick, quick])
    assert header.split() == ["part", "median", "p95", "longest"]
    assert [row[:36].strip() for row in rows] == [*PARTS, "all of it"]
    assert {tuple(row[36:].split()) for row in rows[:-1]} == {("0.50", "0.95", "1.00")}
    assert rows[-1].split()[-3:] == ["5.50", "10.45", "11.00"]
    assert count == "3 messages"


def test_real_readings_are_kept_as_they_would_be_sent() -> None:
    lines = Lines()
    lines.add([b'{"event_id":"a"}\n'], [1])
    lines.add_damaged(b"x", 1)
    assert lines.close() == Delivered()
    assert list(map(name_of, lines.kept)) == ["a"]


def test_what_never_comes_is_no_endless_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(road_delays, "_LONGEST_S", 0.0)
    with pytest.raises(TimeoutError, match="messages were not in the table after 0 s"):
        road_delays._wait(lambda: False)
