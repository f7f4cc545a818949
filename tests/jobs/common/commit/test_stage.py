"""Rows are staged and held against the table, whatever its format: the same figures, the same rows."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.common.arguments import FORMATS, Format
from jobs.common.commit import stage as stage_module
from jobs.common.commit.journal import COMMIT_POINTS, DELTA_POINTS
from jobs.common.commit.recovery import recover
from jobs.common.errors import JobFailed
from tests.jobs.common.commit.runs import Tables, counted, partitions
from tests.jobs.common.tables import at, row

NEXT = date(2024, 3, 1)
FIRST = [row("a", value=1.0), row("b", time=at(7)), row("c", day=NEXT)]


@pytest.fixture(params=FORMATS)
def tables(delta: SparkSession, tmp_path: Path, request: pytest.FixtureRequest) -> Tables:
    """Make a table that holds `FIRST`, in each format."""
    format_: Format = request.param
    made = Tables(delta, tmp_path, format_)
    made.merge(FIRST)
    return made


def test_rows_are_merged_by_key_and_the_greater_stays(tables: Tables) -> None:
    told = tables.merge(
        [
            row("a", value=3.0),
            row("a", value=2.0),
            row("b", time=at(6)),
            row("d", time=at(1)),
            row("e", day=date(2024, 1, 1)),
        ]
    )
    assert counted(told) == {"inserted": 2, "updated": 1, "duplicates": 2}
    assert partitions(told) == [("2024-01-01", 1, [5]), ("2024-02-29", 3, [1, 5])]
    tables.assert_rows(
        [row("a", value=3.0), *FIRST[1:], row("d", time=at(1)), row("e", day=date(2024, 1, 1))]
    )


def test_rows_that_change_nothing_touch_no_partition(tables: Tables) -> None:
    before = tables.names()
    told = tables.merge([*FIRST, row("a", value=0.5), row("a", value=1.0, source="elsewhere")])
    assert counted(told) == {"inserted": 0, "updated": 0, "duplicates": 5}
    assert told["partitions"] == []
    assert tables.names() == before
    tables.assert_rows(FIRST)


REPLACED: dict[str, tuple[list[Any], dict[str, int], list[Any]]] = {
    "by themselves": (FIRST, {"inserted": 0, "updated": 0, "deleted": 0, "duplicates": 3}, []),
    "by lesser ones": (
        [row("a", value=0.5), *FIRST[1:]],
        {"inserted": 0, "updated": 1, "deleted": 0, "duplicates": 2},
        [("2024-02-29", 2, [5])],
    ),
    "by fewer": (
        FIRST[:1],
        {"inserted": 0, "updated": 0, "deleted": 2, "duplicates": 1},
        [("2024-02-29", 1, [7]), ("2024-03-01", 0, [5])],
    ),
    "by none": (
        [],
        {"inserted": 0, "updated": 0, "deleted": 3, "duplicates": 0},
        [("2024-02-29", 0, [5, 7]), ("2024-03-01", 0, [5])],
    ),
    "by others": (
        [row("x", time=at(2)), row("y", day=date(2024, 1, 1)), row("b", time=at(7), note="n")],
        {"inserted": 2, "updated": 1, "deleted": 2, "duplicates": 0},
        [("2024-01-01", 1, [5]), ("2024-02-29", 2, [2, 5, 7]), ("2024-03-01", 0, [5])],
    ),
}


@pytest.mark.parametrize(("rows", "figures", "touched"), REPLACED.values(), ids=REPLACED.keys())
def test_rows_are_replaced(
    tables: Tables, rows: list[Any], figures: dict[str, int], touched: list[Any]
) -> None:
    told = tables.replace(rows)
    assert counted(told) == figures
    assert partitions(told) == touched
    tables.assert_rows(rows)


CUT_OFF = [
    *(("parquet", point) for point in COMMIT_POINTS[2:-1]),
    *(("delta", point) for point in DELTA_POINTS[2:-1]),
]


@pytest.mark.parametrize(("tables", "point"), CUT_OFF, indirect=["tables"])
def test_a_run_that_empties_a_partition_is_carried_on_from_wherever_it_was_cut_off(
    tables: Tables, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    rows, figures, touched = REPLACED["by others"]
    journal = tables.replacement(rows)
    tables.cut_off(journal, monkeypatch, point)
    assert recover(tables.files, tables.layout) == "r2"
    told = json.loads((tables.root / "manifest.json").read_text())
    assert counted(told) == figures
    assert partitions(told) == touched
    tables.assert_rows(rows)


def test_rows_out_of_scope_stay(tables: Tables) -> None:
    told = tables.replace([row("n", time=at(7))], lambda rows: rows.filter("hour(time) = 7"))
    assert counted(told) == {"inserted": 1, "updated": 0, "deleted": 1, "duplicates": 0}
    assert partitions(told) == [("2024-02-29", 2, [7])]
    tables.assert_rows([FIRST[0], FIRST[2], row("n", time=at(7))])


def test_a_run_may_replace_what_was_never_there(delta: SparkSession, tmp_path: Path) -> None:
    for format_ in FORMATS:
        tables = Tables(delta, tmp_path / format_, format_)
        told = tables.replace(FIRST)
        assert counted(told) == {"inserted": 3, "updated": 0, "deleted": 0, "duplicates": 0}
        tables.assert_rows(FIRST)


def test_what_the_table_holds_is_read_by_partition(tables: Tables) -> None:
    stage = tables.open_stage()
    assert {found["key"] for found in stage.current().collect()} == {"a", "b", "c"}
    for names, keys in (
        (["day=2024-02-29"], {"a", "b"}),
        (["day=2024-03-01", "day=2020-01-01"], {"c"}),
        ([], set()),
    ):
        assert {found["key"] for found in stage.current(names).collect()} == keys


def test_a_few_rows_are_read_without_all_files(tables: Tables, delta: SparkSession, tmp_path: Path) -> None:
    some = tables.open_stage().some()
    keys = {found["key"] for found in some.collect()}
    assert keys
    assert keys <= {"a", "b", "c"}
    if tables.format == "parquet":
        assert len(some.inputFiles()) == 1
    none = Tables(delta, tmp_path / "none", tables.format).open_stage().some()
    assert none.first() is None


def test_rows_that_are_lost_on_their_way_into_files_fail_the_run(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage_module, "keep_greatest", lambda rows, _: rows.filter("key <> 'a'"))
    with pytest.raises(
        JobFailed, match="rows staged = keys of the accepted rows: 2 is not 3; nothing was written"
    ):
        tables.stage(FIRST)
