"""The demo's report: counts beside the devices' own, and an exit code that tells when they differ."""

import json
from pathlib import Path

import duckdb
import pytest

from scripts import demo_report

ROWS = {
    "read": 3,
    "accepted": 2,
    "inserted": 2,
    "updated": 0,
    "duplicates": 0,
    "quarantined": {"malformed_json": 1},
}


@pytest.fixture
def output(tmp_path: Path) -> Path:
    for kind in ("manifests", "truth"):
        (tmp_path / kind).mkdir()
        for run in ("first", "second"):
            (tmp_path / kind / f"{run}.json").write_text(json.dumps({"rows": ROWS}))
    day = tmp_path / "clean" / "device_readings" / "event_date=2024-03-01"
    day.mkdir(parents=True)
    with duckdb.connect() as database:
        database.execute(
            f"COPY (SELECT 'd' AS device_id, 1.5 AS pm2_5, 20.0 AS temperature_c) TO '{day / 'a.parquet'}'"
        )
    return tmp_path


def test_the_report_shows_the_counts_the_reasons_and_the_days(
    output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo_report.main(output) == 0
    shown = capsys.readouterr().out
    for words in ("Where every row went", "malformed_json (1)", "2024-03-01", "devices say"):
        assert words in shown


def test_counts_that_differ_from_the_devices_own_fail_the_demo(output: Path) -> None:
    (output / "truth" / "second.json").write_text(json.dumps({"rows": {**ROWS, "read": 4}}))
    assert demo_report.main(output) == 1
