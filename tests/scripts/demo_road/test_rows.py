"""The rows to watch: each part's state and figures from what was seen."""

from dataclasses import replace
from typing import Any

import pytest

from scripts.demo_road.accounting import Objects, Transformed
from scripts.demo_road.rows import Row, State, is_delivered, rows
from scripts.demo_road.watch import Seen

W, G, D, F = State.WAITING, State.WORKING, State.DONE, State.FAILED
DELIVERED = Seen(
    sent=10,
    in_stream=12,
    transformed=Transformed(received=12, ok=9, dropped=1, failed=2, written=11),
    objects=Objects(objects=2, lines=11, failed=2),
    waiting=3,
)
OVER = replace(
    DELIVERED,
    waiting=0,
    batches=1,
    closed=1,
    clusters={"TERMINATED": 1},
    jobs={"device_readings": "succeeded", "readings_hourly": "succeeded"},
    rows=1234,
    files=7,
)


def states(seen: Seen, records: int = 12) -> list[State]:
    return [row.state for row in rows(seen, records)]


@pytest.mark.parametrize(
    ("seen", "records", "expected"),
    [
        (Seen(), 0, [W, W, W, W, W, W, W, W]),
        (Seen(sent=5, in_stream=5), 0, [G, G, W, W, W, W, W, W]),
        (
            Seen(sent=10, in_stream=12, transformed=Transformed(received=3, ok=3)),
            12,
            [D, D, G, W, W, W, W, W],
        ),
        (replace(DELIVERED, objects=Objects(objects=1, lines=5)), 12, [D, D, D, G, G, W, W, W]),
        (DELIVERED, 12, [D, D, D, D, G, W, W, W]),
        (replace(DELIVERED, batches=1, clusters={"STARTING": 1}), 12, [D, D, D, D, G, G, W, W]),
        (replace(OVER, jobs={"device_readings": "running"}, rows=0), 12, [D, D, D, D, D, D, G, G]),
        (replace(OVER, jobs={"device_readings": "failed"}, rows=0, files=0), 12, [D, D, D, D, D, D, F, W]),
        (replace(OVER, clusters={"TERMINATED_WITH_ERRORS": 1}), 12, [D, D, D, D, D, F, D, D]),
        (OVER, 12, [D, D, D, D, D, D, D, D]),
    ],
    ids=[
        *(
            "nothing",
            "sending",
            "transforming",
            "delivering",
            "delivered",
            "starting",
            "running",
            "a job failed",
        ),
        *("a cluster failed", "over"),
    ],
)
def test_each_part_has_its_state(seen: Seen, records: int, expected: list[State]) -> None:
    assert states(seen, records) == expected


def test_the_figures_are_told() -> None:
    assert rows(OVER, 12) == [
        Row("devices", D, "10 records acknowledged"),
        Row("stream", D, "12 records"),
        Row("Firehose", D, "9 transformed, 1 dropped, 2 failed"),
        Row("objects", D, "2 with 11 messages; 2 below processing-failed/"),
        Row("events, ledger", D, "0 events wait; 1 batches cut, 1 closed"),
        Row("cluster", D, "TERMINATED"),
        Row("jobs (Spark)", D, "device_readings succeeded, readings_hourly succeeded"),
        Row("table", D, "1,234 rows, 7 files"),
    ]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, True),
        ({"in_stream": 11}, False),
        ({"objects": Objects(objects=2, lines=10, failed=2)}, False),
        ({"objects": Objects(objects=2, lines=11, failed=1)}, False),
    ],
    ids=["all", "not all in the stream", "a line is missing", "a failed one is missing"],
)
def test_all_is_delivered_when_all_has_come_out(changed: dict[str, Any], expected: bool) -> None:
    assert is_delivered(replace(DELIVERED, **changed), 12) is expected
