"""What the demo shows at its end: where every row went, and a look into the table through another engine."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

_COUNTS = ("read", "accepted", "inserted", "updated", "duplicates")
_SAMPLE = """
    SELECT event_date, count(*) AS "rows", count(DISTINCT device_id) AS devices, count(pm2_5) AS "pm2.5 values",
           round(avg(temperature_c), 1) AS "mean °C", round(max(pm2_5), 1) AS "max pm2.5"
    FROM read_parquet(?, hive_partitioning = true) GROUP BY event_date ORDER BY event_date
"""

_STATION = """
    SELECT event_date, device_id FROM read_parquet(?, hive_partitioning = true) GROUP BY event_date, device_id
    ORDER BY count(*) = 24 DESC, count(*) FILTER (pm2_5_is_anomaly OR temperature_c_is_anomaly) DESC, event_date,
        device_id LIMIT 1
"""
_HOURS = """
    SELECT strftime(hour_start, '%H:%M') AS hour, readings, round(completeness, 2) AS complete,
           round(pm2_5_mean, 1) AS "pm2.5", round(pm2_5_zscore, 1) AS z, if(pm2_5_is_anomaly, '!', '') AS "!",
           round(temperature_c_min, 1) AS "min °C", round(temperature_c_mean, 1) AS "mean °C",
           round(temperature_c_max, 1) AS "max °C", round(temperature_c_zscore, 1) AS "z ",
           if(temperature_c_is_anomaly, '!', '') AS "! "
    FROM read_parquet(?, hive_partitioning = true) WHERE event_date = ? AND device_id = ? ORDER BY hour_start
"""


def accounting(manifests: Mapping[str, Mapping[str, Any]], truths: Mapping[str, Mapping[str, Any]]) -> Table:
    """Lay the counts of runs side by side, each beside what the devices say they put in."""
    table = Table(title="Where every row went", title_justify="left")
    table.add_column("rows")
    for run in manifests:
        table.add_column(f"{run} run", justify="right")
        table.add_column("devices say", justify="right", style="dim")
    for count in _COUNTS:
        sides = ((manifests[run]["rows"][count], truths[run]["rows"][count]) for run in manifests)
        table.add_row(count, *(f"{number:,}" for pair in sides for number in pair))
    quarantined = (
        (
            sum(manifests[run]["rows"]["quarantined"].values()),
            sum(truths[run]["rows"]["quarantined"].values()),
        )
        for run in manifests
    )
    table.add_row("quarantined", *(f"{number:,}" for pair in quarantined for number in pair))
    return table


def days(folder: Path) -> Table:
    """Summarise the table by day, read by DuckDB as any engine would."""
    found = duckdb.execute(_SAMPLE, [str(folder / "event_date=*" / "*.parquet")])
    table = Table(title="device_readings by event_date, read by DuckDB", title_justify="left")
    for name in [column[0] for column in found.description or []]:
        table.add_column(name, justify="right")
    for row in found.fetchall():
        table.add_row(*(str(value) for value in row))
    return table


def station_day(folder: Path) -> Table:
    """Show a day of one station, hour by hour: of full days the one with the most anomalies."""
    files = str(folder / "event_date=*" / "*.parquet")
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        chosen = database.execute(_STATION, [files]).fetchone()
        day, device = chosen or (None, None)
        found = database.execute(_HOURS, [files, day, device])
        table = Table(title=f"readings_hourly: {device} on {day} (UTC)", title_justify="left")
        for name in [column[0] for column in found.description or []]:
            table.add_column(name, justify="right")
        for row in found.fetchall():
            table.add_row(*("" if value is None else str(value) for value in row))
    return table


def hourly_line(run: str, rows: Mapping[str, int]) -> str:
    """Say in a line what a run of the hourly figures did."""
    names = {"inserted": "inserted", "updated": "updated", "duplicates": "unchanged", "deleted": "deleted"}
    told = ", ".join(f"{word} {rows[name]:,}" for name, word in names.items())
    return f"hours of the {run} run: {rows['source_rows']:,} readings in {rows['read']:,} hours; {told}"


def main(output: Path) -> int:
    """Print the report of the demo in `output`; returns 1 where a run's counts are not the devices' own."""
    runs = ("first", "second")
    manifests, truths = (
        {run: json.loads((output / kind / f"{run}.json").read_text()) for run in runs}
        for kind in ("manifests", "truth")
    )
    console = Console()
    console.print(accounting(manifests, truths))
    reasons = manifests["first"]["rows"]["quarantined"]
    most = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))[:5]
    console.print(
        f"quarantined for {len(reasons)} reasons, as {', '.join(f'{reason} ({n})' for reason, n in most)}, …"
    )
    console.print(days(output / "clean" / "device_readings"))
    for run in runs:
        told = json.loads((output / "manifests" / f"hourly-{run}.json").read_text())
        console.print(hourly_line(run, told["rows"]))
    console.print(station_day(output / "clean" / "readings_hourly"))
    for name in (
        "raw",
        "clean/device_readings",
        "clean/readings_hourly",
        "quarantine/device_readings",
        "manifests",
    ):
        console.print(f"{name.split('/')[0]:<11}{output / name}", soft_wrap=True, highlight=False)
    return 0 if all(manifests[run]["rows"] == truths[run]["rows"] for run in runs) else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
