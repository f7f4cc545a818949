"""The road as rows to watch: each part, how far it is, and its figures."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from scripts.demo_road.watch import Seen

_ENDED: Final = frozenset({"TERMINATED", "TERMINATED_WITH_ERRORS"})
_JOBS: Final = ("device_readings", "readings_hourly")


class State(StrEnum):
    """How far a part is."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Row:
    """A part of the road."""

    part: str
    state: State
    figures: str = ""


def rows(seen: Seen, records: int) -> list[Row]:
    """Lay out what was seen of the road; `records` is how many the stream is to have, 0 while nobody knows."""
    transformed, objects = seen.transformed, seen.objects
    all_in = records > 0 and seen.in_stream >= records
    all_transformed = all_in and transformed.received >= seen.in_stream
    all_delivered = (
        all_transformed and objects.lines == transformed.written and objects.failed == transformed.failed
    )
    return [
        Row("devices", _state(seen.sent, is_done=all_in), f"{seen.sent:,} records acknowledged"),
        Row("stream", _state(seen.in_stream, is_done=all_in), f"{seen.in_stream:,} records"),
        Row(
            "Firehose",
            _state(transformed.received, is_done=all_transformed),
            f"{transformed.ok:,} transformed, {transformed.dropped:,} dropped, {transformed.failed:,} failed",
        ),
        Row(
            "objects",
            _state(objects.objects, is_done=all_delivered),
            f"{objects.objects} with {objects.lines:,} messages; {objects.failed} below processing-failed/",
        ),
        _events(seen),
        _cluster(seen),
        _jobs(seen),
        Row(
            "table",
            _state(seen.files, is_done=_is_over(seen) and seen.rows > 0),
            f"{seen.rows:,} rows, {seen.files} files" if seen.rows else f"{seen.files} files",
        ),
    ]


def is_delivered(seen: Seen, records: int) -> bool:
    """Tell whether all that is in the stream has come out of Firehose."""
    return rows(seen, records)[3].state is State.DONE


def _events(seen: Seen) -> Row:
    is_done = seen.waiting == 0 and seen.batches > 0 and seen.closed >= seen.batches
    figures = f"{seen.waiting} events wait; {seen.batches} batches cut, {seen.closed} closed"
    return Row("events, ledger", _state(seen.waiting + seen.batches, is_done=is_done), figures)


def _cluster(seen: Seen) -> Row:
    told = ", ".join(
        f"{count} {state}" if count > 1 else state for state, count in seen.clusters.items() if count
    )
    state = _state(len(seen.clusters), is_done=bool(seen.clusters) and seen.clusters.keys() <= _ENDED)
    if "TERMINATED_WITH_ERRORS" in seen.clusters:
        state = State.FAILED
    return Row("cluster", state, told or "none")


def _jobs(seen: Seen) -> Row:
    jobs = {name: seen.jobs.get(name, "waiting") for name in _JOBS}
    state = _state(len(seen.jobs), is_done=_is_over(seen))
    if "failed" in jobs.values():
        state = State.FAILED
    return Row("jobs (Spark)", state, ", ".join(f"{name} {told}" for name, told in jobs.items()))


def _is_over(seen: Seen) -> bool:
    return bool(seen.jobs) and set(seen.jobs.values()) == {"succeeded"}


def _state(amount: int, *, is_done: bool) -> State:
    if is_done:
        return State.DONE
    return State.WORKING if amount else State.WAITING
