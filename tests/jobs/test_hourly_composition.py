"""readings_hourly by changes is readings_hourly computed anew, whatever the order and the grouping of manifests."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, TypeAlias

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from jobs.common.arguments import Format
from jobs.readings_hourly import HOURS, READ, transform
from tests.conftest import IS_CI
from tests.jobs.messages import message, put
from tests.jobs.running import Places, run_hourly, run_readings

pytestmark = pytest.mark.usefixtures("interpreted")
Rows: TypeAlias = dict[tuple[Any, ...], tuple[Any, ...]]

# Of device a at 5 o'clock, for nine days; corrections may move a reading to 6 o'clock, so that its hour becomes empty.
FIRST = [
    message(event="1", event_time=f"2024-02-{day:02}T05:10:00Z", metrics={"pm2_5": value})
    for day, value in enumerate([1.0, 2.0, 1.5, 0.1, 2.5, 2.0, 1.0, 1.25, 0.2], start=1)
]
DAYS = ("2024-01-31", *(f"2024-02-{day:02}" for day in (*range(1, 11), 29)), "2024-03-01", "2024-03-08")
later = st.builds(
    lambda day, hour, minute, device, event, value: {
        "device": device,
        "event": event,
        "event_time": f"{day}T{hour}:{minute}:00Z",
        "metrics": {} if value is None else {"pm2_5": value},
    },
    st.sampled_from(DAYS),
    st.sampled_from(["05", "06"]),
    st.sampled_from(["00", "59"]),
    st.sampled_from("aab"),
    st.sampled_from("12"),
    st.sampled_from([None, 0.1, 0.2, 1.5, 40.0]),
)
REVERSED = next(seed for seed in range(99) if Random(seed).sample((0, 1), 2) == [1, 0])  # noqa: S311 - the order of a test
runs = st.lists(st.lists(later, min_size=1, max_size=5), min_size=2, max_size=3)


class History:
    """A table of readings that runs change, and tables of hours made of it: one follows each run, the others later."""

    formats: ClassVar[dict[str, Format]] = {"each": "parquet", "shuffled": "delta", "at once": "delta"}

    def __init__(self, spark: SparkSession, root: Path, names: Iterable[str] = formats) -> None:
        """Make the first of both below `root`."""
        self.spark, self.root, self.places = spark, root, Places(root / "readings")
        self.manifests: list[Path] = []
        self.read(FIRST)
        for name in names:
            self.compute(name)

    def compute(self, name: str, manifests: Iterable[Path] = ()) -> dict[str, Any]:
        """Bring a table of hours up to date, wholly or by manifests; returns the run's own manifest."""
        flags = ("--format", self.formats[name])
        return run_hourly(self.spark, self.places.table, self.hours(name), manifests, *flags)

    def hours(self, name: str) -> Path:
        """Place a table of hours."""
        return self.root / name

    def read(self, messages: Sequence[dict[str, Any]]) -> Path:
        """Take in messages that were received after all earlier ones; returns the run's manifest."""
        number = len(self.manifests)
        received = [
            {**each, "received_at": f"2024-06-{1 + number:02}T00:00:{second:02}Z"}
            for second, each in enumerate(messages)
        ]
        inputs = put(self.root / f"raw/{number}.json", received)
        run_readings(self.spark, self.places, [inputs])
        manifest = self.root / f"manifests/{number}.json"
        manifest.parent.mkdir(exist_ok=True)
        self.manifests.append(self.places.manifest.rename(manifest))
        return manifest

    def anew(self) -> Rows:
        """Compute all hours from the readings that there are."""
        readings = self.spark.read.schema(READ).parquet(str(self.places.table)).select(*READ.names)
        return by_key(transform(readings, 1).collect())

    def table(self, name: str) -> Rows:
        """Read a table of hours."""
        reader = self.spark.read.format(self.formats[name])
        if self.formats[name] == "parquet":
            reader = reader.schema(HOURS)
        return by_key(reader.load(str(self.hours(name))).select(*HOURS.names).collect())


def by_key(rows: Sequence[Any]) -> Rows:
    found = {(row["event_date"], row["device_id"], row["hour_start"]): tuple(row) for row in rows}
    assert len(found) == len(rows)
    return found


