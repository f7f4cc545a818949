import json
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from benchmarks.readings_race import by_duckdb
from benchmarks.readings_race.tables import Digest, data_files, digest, size
from tests.benchmarks.readings_race.deliveries import GOOD, work_on, write_object

DAYS = ["2024-02-28", "2024-03-01"]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    work = work_on([write_object(tmp_path / "in", GOOD)], tmp_path)
    by_duckdb.run(work)
    return work.table


def rewritten(table: Path, sql: str) -> Path:
    other = table.with_name("other")
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        rows = f"(SELECT * FROM read_parquet('{table}/*/*.parquet', hive_partitioning=true))"  # noqa: S608 - our own folder
        database.execute(
            f"COPY ({sql.format(rows=rows)}) TO '{other}' (FORMAT parquet, PARTITION_BY (event_date))"
        )
    return other


def test_a_digest_tells_rows_keys_and_sums(table: Path) -> None:
    found = digest(table, DAYS)
    assert (found.rows, found.keys, found.sums[:3]) == (4, 4, (6.0, 10.0, 16.5))
    assert found.hash > 0
    assert digest(table, ["2024-03-01"]).rows == 3
    assert digest(table, ["2020-01-01"]) == Digest(0, 0, (), 0)


def test_the_order_of_rows_the_form_of_instants_and_the_object_do_not_matter(table: Path) -> None:
    other = rewritten(
        table,
        "SELECT * REPLACE ('x' AS source_object, event_time::TIMESTAMP AS event_time) FROM {rows} "
        "ORDER BY event_id DESC",
    )
    assert digest(other, DAYS) == digest(table, DAYS)


@pytest.mark.parametrize(
    "change", ["'x' AS firmware", "received_at + INTERVAL 1 MICROSECOND AS received_at", "NULL AS lat"]
)
def test_any_value_matters(table: Path, change: str) -> None:
    other = rewritten(table, f"SELECT * REPLACE ({change}) FROM {{rows}}")  # noqa: S608 - a change from above
    assert digest(other, DAYS).hash != digest(table, DAYS).hash


def test_a_row_that_comes_twice_is_seen(table: Path) -> None:
    found = digest(rewritten(table, "FROM {rows} UNION ALL FROM {rows} WHERE event_id = 'e'"), DAYS)
    assert (found.rows, found.keys) == (5, 4)
    assert replace(found, rows=4) != digest(table, DAYS)


def test_of_a_delta_table_the_files_count_that_its_log_has_and_has_not_taken_away(table: Path) -> None:
    first, second = (str(Path(name).relative_to(table)) for name in data_files(table))
    log = table / "_delta_log"
    log.mkdir()
    added = [json.dumps({"add": {"path": name}}) for name in (first, second)]
    (log / "00000000000000000000.json").write_text("\n".join(added))
    assert len(data_files(table)) == 2
    (log / "00000000000000000001.json").write_text(json.dumps({"remove": {"path": first}}))
    assert data_files(table) == [str(table / second)]
    assert size(table) == (1, (table / second).stat().st_size)


def test_a_table_has_the_size_of_its_files(table: Path) -> None:
    (table.parent / "quarantine" / "x.parquet").write_bytes(b"x")
    files, written = size(table)
    assert files == 2
    assert written == sum(Path(name).stat().st_size for name in data_files(table))
