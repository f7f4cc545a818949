"""Each law is broken once, and named."""

from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.road_chaos.blows import COMPONENTS, Blow
from benchmarks.road_chaos.evidence import Evidence
from benchmarks.road_chaos.laws import broken
from ingestion.s3_events.model import Kind, ObjectEvent
from orchestrator.engine.leases import Lease
from orchestrator.ledger.documents import Batch, Closing, Item, Outcome

KEY, OTHER = ("2016-01-01", "a", "1"), ("2016-01-01", "a", "2")
SENT = {KEY: (2, 7.0), OTHER: (1, 5.0)}


def _batch(number: int, *names: str) -> Batch:
    events = [ObjectEvent(Kind.CREATED, "raw", name, None, "e", "01", 7, 1.0) for name in names]
    return Batch(number, 1.0, "n", tuple(Item(event, 1.0) for event in events))


def well() -> Evidence:
    """Return what is left of a road where all is well: a batch that failed, and was done in the next one."""
    return Evidence(
        promised={"simulator-1": (3, 3)},
        unique=2,
        in_stream=4,
        sent=dict(SENT),
        delivered=dict(SENT),
        messages={"s3://raw/x": 4},
        batches={1: _batch(1, "x"), 2: _batch(2, "x")},
        closings={
            1: Closing(Outcome.FAILED, 1.0, "n", "a reason", "r1"),
            2: Closing(Outcome.DONE, 2.0, "n", None, "r2"),
        },
        manifests={"r2": {"rows": {"read": 4, "accepted": 4}}},
        inserted=2,
        table=list(SENT.items()),
    )


STRUCK = [Blow(component, "call", 1, is_after=True, struck=component) for component in COMPONENTS]


def _set(**changed: Any) -> Callable[[Evidence], None]:
    return lambda found: vars(found).update(changed)


def test_where_all_is_well_no_law_is_broken() -> None:
    assert broken(well(), STRUCK) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            _set(promised={"simulator-1": (2, 3)}),
            "simulator-1 has noted 2 messages as acknowledged, and had 3",
        ),
        (_set(unique=3), "the stream has 2 keys, 3 were to be sent"),
        (_set(delivered={KEY: (2, 7.0)}), f"1 keys were sent, and are not in objects: [{OTHER}]"),
        (_set(not_transformed=["processing-failed/x"]), "not transformed: processing-failed/x"),
        (_set(closings={2: Closing(Outcome.DONE, 2.0, "n", None, "r2")}), "batch 1 was never closed"),
        (
            lambda found: found.closings.update({1: Closing(Outcome.DONE, 1.0, "n", None, "r2")}),
            "s3://raw/x was done 2 times",
        ),
        (_set(messages={"s3://raw/x": 4, "s3://raw/y": 1}), "s3://raw/y was done 0 times"),
        (_set(manifests={}), "batch 2 is done, and its run r2 has no manifest"),
        (
            _set(manifests={"r2": {"rows": {"read": 3, "accepted": 3}}}),
            "batch 2: its manifest counts 3 messages, its objects hold 4",
        ),
        (
            _set(manifests={"r2": {"rows": {"read": 4, "accepted": 3}}}),
            "batch 2: real readings were refused: {'read': 4, 'accepted': 3}",
        ),
        (_set(inserted=3), "runs say that they have inserted 3 rows, the table has 2"),
        (
            _set(inserted=3, table=[*SENT.items(), (KEY, (2, 7.0))]),
            f"1 keys are in the table more than once: [{KEY}]",
        ),
        (_set(inserted=1, table=[(KEY, (2, 7.0))]), f"1 keys were sent, and are not in the table: [{OTHER}]"),
        (
            _set(table=[(KEY, (1, 6.0)), (OTHER, (1, 5.0))]),
            f"1 keys are in the table with another version than the newest: [{KEY}]",
        ),
        (
            _set(inserted=3, table=[*SENT.items(), (("2016-01-01", "b", "1"), (1, 1.0))]),
            "1 keys are in the table, and were not sent: [('2016-01-01', 'b', '1')]",
        ),
        (_set(quarantined=1), "1 messages are in quarantine, none is wrong"),
        (_set(leftovers=["t/_journal.json"]), "left behind: t/_journal.json"),
        (_set(queued=1), "1 messages are left in the queue"),
        (_set(put_aside=["what came"]), "1 messages were put aside: what came"),
        (_set(leases=[Lease("s3://t", "r1", 1, 1, 0, "n")]), "s3://t: its lease is still r1's"),
    ],
)
def test_what_breaks_a_law_is_named(change: Callable[[Evidence], None], told: str) -> None:
    found = well()
    change(found)
    assert broken(found, STRUCK) == [told]


def test_who_was_never_killed_is_named() -> None:
    blows = [*STRUCK[:-1], Blow("driver", "PUT _runs", 1, is_after=False)]
    [told] = broken(well(), blows)
    assert told.startswith("the driver was never killed: ")
    assert told.endswith(", driver before PUT _runs 1")
