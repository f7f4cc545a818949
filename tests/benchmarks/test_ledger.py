"""The measure of one consumer: what it prints."""

import pytest

from benchmarks import ledger


def test_each_part_is_told_in_events_a_second(capsys: pytest.CaptureFixture[str]) -> None:
    ledger.main(events=300, keys=50)
    *parts, snapshot = capsys.readouterr().out.splitlines()
    assert [line[:18].strip() for line in parts] == ["read", "record", "fold, cut, close", "together"]
    assert all(" events/s" in line for line in parts)
    assert snapshot.startswith("50 keys: ")
