"""What the work takes without an engine around it: `python -m benchmarks.readings_race.floor`.

Objects are opened by isal, parsed by DuckDB's `json_transform` a column of lines at a time, the few lines that lack
something by msgspec once more, deduplicated by a hash of the key, and written by pyarrow. Nothing is told about what is
bad: such lines are skipped.
"""

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import duckdb
import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.readings_race.by_duckdb import TYPES, further, structure
from benchmarks.readings_race.places import Work, read_work, unpacked
from benchmarks.readings_race.shape import COLUMNS, KEY, METRICS, RANGES, member

THREADS: Final = 2
_PART_BYTES: Final = 4 * 1024 * 1024
_Metrics = msgspec.defstruct("_Metrics", [(name, float | None, None) for name in METRICS])


class _Location(msgspec.Struct):
    lat: float | None = None
    lon: float | None = None


class _Message(msgspec.Struct):
    device_id: str
    event_id: str
    event_time: Any
    received_at: Any
    metrics: _Metrics  # type: ignore[valid-type] # made from the names of the metrics
    location: _Location = msgspec.field(default_factory=_Location)
    firmware: str | None = None
    wind_direction: str | None = None


def is_sound(line: bytes, decoder: msgspec.json.Decoder[Any]) -> bool:
    """Tell whether a line has the types of a message."""
    try:
        decoder.decode(line)
    except msgspec.MsgspecError:
        return False
    return True


def read(paths: Sequence[str], database: duckdb.DuckDBPyConnection) -> pa.Table:
    """Read the good rows of some objects; every line ends in LF."""
    texts = [unpacked(path) for path in paths]
    text = np.frombuffer(b"".join(texts), np.uint8)
    ends = np.flatnonzero(text == ord("\n")).astype(np.int32)
    # The column of lines is the text itself; each but the first begins at the end of the one before.
    offsets = np.concatenate([np.zeros(1, np.int32), ends + 1])
    lines = pa.Array.from_buffers(pa.string(), len(ends), [None, pa.py_buffer(offsets), pa.py_buffer(text)])
    database.register("lines", pa.table({"line": lines, "place": np.arange(len(ends), dtype=np.int32)}))
    rows = database.sql(_QUERY).to_arrow_table()
    database.unregister("lines")
    decoder = msgspec.json.Decoder(_Message)
    odd = rows["is_odd"].to_numpy().astype(bool)
    places = rows["place"].to_numpy()
    kept = ~odd
    for number in np.flatnonzero(odd):
        place = places[number]
        kept[number] = is_sound(bytes(text[offsets[place] : ends[place]]), decoder)
    source = np.searchsorted(np.cumsum([len(each) for each in texts]), ends[places], side="right")
    names = pa.array(list(paths)).take(pa.array(source))
    place_of_source = rows.schema.get_field_index("source_object")
    return rows.set_column(place_of_source, "source_object", names).filter(pa.array(kept)).select(COLUMNS)


def _query() -> str:
    columns = ", ".join(f"m.{'.'.join(member(name))} AS {name}" for name in TYPES)
    names = ", ".join(name if name in TYPES else further("NULL::VARCHAR")[name] for name in COLUMNS)
    is_null = " OR ".join(f"{name} IS NULL" for name in TYPES)
    ranges = " AND ".join(
        f"coalesce({name} BETWEEN {least} AND {most}, true)" for name, (least, most) in RANGES.items()
    )
    return f"""
        WITH parsed AS MATERIALIZED (
            SELECT place, CASE WHEN json_valid(line) THEN json_transform(line, '{structure()}') END AS m FROM lines
        )
        SELECT {names}, ({is_null}) AS is_odd, place FROM (SELECT place, {columns} FROM parsed)
        WHERE event_time IS NOT NULL AND event_time <= received_at + INTERVAL 24 HOURS AND {ranges}"""  # noqa: S608 - our own names


_QUERY: Final = _query()


def newest(rows: pa.Table, database: duckdb.DuckDBPyConnection) -> pa.Table:
    """Keep one row a key, the one received last; only rows whose key's hash occurs twice are compared."""
    hashes = database.execute(f"SELECT hash({', '.join(KEY)}) AS h FROM rows").fetchnumpy()["h"]  # noqa: S608 - our own names
    order = np.argsort(hashes)
    is_same = hashes[order][1:] == hashes[order][:-1]
    doubles = order[np.concatenate([is_same, [False]]) | np.concatenate([[False], is_same])]
    if not len(doubles):
        return rows
    keys = rows.select([*KEY, "received_at"]).take(pa.array(doubles)).append_column("row", pa.array(doubles))
    ranked = keys.sort_by(
        [*((name, "ascending") for name in KEY), ("received_at", "descending"), ("row", "ascending")]
    )
    texts = [ranked[name].combine_chunks() for name in KEY]
    is_again = np.logical_and.reduce(
        [pc.equal(text[1:], text[:-1]).to_numpy(zero_copy_only=False) for text in texts]
    )
    stays = np.ones(len(rows), dtype=bool)
    stays[ranked["row"].to_numpy()[1:][is_again]] = False
    return rows.filter(pa.array(stays))


def run(work: Work) -> None:
    """Do the work."""
    # As the job's own tasks do: Arrow's own allocator gives memory back too soon.
    pa.set_memory_pool(pa.system_memory_pool())
    with duckdb.connect(config={"threads": 1}) as database, ThreadPoolExecutor(THREADS) as threads:
        database.execute("SET TimeZone = 'UTC'")

        def read_part(paths: Sequence[str]) -> pa.Table:
            with database.cursor() as cursor:
                cursor.execute("SET TimeZone = 'UTC'")
                return read(paths, cursor)

        rows = pa.concat_tables(threads.map(read_part, work.parts(_PART_BYTES)))
        kept = newest(rows, database)

        def write(day: Any) -> None:
            folder = work.staging / f"event_date={day}"
            folder.mkdir()
            part = kept.filter(pc.equal(kept["event_date"], day)).drop_columns(["event_date"])
            pq.write_table(part, folder / "0.parquet", compression="zstd", compression_level=1)

        list(threads.map(write, pc.unique(kept["event_date"])))
    work.publish()


def main(argv: Sequence[str]) -> int:
    """Run, and return the exit code."""
    run(read_work(argv))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
