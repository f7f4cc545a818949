"""Heartbeats between readings."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.devices.errors import UsageError
from ingestion.devices.truth import Delivered
from ingestion.firehose_transform.streams.devices import transform
from ingestion.sending.heartbeats import HeartbeatOutlet, heartbeat

GLUED = st.lists(st.booleans(), max_size=30)


class Taken:
    """An outlet that keeps what it is given."""

    def __init__(self) -> None:
        """Begin."""
        self.lines: list[bytes] = []
        self.arrivals: list[int] = []
        self.damaged: list[bytes] = []

    def add(self, lines: Sequence[bytes], arrivals_ms: Sequence[int], /) -> None:
        """Take messages."""
        self.lines += lines
        self.arrivals += arrivals_ms

    def add_damaged(self, content: bytes, arrival_ms: int, /) -> None:
        """Take an object."""
        del arrival_ms
        self.damaged.append(content)

    def close(self) -> Delivered:
        """End."""
        return Delivered(objects=7)


def reading(number: int, *, is_glued: bool = False) -> bytes:
    told: dict[str, Any] = {"device_id": f"d-{number}", "event_id": f"e-{number}", "event_time": number}
    told |= {"received_at": number, "firmware": "1.2", "metrics": {"pm10": 1.0}}
    return json.dumps(told).encode() + (b"" if is_glued else b"\n")


def through(lines: Sequence[bytes], rate: float, seed: int = 1, at_once: int = 100) -> tuple[Taken, int]:
    taken = Taken()
    outlet = HeartbeatOutlet(taken, rate, seed)
    for begin in range(0, len(lines), at_once):
        part = lines[begin : begin + at_once]
        outlet.add(part, list(range(begin, begin + len(part))))
    return taken, outlet.count


def test_a_heartbeat_has_its_devices_name_and_instant_and_no_readings_and_the_transform_leaves_it_out() -> (
    None
):
    made = heartbeat(reading(3))
    assert made == b'{"type":"heartbeat","device_id":"d-3","event_time":3,"firmware":"1.2"}\n'
    assert transform(made) is None
    assert transform(reading(3)) is not None


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"no json\n",
        b'{"device_id":"d"}\n',
        b'{"device_id":"d","event_time":1,"firmware":true}\n',
        b"\xff",
    ],
)
def test_what_is_faulty_has_no_heartbeat_and_goes_its_way(line: bytes) -> None:
    assert heartbeat(line) is None
    assert through([line] * 50, 0.5)[0].lines == [line] * 50


def test_the_share_is_that_of_all_messages() -> None:
    taken, count = through([reading(number) for number in range(10_000)], 0.25)
    assert len(taken.lines) == 10_000 + count
    assert count / len(taken.lines) == pytest.approx(0.25, abs=0.02)


def test_without_a_rate_nothing_is_added() -> None:
    lines = [reading(number) for number in range(50)]
    taken, count = through(lines, 0.0)
    assert (taken.lines, taken.arrivals, count) == (lines, list(range(50)), 0)


@given(GLUED, st.integers(1, 7), st.integers(0, 3))
def test_the_same_seed_gives_the_same_however_many_come_at_once_and_no_record_is_torn(
    glued: list[bool], at_once: int, seed: int
) -> None:
    lines = [reading(number, is_glued=is_glued) for number, is_glued in enumerate(glued)]
    taken, count = through(lines, 0.5, seed, at_once)
    whole, _ = through(lines, 0.5, seed)
    assert (taken.lines, taken.arrivals) == (whole.lines, whole.arrivals)
    assert [line for line in taken.lines if b"heartbeat" not in line] == lines
    records = b"".join(taken.lines).splitlines(keepends=True)
    assert [record for record in records if b"heartbeat" not in record] == b"".join(lines).splitlines(
        keepends=True
    )
    assert sum(record.startswith(b'{"type":"heartbeat"') for record in records) == count


def test_another_seed_gives_others() -> None:
    lines = [reading(number) for number in range(100)]
    assert through(lines, 0.5, 1)[0].lines != through(lines, 0.5, 2)[0].lines


def test_the_rest_is_handed_on() -> None:
    taken = Taken()
    outlet = HeartbeatOutlet(taken, 0.5, 1)
    outlet.add_damaged(b"x", 1)
    assert taken.damaged == [b"x"]
    assert outlet.close() == Delivered(objects=7)


@pytest.mark.parametrize("rate", [-0.1, 1.0, 2.0, float("nan")])
def test_a_rate_that_leaves_no_room_for_readings_is_refused(rate: float) -> None:
    with pytest.raises(UsageError, match="--heartbeat-rate: expected a share of all messages, 0 or more"):
        HeartbeatOutlet(Taken(), rate, 1)
