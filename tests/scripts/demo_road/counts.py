"""Counts of a road on which all is well, for tests to break."""

from dataclasses import replace
from typing import Any, Final

from scripts.demo_road.accounting import Counts, Devices, Ledger, Manifests, Objects, Tables, Transformed

GOOD: Final = Counts(
    devices=Devices(
        messages=1000,
        heartbeats=20,
        records=970,
        sent_again=0,
        damaged=3,
        quarantined=10,
        rows=960,
        pm2_5_tenths=4321,
    ),
    in_stream=973,
    transformed=Transformed(received=973, ok=955, dropped=15, failed=3, written=1000, heartbeats=20),
    objects=Objects(objects=4, lines=1000, failed=3),
    poison=1,
    dead=1,
    ledger=Ledger(done=4, others={"pending": 0, "dead": 0}),
    manifests=Manifests(
        objects=4, read=1000, accepted=990, inserted=960, updated=0, duplicates=30, quarantined=10
    ),
    tables=Tables(rows=960, quarantined=10, in_hours=960, pm2_5_tenths=4321),
)


def other(place: str, **figures: Any) -> Counts:
    """Change figures of one side; without a side those of the whole."""
    if place == "":
        return replace(GOOD, **figures)
    return replace(GOOD, **{place: replace(getattr(GOOD, place), **figures)})
