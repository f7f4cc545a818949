import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.readings_race.data import Delivery
from benchmarks.readings_race.race import Heat, Race, RaceError
from benchmarks.readings_race.report import Case
from benchmarks.readings_race.variants import VARIANTS, Task, Variant
from tests.benchmarks.readings_race.deliveries import small_delivery


@pytest.fixture
def made(tmp_path: Path) -> Delivery:
    return small_delivery(tmp_path / "cache")


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def race(tmp_path: Path, said: list[str]) -> Race:
    return Race(tmp_path / "cache", tmp_path / "scratch", said.append)


def heat(made: Delivery) -> Heat:
    return Heat(Case("1x", made.messages), (made.folder,), made.rows)


def changed(command: Callable[[Task], list[str]]) -> Variant:
    return Variant("changed", command)


def test_variants_run_in_turns_agree_and_are_measured(race: Race, made: Delivery, said: list[str]) -> None:
    merge = Heat(Case("merge", made.messages), (made.folder,), made.rows, table_rows=300)
    variants = [VARIANTS[name] for name in ("duckdb", "polars", "floor")]
    race.run([heat(made), merge], variants, rounds=1)
    assert [(run.case, run.variant) for run in race.runs] == [
        ("1x", "duckdb"),
        ("1x", "polars"),
        ("1x", "floor"),
        ("merge", "duckdb"),
        ("merge", "polars"),
    ]
    assert [run.files for run in race.runs] == [7, 7, 7, 100, 100]
    assert all(run.cpu_s > 0.1 and run.wall_s > 0.1 and run.peak_bytes > 2**20 for run in race.runs)
    assert race.digests["merge"].rows == made.rows + 7 * 3
    assert said[0].startswith("round 1/1 1x duckdb: ")
    assert list(race.scratch.glob("*/*")) == []


def test_a_run_that_fails_is_told_with_the_end_of_its_log(race: Race, made: Delivery) -> None:
    broken = changed(lambda _: [sys.executable, "-c", "raise SystemExit('no disk')"])
    with pytest.raises(RaceError, match=r"(?s)changed, 1x: expected exit code 0, got 1.*no disk"):
        race.run([heat(made)], [broken], 1)


def test_a_table_with_other_rows_than_the_delivery_says_is_refused(race: Race, made: Delivery) -> None:
    few = Heat(Case("1x", made.messages), (made.folder,), made.rows + 1)
    with pytest.raises(
        RaceError, match=f"expected {made.rows + 1} rows, each of its own key, got {made.rows}"
    ):
        race.run([few], [VARIANTS["duckdb"]], 1)


def test_a_table_that_differs_from_the_others_is_refused(race: Race, made: Delivery) -> None:
    program = (
        "import duckdb, sys; from benchmarks.readings_race import by_duckdb; by_duckdb.main(sys.argv[2:]);"
        "files = f'{sys.argv[1]}/*/*';"
        "duckdb.sql('CREATE TABLE rows AS SELECT * REPLACE (lat + 1 AS lat) FROM read_parquet($f)', "
        "params={'f': files});"
        "duckdb.sql(f\"COPY rows TO '{sys.argv[1]}' (FORMAT parquet, PARTITION_BY (event_date), OVERWRITE)\")"
    )

    def command(task: Task) -> list[str]:
        flags = ["--output", str(task.table), "--quarantine", f"{task.place}/quarantine"]
        return [sys.executable, "-c", program, str(task.table), *task.input_flags(), *flags]

    with pytest.raises(RaceError, match=r"changed, 1x: expected the rows of the others"):
        race.run([heat(made)], [VARIANTS["duckdb"], changed(command)], 1)


def test_only_those_who_can_take_part_do(made: Delivery) -> None:
    delta = Heat(Case("delta", 1), (made.folder,), 1, form="delta")
    merge = Heat(Case("merge", 1), (made.folder,), 1, table_rows=100)
    names = {
        case: [name for name, variant in VARIANTS.items() if each.takes(variant)]
        for case, each in (("delta", delta), ("merge", merge))
    }
    assert names == {
        "delta": ["naive", "portable", "fast"],
        "merge": ["naive", "portable", "fast", "duckdb", "polars"],
    }
