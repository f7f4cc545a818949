from pathlib import Path

from benchmarks.readings_race import by_duckdb, floor
from benchmarks.readings_race.large_table import TOUCHED
from benchmarks.readings_race.tables import digest
from tests.benchmarks.readings_race.deliveries import (
    BAD,
    GOOD,
    GOOD_ROWS,
    rows_of,
    small_delivery,
    work_on,
    write_object,
)


def test_good_messages_become_rows_and_bad_ones_none(tmp_path: Path) -> None:
    # The floor does not ask whether a text is empty, nor for the years.
    bad = [line for line, reason in BAD if reason not in ("missing_event_id", "out_of_range_event_time")]
    folder = write_object(tmp_path / "in", [*GOOD, *bad])
    assert (
        floor.main(["--input", folder, "--output", f"{tmp_path}/table", "--quarantine", f"{tmp_path}/q"]) == 0
    )
    assert rows_of(tmp_path / "table") == GOOD_ROWS


def test_its_rows_are_those_of_duckdb(tmp_path: Path) -> None:
    made = small_delivery(tmp_path)
    floor.run(work_on([made.folder], tmp_path / "floor"))
    by_duckdb.run(work_on([made.folder], tmp_path / "duckdb"))
    days = [str(day) for day in TOUCHED]
    found = digest(tmp_path / "floor" / "table", days)
    assert found.rows == made.rows
    assert found == digest(tmp_path / "duckdb" / "table", days)