def to_message(fields: dict[str, Any]) -> dict[str, Any]:
    return message(**fields)


def assert_accounted(told: dict[str, Any], before: Rows, after: Rows) -> None:
    """See that the run touched what differs and nothing else, and says so."""
    rows = told["rows"]
    assert rows["inserted"] == len(after.keys() - before.keys())
    assert rows["deleted"] == len(before.keys() - after.keys())
    assert rows["updated"] == sum(after[key] != before[key] for key in after.keys() & before.keys())
    assert rows["read"] == rows["accepted"] == rows["inserted"] + rows["updated"] + rows["duplicates"]
    days = {str(key[0]) for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert {each["values"]["event_date"] for each in told["partitions"]} == days


# Runs that empty an hour, take its only figure away, and bring a day before and a day after all that there are.
TWO_RUNS = [
    [
        {"event": "1", "event_time": "2024-02-03T06:00:00Z", "metrics": {"pm2_5": 40.0}},
        {"event": "2", "event_time": "2024-02-10T05:59:00Z", "metrics": {"pm2_5": 0.1}},
        {"device": "b", "event": "1", "event_time": "2024-02-29T05:00:00Z", "metrics": {"pm2_5": 1.5}},
    ],
    [
        {"event": "2", "event_time": "2024-01-31T05:00:00Z", "metrics": {"pm2_5": 0.2}},
        {"event": "1", "event_time": "2024-02-09T05:59:00Z", "metrics": {}},
        {"event": "2", "event_time": "2024-02-10T06:00:00Z", "metrics": {"pm2_5": 1.5}},
        {"event": "1", "event_time": "2024-03-01T05:00:00Z", "metrics": {"pm2_5": 40.0}},
    ],
]


# Each example takes a dozen runs, and shrinking one many more: what fails is small enough to be read.
@pytest.mark.one_release
@settings(max_examples=4, phases=[Phase.explicit] if IS_CI else [Phase.explicit, Phase.reuse, Phase.generate])
@example(of_runs=TWO_RUNS, seed=REVERSED)
@given(of_runs=runs, seed=st.integers(0, 99))
def test_hours_by_changes_in_any_order_and_grouping_are_those_computed_anew(
    delta: SparkSession, of_runs: list[list[dict[str, Any]]], seed: int
) -> None:
    with TemporaryDirectory() as folder:
        history = History(delta, Path(folder))
        for fields in of_runs:
            before = history.table("each")
            manifest = history.read([to_message(each) for each in fields])
            told = history.compute("each", [manifest])
            after = history.table("each")
            assert after == history.anew()
            assert_accounted(told, before, after)
        changes = history.manifests[1:]
        for manifest in Random(seed).sample(changes, len(changes)):  # noqa: S311 - the order of a test
            history.compute("shuffled", [manifest])
        history.compute("at once", changes)
        assert history.table("shuffled") == history.table("at once") == history.anew()


@pytest.mark.one_release
def test_a_correction_that_empties_an_hour_reaches_the_flags_of_28_days_and_no_further(
    spark: SparkSession, tmp_path: Path
) -> None:
    history = History(spark, tmp_path, ["each"])
    far = [message(event="1", event_time=f"{day}T05:00:00Z", metrics={"pm2_5": 9.0}) for day in DAYS[-3:]]
    history.compute("each", [history.read(far)])
    before = history.table("each")
    moved = message(event="1", event_time="2024-02-01T06:00:00Z", metrics={"pm2_5": 1.0})
    told = history.compute("each", [history.read([moved])])
    after = history.table("each")
    assert after == history.anew()
    assert_accounted(told, before, after)
    assert (told["rows"]["inserted"], told["rows"]["deleted"], told["rows"]["source_rows"]) == (1, 1, 1)
    # The hour that is empty now was in the baseline of the 8th, 9th and 29th; of March, no longer.
    assert [each["values"]["event_date"] for each in told["partitions"]] == [
        "2024-02-01",
        "2024-02-08",
        "2024-02-09",
        "2024-02-29",
    ]
    assert [each["changed_hours"] for each in told["partitions"]] == [[5, 6], [5], [5], [5]]
    everything = history.compute("each")
    assert everything["rows"]["duplicates"] == everything["rows"]["read"] == len(after)
    assert everything["partitions"] == []
