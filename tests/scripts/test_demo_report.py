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
HOURS = {"source_rows": 50, "read": 24, "inserted": 20, "updated": 3, "duplicates": 1, "deleted": 2}


@pytest.fixture
def output(tmp_path: Path) -> Path:
    for kind in ("manifests", "truth"):
        (tmp_path / kind).mkdir()
    for run in ("first", "second"):
        for kind in ("manifests", "truth"):
            (tmp_path / kind / f"{run}.json").write_text(json.dumps({"rows": ROWS}))
        (tmp_path / "manifests" / f"hourly-{run}.json").write_text(json.dumps({"rows": HOURS}))
    write(
        tmp_path / "clean" / "device_readings", "SELECT 'd' AS device_id, 1.5 AS pm2_5, 20.0 AS temperature_c"
    )
    figures = ", ".join(
        f"5.0 AS {metric}_{name}"
        for metric in ("pm2_5", "temperature_c")
        for name in ("min", "mean", "max", "zscore")
    )
    hours = (
        f"SELECT device_id, hour_start, 11 AS readings, 0.917 AS completeness, {figures}, "  # noqa: S608 - figures of our own
        "device_id = 'odd' AND hour(hour_start) = 3 AS pm2_5_is_anomaly, false AS temperature_c_is_anomaly "
        "FROM (VALUES ('even'), ('odd')) AS devices(device_id), "
        "range(TIMESTAMP '2024-03-01', TIMESTAMP '2024-03-02', INTERVAL 1 HOUR) AS hours(hour_start)"
    )
    write(tmp_path / "clean" / "readings_hourly", hours)
    return tmp_path


def write(table: Path, rows: str) -> None:
    """Write the rows of a day."""
    day = table / "event_date=2024-03-01"
    day.mkdir(parents=True)
    with duckdb.connect() as database:
        database.execute(f"COPY ({rows}) TO '{day / 'a.parquet'}'")


def test_the_report_shows_the_counts_the_reasons_and_the_days(
    output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo_report.main(output) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for words in (
        "Where every row went",
        "malformed_json (1)",
        "2024-03-01",
        "devices say",
        "hours of the second run: 50 readings in 24 hours; inserted 20, updated 3, unchanged 1, deleted 2",
        "readings_hourly: odd on 2024-03-01 (UTC)",
        "03:00",
    ):
        assert words in shown


def test_counts_that_differ_from_the_devices_own_fail_the_demo(output: Path) -> None:
    (output / "truth" / "second.json").write_text(json.dumps({"rows": {**ROWS, "read": 4}}))
    assert demo_report.main(output) == 1
