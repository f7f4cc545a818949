"""A million synthetic messages, a tenth of them bad, over every reason: the counts are the devices' own."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from pyspark.sql import SparkSession

from ingestion.devices.plan import Plan, Rates
from ingestion.devices.reasons import REASONS, spread_evenly
from ingestion.devices.running import layout_of
from ingestion.devices.synthetic import simulate
from tests.conftest import IS_CI
from tests.jobs.running import Places, quarantine_files, query, run_readings, table_files

# CI counts a share: its large series are the real readings, in test_real_readings.py.
MESSAGES = 200_000 if IS_CI else 1_000_000
BAD = MESSAGES // 10
RATES = Rates(late=0.02, duplicate=0.02, correction=0.01, unknown_field=0.02, out_of_order=0.05, glue=0.1)


@pytest.mark.one_release
def test_a_million_messages_are_counted_as_the_devices_count_them(
    spark: SparkSession, tmp_path: Path
) -> None:
    plan = Plan(11, 500, MESSAGES, datetime(2024, 3, 1, tzinfo=UTC), 72.0, RATES, spread_evenly(BAD, 20))
    truth = simulate(plan, layout_of(tmp_path / "raw", 5_000, {}))
    assert set(truth.rows.quarantined) == set(REASONS)
    places = Places(tmp_path)
    manifest = run_readings(spark, places, [tmp_path / "raw"])
    assert manifest["rows"] == msgspec.to_builtins(truth.rows)
    assert sum(manifest["rows"]["quarantined"].values()) == BAD
    by_reason = query("SELECT reasons[1], count(*) FROM files GROUP BY 1", quarantine_files(places))
    assert dict(by_reason) == truth.rows.quarantined
    by_date = query(
        "SELECT event_date::VARCHAR, count(*), round(10 * sum(pm2_5)) FROM files GROUP BY 1",
        table_files(places),
    )
    assert {date: (rows, tenths) for date, rows, tenths in by_date} == {
        date: (change.inserted, change.pm2_5_tenths) for date, change in truth.event_dates.items()
    }
