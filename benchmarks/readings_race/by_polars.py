"""The work of device_readings by Polars alone: `python -m benchmarks.readings_race.by_polars`.

Polars' NDJSON reader gives up at the first malformed line, whatever it is told to ignore. So lines go to it in blocks;
one that it refuses is halved until the bad line stands alone. That finds every line that is no JSON, and costs least
where few are. A value of a wrong type becomes a null, and what a null means is asked of the line it came from.
"""

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import compress
from typing import Final, TypeAlias

from benchmarks.readings_race.places import Work, read_work, unpacked
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
os.environ.setdefault("POLARS_MAX_THREADS", str(THREADS))

import polars as pl  # noqa: E402 - it reads its count of threads when it is imported

_BLOCK: Final = 500
_PART_BYTES: Final = 4 * 1024 * 1024
_SCHEMA: Final = {
    **dict.fromkeys(TEXTS, pl.String()),
    "location": pl.Struct({"lat": pl.Float64(), "lon": pl.Float64()}),
    "metrics": pl.Struct(dict.fromkeys(METRICS, pl.Float64())),
}
_UTC: Final = pl.Datetime("us", "UTC")


Line: TypeAlias = tuple[bytes, str]


def parse(lines: Sequence[Line]) -> tuple[list[pl.DataFrame], list[Line], list[Line]]:
    """Parse lines as objects: the frames, the lines that have become their rows, and those that are no JSON."""
    try:
        frame = pl.read_ndjson(b"\n".join(line for line, _ in lines), schema=_SCHEMA, ignore_errors=True)
    except pl.exceptions.ComputeError:
        if len(lines) == 1:
            return [], [], list(lines)
    else:
        if len(frame) == len(lines):
            return [frame], list(lines), []
    half = len(lines) // 2
    frames, good, bad = parse(lines[:half])
    more_frames, more_good, more_bad = parse(lines[half:])
    return frames + more_frames, good + more_good, bad + more_bad


def read(paths: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read some objects: their good rows, and their bad lines with the reason."""
    lines = [(line.strip(), path) for path in paths for line in unpacked(path).split(b"\n")]
    is_object = [line.startswith(b"{") and line.endswith(b"}") for line, _ in lines]
    bad = [line for line, is_one in zip(lines, is_object, strict=True) if line[0] and not is_one]
    objects = list(compress(lines, is_object))
    frames, good = [pl.DataFrame(schema=_SCHEMA)], list[Line]()
    for start in range(0, len(objects), _BLOCK):
        parsed, taken, refused = parse(objects[start : start + _BLOCK])
        frames += parsed
        good += taken
        bad += refused
    judged = _judge(pl.concat(frames).hstack(_sources(good)))
    is_bad = pl.col("reason").is_not_null()
    refused_lines = _sources(bad).with_columns(reason=pl.lit("malformed_json"))
    told = ("reason", "raw", "source_object")
    quarantined = pl.concat([refused_lines.select(told), judged.filter(is_bad).select(told)])
    return judged.filter(~is_bad).select(COLUMNS), quarantined


def _sources(lines: Sequence[Line]) -> pl.DataFrame:
    """Return where rows come from: the line, and its object."""
    return pl.DataFrame(
        {"raw": [line for line, _ in lines], "source_object": [path for _, path in lines]},
        schema={"raw": pl.Binary(), "source_object": pl.String()},
    )


def _judge(messages: pl.DataFrame) -> pl.DataFrame:
    """Add the instants, what the table holds beside them, and the reason why a message is bad."""
    flat = messages.unnest("location", "metrics").with_columns(
        pl.col(name).str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False) for name in INSTANTS
    )
    rows = flat.with_columns(rescued=pl.lit(None, pl.String), event_date=pl.col("event_time").dt.date())
    rules = [(f"missing_{name}", pl.col(name).is_null()) for name in REQUIRED]
    rules += [(f"missing_{name}", pl.col(name) == "") for name in ("device_id", "event_id")]
    rules += [
        (f"out_of_range_{name}", ~pl.col(name).is_between(least, most))
        for name, (least, most) in RANGES.items()
    ]
    rules += [(f"out_of_range_{name}", ~pl.col(name).dt.year().is_between(2000, 2100)) for name in INSTANTS]
    rules += [("event_time_in_future", pl.col("event_time") > pl.col("received_at") + pl.duration(hours=24))]
    verdicts = [pl.when(holds).then(pl.lit(reason)) for reason, holds in rules]
    judged = rows.with_columns(reason=pl.coalesce(verdicts))
    return _with_bad_types(judged)


def _with_bad_types(judged: pl.DataFrame) -> pl.DataFrame:
    """Tell an absent value from one of a wrong type, in the rows that have a null."""
    names = (*NUMBERS, *(name for name in TEXTS))
    with_null = judged.with_row_index("row").filter(
        pl.any_horizontal(pl.col(name).is_null() for name in names)
    )
    text = pl.col("raw").cast(pl.String)
    holds = [
        pl.when(
            pl.col(name).is_null()
            & (text.str.json_path_match("$." + ".".join(member(name))).fill_null("null") != "null")
        ).then(pl.lit(f"bad_type_{name}"))
        for name in names
        if with_null[name].null_count()
    ]
    if not holds:
        return judged
    found = with_null.select("row", bad_type=pl.coalesce(holds))
    joined = judged.with_row_index("row").join(found, on="row", how="left", maintain_order="left")
    return joined.with_columns(reason=pl.coalesce("bad_type", "reason")).drop("row", "bad_type")


def newest(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep one row a key, the one received last; only rows whose key's hash occurs twice are compared."""
    is_double = rows.select(pl.struct(KEY).hash()).to_series().is_duplicated()
    doubles = rows.filter(is_double).sort("received_at", descending=True)
    return pl.concat([rows.filter(~is_double), doubles.unique(KEY, keep="first", maintain_order=True)])


def run(work: Work) -> None:
    """Do the work."""
    with ThreadPoolExecutor(THREADS) as threads:
        read_parts = list(threads.map(read, work.parts(_PART_BYTES)))
    pl.concat(bad for _, bad in read_parts).write_parquet(work.quarantine / "bad.parquet", compression="zstd")
    good = pl.concat([rows for rows, _ in read_parts])
    del read_parts
    held = work.held(good["event_date"].unique())
    if held:
        old = pl.read_parquet(held, hive_partitioning=True).select(COLUMNS)
        good = pl.concat(
            [good, old.with_columns(pl.col(INSTANTS).cast(_UTC), pl.col("event_date").cast(pl.Date))]
        )
    for day, rows in newest(good).partition_by(["event_date"], as_dict=True, include_key=False).items():
        folder = work.staging / f"event_date={day[0]}"
        folder.mkdir()
        rows.write_parquet(folder / "0.parquet", compression="zstd", compression_level=1)
    work.publish()


def main(argv: Sequence[str]) -> int:
    """Run, and return the exit code."""
    run(read_work(argv))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
