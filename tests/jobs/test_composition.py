"""Runs compose: whatever the order and the grouping of messages into runs, the table is that of the rules.

The rules are written here a second time, in plain Python, and know nothing of Spark.
"""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.common.arguments import FORMATS, Format
from tests.conftest import IS_CI
from tests.jobs.messages import message, put
from tests.jobs.running import Places, query, run_readings, table_files

pytestmark = pytest.mark.usefixtures("interpreted", "reader")
Message: TypeAlias = dict[str, Any]
Row: TypeAlias = tuple[str | None, ...]
COMPARED = "event_date, device_id, event_id, received_at, event_time, firmware, pm2_5, rescued"
ROWS = (
    f"SELECT {', '.join(f'CAST({name} AS VARCHAR)' for name in COMPARED.split(', '))} FROM files ORDER BY ALL"  # noqa: S608 - our own names
)

DAYS = ("2024-02-28", "2024-02-29", "2024-03-01")


def at(hour: str, minute: str, **rest: Any) -> Message:
    """Make a message of an hour that was received late that day."""
    return message(event_time=f"{hour}:00:00Z", received_at=f"{hour[:10]}T23:{minute}:00Z", **rest)


good = st.builds(
    lambda day, hour, minute, rest: at(f"{day}T{hour}", minute, **rest),
    st.sampled_from(DAYS),
    st.sampled_from(["00", "12", "23"]),
    st.sampled_from(["00", "01"]),
    st.fixed_dictionaries(
        {"device": st.sampled_from("ab"), "event": st.sampled_from("12")},
        optional={
            "firmware": st.sampled_from(["1.10", "1.9", ""]),
            "metrics": st.sampled_from([{"pm2_5": 1.0}, {"pm2_5": 2.5}, {"pm2_5": -0.0}, {}]),
            "new_field": st.sampled_from(["x", "y"]),
        },
    ),
)
bad = st.sampled_from([{"device_id": "a"}, message(metrics={"pm2_5": -1}), message(event_time="today")])
runs = st.lists(st.lists(st.one_of(good, good, good, bad), min_size=2, max_size=6), min_size=2, max_size=3)

# News, corrections that come before what they correct, ties, a late day, messages to refuse, a field of no schema.
TWO_RUNS = [
    [
        at("2024-02-29T12", "01", firmware="1.9", metrics={"pm2_5": 1.0}),
        at("2024-02-29T00", "01", firmware="1.10"),
        at("2024-03-01T00", "00", device="b", metrics={"pm2_5": -0.0}),
        at("2024-03-01T00", "00", event="2", new_field="x"),
        {"device_id": "a"},
    ],
    [
        at("2024-02-29T23", "00", metrics={"pm2_5": 2.5}),
        at("2024-03-01T23", "01", device="b", firmware=""),
        at("2024-03-01T00", "00", event="2", new_field="x"),
        at("2024-03-01T00", "00", event="2", new_field="y"),
        at("2024-02-28T23", "00", metrics={}),
        message(metrics={"pm2_5": -1}),
        message(event_time="today"),
    ],
]


class Model:
    """A table by the rules."""

    def __init__(self) -> None:
        self.rows: dict[Row, tuple[Any, ...]] = {}

    def run(self, messages: Sequence[Message]) -> dict[str, int]:
        """Take in what one run reads, and count what becomes of it."""
        counts = {"read": len(messages), "accepted": 0, "inserted": 0, "updated": 0, "duplicates": 0}
        before = dict(self.rows)
        for each in messages:
            if is_good(each):
                counts["accepted"] += 1
                key, rank = key_of(each), rank_of(each)
                self.rows[key] = max(self.rows.get(key, rank), rank)
        counts["inserted"] = len(self.rows) - len(before)
        counts["updated"] = sum(self.rows[key] != rank for key, rank in before.items())
        counts["duplicates"] = counts["accepted"] - counts["inserted"] - counts["updated"]
        return counts

    def table(self) -> list[Row]:
        """Return the rows as the table has them, as text."""
        return sorted(
            ((*key, *(value for _, value in rank)) for key, rank in self.rows.items()),
            key=lambda row: [(value is None, value) for value in row],
        )


def is_good(each: Message) -> bool:
    return "event_time" in each and each["event_time"] != "today" and each.get("metrics") != {"pm2_5": -1}


def key_of(each: Message) -> Row:
    return (each["event_time"][:10], each["device_id"], each["event_id"])


def rank_of(each: Message) -> tuple[Any, ...]:
    """Compare rows by what is not their key: a pair a column, so that none is less than any."""
    pm2_5 = each.get("metrics", {}).get("pm2_5")
    values = [
        instant(each["received_at"]),
        instant(each["event_time"]),
        each.get("firmware"),
        None if pm2_5 is None else str(abs(pm2_5)),
        f'{{"new_field":"{each["new_field"]}"}}' if "new_field" in each else None,
    ]
    return tuple((value is not None, value) for value in values)


def instant(text: str) -> str:
    return text.replace("T", " ").replace("Z", "+00")


def rows_of(places: Places) -> list[Row]:
    return query(ROWS, table_files(places)) if list(places.table.glob("event_date=*")) else []


