from pathlib import Path

from benchmarks.readings_race.by_duckdb import main
from benchmarks.readings_race.large_table import TOUCHED
from benchmarks.readings_race.tables import digest
from tests.benchmarks.readings_race.deliveries import (
    BAD,
    GOOD,
    GOOD_ROWS,
    reasons_of,
    rows_of,
    small_delivery,
    write_object,
)


def run(inputs: list[str], place: Path) -> None:
    flags = [part for folder in inputs for part in ("--input", folder)]
    assert main([*flags, "--output", f"{place}/table", "--quarantine", f"{place}/quarantine"]) == 0


def test_good_messages_become_rows_and_bad_ones_are_kept_with_their_reason(tmp_path: Path) -> None:
    run([write_object(tmp_path / "in", [*GOOD, *(line for line, _ in BAD), ""])], tmp_path)
    assert rows_of(tmp_path / "table") == GOOD_ROWS
    assert reasons_of(tmp_path / "quarantine") == sorted(reason for _, reason in BAD)


def test_a_run_merges_with_the_table_that_is_there(tmp_path: Path) -> None:
    run([write_object(tmp_path / "first", GOOD[:4])], tmp_path)
    run([write_object(tmp_path / "second", GOOD[4:])], tmp_path)
    assert rows_of(tmp_path / "table") == GOOD_ROWS


def test_a_delivery_becomes_the_rows_that_it_says(tmp_path: Path) -> None:
    made = small_delivery(tmp_path)
    run([made.folder], tmp_path)
    found = digest(tmp_path / "table", [str(day) for day in TOUCHED])
    assert (found.rows, found.keys) == (made.rows, made.rows)
    assert len(reasons_of(tmp_path / "quarantine")) == made.bad
