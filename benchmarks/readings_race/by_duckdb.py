"""The work of device_readings by DuckDB alone: `python -m benchmarks.readings_race.by_duckdb`.

With the care that it deserves: each message is parsed once, in a CTE that is materialized (a filter over the columns
of `json_transform` would parse again for each of them); what a null means is asked only where there is one; keys
that occur twice are found by a hash first, and only those are ranked; the order of rows is let go of.
"""

import sys
from collections.abc import Sequence
from typing import Final

import duckdb

from benchmarks.readings_race.places import Work, read_work
from benchmarks.readings_race.shape import (
    COLUMNS,
    INSTANTS,
    KEY,
    METRICS,
    NUMBERS,
    RANGES,
    REQUIRED,
    TEXTS,
    member,
)

THREADS: Final = 2
_PART_BYTES: Final = 48 * 1024 * 1024
TYPES: Final = {
    **dict.fromkeys(TEXTS, "VARCHAR"),
    **dict.fromkeys(INSTANTS, "TIMESTAMPTZ"),
    **dict.fromkeys(NUMBERS, "DOUBLE"),
}
# Lines, whatever is in them: no quotes, and a separator that JSON does not hold.
LINES: Final = (
    "read_csv($files, columns={'line': 'VARCHAR'}, delim='\\x01', quote='', escape='', header=false, "
    "auto_detect=false, filename=true)"
)


def structure() -> str:
    """Return what `json_transform` is to make of a message."""
    plain = ", ".join(f'"{name}":"{kind}"' for name, kind in TYPES.items() if len(member(name)) == 1)
    metrics = ", ".join(f'"{name}":"DOUBLE"' for name in METRICS)
    return f'{{{plain}, "location":{{"lat":"DOUBLE", "lon":"DOUBLE"}}, "metrics":{{{metrics}}}}}'


def reason() -> str:
    """Return the SQL for why a message is bad; null where it is good. The first reason counts."""
    cases = ["WHEN m IS NULL THEN 'malformed_json'"]
    cases += ["WHEN device_id IS NULL AND json_type(line) <> 'OBJECT' THEN 'not_an_object'"]
    for name in TYPES:
        place = "$." + ".".join(member(name))
        cases.append(
            f"WHEN {name} IS NULL AND coalesce(json_type(line, '{place}'), 'NULL') <> 'NULL' THEN 'bad_type_{name}'"
        )
    cases += [f"WHEN {name} IS NULL THEN 'missing_{name}'" for name in REQUIRED]
    cases += [f"WHEN {name} = '' THEN 'missing_{name}'" for name in ("device_id", "event_id")]
    cases += [
        f"WHEN {name} NOT BETWEEN {least} AND {most} THEN 'out_of_range_{name}'"
        for name, (least, most) in RANGES.items()
    ]
    cases += [
        f"WHEN {name} < TIMESTAMPTZ '2000-01-01 00:00:00Z' OR {name} >= TIMESTAMPTZ '2101-01-01 00:00:00Z' "
        f"THEN 'out_of_range_{name}'"
        for name in INSTANTS
    ]
    cases += ["WHEN event_time > received_at + INTERVAL 24 HOURS THEN 'event_time_in_future'"]
    return f"CASE {' '.join(cases)} END"


def run(work: Work) -> None:
    """Do the work."""
    with duckdb.connect(config={"threads": THREADS, "preserve_insertion_order": False}) as database:
        database.execute("SET TimeZone = 'UTC'")
        database.execute(f"SET temp_directory = '{work.staging.parent}/duckdb-spill'")
        _make_judged(database)
        for part in work.parts(_PART_BYTES):
            database.execute(f"INSERT INTO judged {judging()}", {"files": part})
        database.execute(
            "CREATE TEMP VIEW bad AS SELECT reason, raw, source_object FROM judged WHERE reason IS NOT NULL"
        )
        database.execute(f"COPY bad TO '{work.quarantine}/bad.parquet' (FORMAT parquet, COMPRESSION zstd)")
        database.execute(
            "CREATE TEMP VIEW good AS SELECT * EXCLUDE (reason, raw) FROM judged WHERE reason IS NULL"
        )
        _write(database, work)


def judging() -> str:
    """Return the query that parses and judges the lines of `$files`."""
    columns = ", ".join(f"m.{'.'.join(member(name))} AS {name}" for name in TYPES)
    names = ", ".join(name if name in TYPES else further("filename")[name] for name in COLUMNS)
    return f"""
        WITH parsed AS MATERIALIZED (
            SELECT filename, line, CASE WHEN json_valid(line) THEN json_transform(line, '{structure()}') END AS m
            FROM {LINES}
            WHERE trim(line) <> ''
        ), judged AS MATERIALIZED (
            SELECT {names}, {reason()} AS reason, line FROM (SELECT filename, line, m, {columns} FROM parsed)
        )
        SELECT * EXCLUDE (line), CASE WHEN reason IS NOT NULL THEN line END AS raw FROM judged"""  # noqa: S608 - our own names


def further(source: str) -> dict[str, str]:
    """Return the SQL of the columns that stand in no message, by name; `source` is that of the object."""
    return {
        "rescued": "NULL::VARCHAR AS rescued",
        "source_object": f"{source} AS source_object",
        "event_date": "CAST(event_time AS DATE) AS event_date",
    }


def _make_judged(database: duckdb.DuckDBPyConnection) -> None:
    kinds = {**TYPES, "rescued": "VARCHAR", "source_object": "VARCHAR", "event_date": "DATE"}
    columns = ", ".join(f"{name} {kinds[name]}" for name in COLUMNS)
    database.execute(f"CREATE TEMP TABLE judged ({columns}, reason VARCHAR, raw VARCHAR)")


def _write(database: duckdb.DuckDBPyConnection, work: Work) -> None:
    """Write one row a key, those of the table's touched partitions with them."""
    dates = [row[0] for row in database.execute("SELECT DISTINCT event_date FROM good").fetchall()]
    rows = "SELECT * FROM good"
    if held := work.held(dates):
        names = ", ".join(COLUMNS)
        rows += f" UNION ALL SELECT {names} FROM read_parquet({held!r}, hive_partitioning=true)"  # noqa: S608 - our own names
    database.execute(f"CREATE TEMP VIEW all_rows AS {rows}")
    key = ", ".join(KEY)
    database.execute(
        f"CREATE TEMP TABLE doubles AS SELECT hash({key}) AS h FROM all_rows GROUP BY 1 HAVING count(*) > 1"  # noqa: S608 - our own names
    )
    database.execute(f"""
        COPY (
            SELECT * FROM all_rows WHERE hash({key}) NOT IN (FROM doubles)
            UNION ALL
            SELECT * FROM (SELECT * FROM all_rows WHERE hash({key}) IN (FROM doubles))
            QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY received_at DESC) = 1
        ) TO '{work.staging}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, PARTITION_BY (event_date))""")  # noqa: S608 - our own names
    work.publish()


def main(argv: Sequence[str]) -> int:
    """Run, and return the exit code."""
    run(read_work(argv))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