def rows_in(spark: SparkSession, places: Places, format_: Format) -> list[Row]:
    """Read a table of either format, as the text that DuckDB makes of it."""
    if format_ == "parquet" or not (places.table / "_delta_log").exists():
        return rows_of(places)
    rows = spark.read.format("delta").load(str(places.table))
    instants = "yyyy-MM-dd HH:mm:ss'+00'"
    texts = (
        F.date_format(name, instants) if name in ("received_at", "event_time") else F.col(name).cast("string")
        for name in COMPARED.split(", ")
    )
    found = [tuple(row) for row in rows.select(*texts).collect()]
    return sorted(found, key=lambda row: [(value is None, value) for value in row])


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}


def assert_accounted(told: dict[str, Any], counts: dict[str, int]) -> None:
    assert {name: told["rows"][name] for name in counts} == counts
    assert sum(told["rows"]["quarantined"].values()) == counts["read"] - counts["accepted"]
    touched = sum(each["rows"] for each in told["partitions"])
    assert touched >= counts["inserted"] + counts["updated"]


@pytest.mark.one_release
@pytest.mark.parametrize("format_", FORMATS)
# Each example takes some runs of seconds, and shrinking one many more: what fails is small enough to be read.
@settings(
    max_examples=12, phases=[Phase.explicit] if IS_CI else [Phase.explicit, Phase.reuse, Phase.generate]
)
@example(of_runs=TWO_RUNS)
@given(of_runs=runs)
def test_the_order_and_grouping_of_runs_do_not_matter_and_every_row_is_accounted_for(
    delta: SparkSession, format_: Format, of_runs: list[list[Message]]
) -> None:
    with TemporaryDirectory() as folder:
        places, model, flags = Places(Path(folder, "out")), Model(), ("--format", format_)
        for number, messages in enumerate(of_runs):
            (Path(folder) / f"in/{number}").mkdir(parents=True)
            inputs = put(Path(folder) / f"in/{number}/x.json", messages)
            told = run_readings(delta, places, [inputs], "--run-id", f"run-{number}", *flags)
            assert_accounted(told, model.run(messages))
            assert rows_in(delta, places, format_) == model.table()
        everything = run_readings(delta, places, [f"{folder}/in"], "--run-id", "again", *flags)
        accepted = everything["rows"]["accepted"]
        assert_accounted(everything, model.run([each for messages in of_runs for each in messages]))
        assert everything["rows"]["duplicates"] == accepted
        assert everything["partitions"] == []
        assert rows_in(delta, places, format_) == model.table()


def test_two_halves_in_either_order_and_both_at_once_give_the_same_table(
    spark: SparkSession, tmp_path: Path
) -> None:
    first = put(
        tmp_path / "1.json", [message("a"), message("b", firmware="2"), message("c", metrics={"pm2_5": 2})]
    )
    second = put(
        tmp_path / "2.json",
        [
            message("a", metrics={"pm2_5": 1}),
            message("b", firmware="10"),
            message("c", received_at="2024-02-29T07:00:00Z"),
            message("d"),
        ],
    )
    tables = []
    for number, of_runs in enumerate(([[first], [second]], [[second], [first]], [[first, second]])):
        places = Places(tmp_path / f"out-{number}")
        for inputs in of_runs:
            run_readings(spark, places, inputs)
        tables.append(rows_of(places))
    assert tables[0] == tables[1] == tables[2]
    assert [(row[1], row[5], row[6]) for row in tables[0]] == [
        ("a", None, "1.0"),
        ("b", "2", None),
        ("c", None, None),
        ("d", None, None),
    ]


def test_only_partitions_that_change_are_rewritten_and_of_equal_rows_the_one_that_is_there_stays(
    spark: SparkSession, tmp_path: Path
) -> None:
    places, leap_day = Places(tmp_path / "out"), "event_date=2024-02-29"
    next_day = {"event_time": "2024-03-01T00:00:00Z", "received_at": "2024-03-01T00:00:00Z"}
    first = put(tmp_path / "z.json", [message("a"), message("b"), message("a", **next_day)])
    run_readings(spark, places, [first])
    before = contents(places.table / "event_date=2024-03-01")
    replaced = contents(places.table / leap_day).keys()
    correction = message("b", received_at="2024-02-29T07:00:00Z")
    second = put(tmp_path / "a.json", [message("late"), correction, message("a"), message("a", **next_day)])
    told = run_readings(spark, places, [second])
    assert contents(places.table / "event_date=2024-03-01") == before
    assert not replaced & contents(places.table / leap_day).keys()
    assert [each["values"] for each in told["partitions"]] == [{"event_date": "2024-02-29"}]
    assert told["rows"] == {
        "read": 4,
        "accepted": 4,
        "inserted": 1,
        "updated": 1,
        "duplicates": 2,
        "quarantined": {},
    }
    sources = "SELECT event_date::text, device_id, parse_filename(source_object) FROM files ORDER BY ALL"
    assert query(sources, table_files(places)) == [
        ("2024-02-29", "a", "z.json"),
        ("2024-02-29", "b", "a.json"),
        ("2024-02-29", "late", "a.json"),
        ("2024-03-01", "a", "z.json"),
    ]
