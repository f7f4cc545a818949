"""What stands in a table, told so that two tables can be compared whatever wrote them and in which order."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.readings_race.shape import COMPARED, INSTANTS, KEY, NUMBERS

_THREADS = 2


@dataclass(frozen=True)
class Digest:
    """The rows of a table, the distinct keys, the sum of each number, and a sum of the hashes of all rows."""

    rows: int
    keys: int
    sums: tuple[float, ...]
    hash: int


def digest(table: Path, days: Collection[str]) -> Digest:
    """Digest the rows that readers of a table see, of some days.

    Files may differ in how they hold an instant, a partition's value in its type: all columns are taken to one form.
    """
    exact = ", ".join(
        f"epoch_us({name}::TIMESTAMPTZ)"
        if name in INSTANTS
        else f"{name}::DATE"
        if name == "event_date"
        else name
        for name in COMPARED
    )
    sums = ", ".join(f"sum(round(coalesce({name}, 0) * 100)::HUGEINT)" for name in NUMBERS)
    files = [name for name in data_files(table) if Path(name).parent.name.removeprefix("event_date=") in days]
    if not files:
        return Digest(0, 0, (), 0)
    with duckdb.connect(config={"threads": _THREADS}) as database:
        database.execute("SET TimeZone = 'UTC'")
        found = database.execute(
            f"SELECT count(*), count(DISTINCT ({', '.join(KEY)})), sum(hash({exact})::HUGEINT), {sums} "  # noqa: S608 - our own names
            "FROM read_parquet($files, hive_partitioning=true, union_by_name=true)",
            {"files": files},
        ).fetchone()
    rows, keys, all_hashes, *totals = found or (0, 0, 0)
    return Digest(
        int(rows), int(keys), tuple(float(total or 0) / 100 for total in totals), int(all_hashes or 0)
    )


def data_files(table: Path) -> list[str]:
    """List the files that hold a table's rows; of a Delta table, those that its log has and has not taken away."""
    log = sorted((table / "_delta_log").glob("*.json"))
    if not log:
        return sorted(str(path) for path in table.glob("event_date=*/*.parquet"))
    files: dict[str, None] = {}
    for version in log:
        for line in version.read_text().splitlines():
            action = json.loads(line)
            if "add" in action:
                files[action["add"]["path"]] = None
            elif "remove" in action:
                files.pop(action["remove"]["path"], None)
    return sorted(str(table / name) for name in files)


def size(table: Path) -> tuple[int, int]:
    """Count the files that hold the rows, and their bytes."""
    files = data_files(table)
    return len(files), sum(Path(name).stat().st_size for name in files)
