import io

import pytest
from rich.console import Console

from benchmarks.readings_race.report import (
    Case,
    Measured,
    as_json,
    between_cases,
    growths,
    line_through,
    medians,
    ratios,
    tables,
)

CASES = [
    Case("start", 10),
    Case("1x", 1_000_000, is_size=True),
    Case("2x", 2_000_000, is_size=True),
    Case("4x", 4_000_000, is_size=True),
]


def measured(variant: str, case: str, cpu_s: float, wall_s: float = 1.0) -> Measured:
    return Measured(variant, case, wall_s, cpu_s, 2.0**30, 7, 3e6)


def line(variant: str, start: float, slope: float) -> list[Measured]:
    return [
        measured(variant, name, start + slope * size)
        for name, size in (("start", 0), ("1x", 1), ("2x", 2), ("4x", 4))
    ]


def test_of_several_rounds_the_medians_count_each_figure_for_itself() -> None:
    runs = [measured("naive", "1x", cpu, wall) for cpu, wall in ((5.0, 1.0), (1.0, 9.0), (3.0, 2.0))]
    assert medians([*runs, measured("duckdb", "1x", 8.0)]) == [
        measured("naive", "1x", 3.0, 2.0),
        measured("duckdb", "1x", 8.0),
    ]


def test_the_line_is_that_of_least_squares() -> None:
    assert line_through([(1, 5), (2, 7), (4, 11)]) == pytest.approx((2, 3))
    assert line_through([(0, 0), (1, 3), (2, 0)]) == pytest.approx((0, 1))


def test_growth_is_the_slope_over_sizes_and_its_ratios() -> None:
    naive, duckdb = growths([*line("naive", 14, 50), *line("duckdb", 1, 10)], CASES)
    assert naive.variant == "naive"
    assert naive.cpu_s_per_million == pytest.approx(50)
    assert naive.off_line == pytest.approx(0)
    assert dict(duckdb.ratios) == {"naive": pytest.approx(0.2), "duckdb": pytest.approx(1)}


def test_a_bend_in_the_growth_is_told_as_a_share() -> None:
    bent = [measured("naive", "1x", 10), measured("naive", "2x", 20), measured("naive", "4x", 60)]
    (growth,) = growths(bent, CASES)
    # The line is 17.14 a million from -10 on: 7.14 at the first.
    assert growth.off_line == pytest.approx(0.4)
    assert growth.ratios == {"naive": 1}


def test_one_size_has_no_growth() -> None:
    assert growths(line("naive", 1, 1), CASES[:2]) == []


def test_ratios_are_to_the_peers_that_took_part_in_the_case() -> None:
    figures = [measured("naive", "1x", 8), measured("fast", "1x", 2), measured("fast", "merge", 3)]
    assert ratios(figures) == {
        ("naive", "1x"): {"naive": 1},
        ("fast", "1x"): {"naive": 0.25},
        ("fast", "merge"): {},
    }


def test_cases_are_compared_for_those_that_ran_both() -> None:
    figures = [measured("fast", "1x", 2), measured("fast", "small", 3), measured("floor", "1x", 1)]
    assert between_cases(figures, "small", "1x") == {"fast": 1.5}


def test_the_tables_show_cases_and_growth() -> None:
    shown = Console(width=110, file=io.StringIO())
    for table in tables([*line("naive", 14, 50), *line("duckdb", 1, 10)], CASES):
        shown.print(table)
    assert isinstance(shown.file, io.StringIO)
    lines = [" ".join(text.replace("│", " ").split()) for text in shown.file.getvalue().splitlines()]
    assert "4x, 4,000,000 duckdb 1.0 41.0 0.19 1.00 1.00 7 3.0" in lines
    assert "duckdb 10.00 0.20 1.00 0.0%" in lines


def test_json_holds_the_runs_and_what_follows() -> None:
    told = as_json(line("naive", 14, 50), CASES)
    assert [run["cpu_s"] for run in told["runs"]] == [14, 64, 114, 214]
    assert told["growth"][0]["cpu_s_per_million"] == pytest.approx(50)
    assert told["cpu_ratios"][0] == {"variant": "naive", "case": "start", "naive": 1.0}
