"""The accounting of the road: what went in at each place has to come out of it, by counts of two sides.

Each figure comes from whoever has seen it: the devices' own truth, the stream's metric, the transform's log, objects
that were opened and counted, the ledger, the manifests, and the tables as DuckDB reads them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Devices:
    """What devices say: messages made, records acknowledged, how many went again, what a table must hold of them."""

    messages: int
    heartbeats: int = 0
    records: int
    sent_again: int
    damaged: int
    quarantined: int
    rows: int
    pm2_5_tenths: int


@dataclass(frozen=True, kw_only=True)
class Transformed:
    """What the transform's log says: records by what became of them, and messages."""

    received: int = 0
    ok: int = 0
    dropped: int = 0
    failed: int = 0
    written: int = 0
    heartbeats: int = 0


@dataclass(frozen=True, kw_only=True)
class Objects:
    """What lies in the raw bucket: objects, lines in them, and records below `processing-failed/`."""

    objects: int = 0
    lines: int = 0
    failed: int = 0


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """What the ledger says: objects that were read, and those that were not, by state."""

    done: int = 0
    others: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Manifests:
    """What the manifests of all runs say, added up."""

    objects: int = 0
    read: int = 0
    accepted: int = 0
    inserted: int = 0
    updated: int = 0
    duplicates: int = 0
    quarantined: int = 0


@dataclass(frozen=True, kw_only=True)
class Tables:
    """What lies in the tables, read by another engine than the one that wrote them."""

    rows: int = 0
    quarantined: int = 0
    in_hours: int = 0
    pm2_5_tenths: int = 0


@dataclass(frozen=True, kw_only=True)
class Counts:
    """All sides; `in_stream` are records by the stream's own metric.

    `poison` are messages put into the queue of events that are none, `dead` those in its dead-letter queue.
    """

    devices: Devices
    in_stream: int
    transformed: Transformed
    objects: Objects
    poison: int
    dead: int
    ledger: Ledger
    manifests: Manifests
    tables: Tables

    @property
    def twice(self) -> int:
        """Tell how many records are in the stream once more than they were acknowledged, as after a lost answer."""
        return self.in_stream - self.devices.records - self.devices.damaged

    @property
    def more(self) -> int:
        """Tell how many messages came out of Firehose beyond those that devices made."""
        made = self.devices.messages + self.devices.heartbeats
        return self.objects.lines + self.transformed.heartbeats - made


Term = tuple[str, int]


@dataclass(frozen=True)
class Equation:
    """A line of the accounting: terms that add up to others, where it holds."""

    place: str
    left: tuple[Term, ...]
    right: tuple[Term, ...]
    holds: bool


def equations(counts: Counts) -> list[Equation]:
    """Hold each place against the next one, from the device to the table."""
    return [*_into_objects(counts), *_into_runs(counts), *_into_tables(counts)]


def _into_objects(counts: Counts) -> Iterator[Equation]:
    devices, transformed, objects = counts.devices, counts.transformed, counts.objects
    # Of what went again some may have been in the stream already, and nobody has been told.
    is_so = 0 <= counts.twice <= devices.sent_again
    sent = (("sent", devices.records), ("sent again", counts.twice), ("damaged ones", devices.damaged))
    yield Equation("stream", sent, (("records", counts.in_stream),), is_so)
    yield _sum(
        "Firehose",
        [("records", counts.in_stream)],
        [
            ("transformed", transformed.ok),
            ("dropped", transformed.dropped),
            ("processing-failed", objects.failed),
        ],
    )
    made = devices.messages + devices.heartbeats
    # A record may hold several messages, so where some came twice there are at least as many more.
    is_so = counts.more >= counts.twice if counts.twice else counts.more == 0
    yield Equation(
        "messages",
        (("made", made), ("twice", counts.more)),
        (("delivered", objects.lines), ("heartbeats dropped", transformed.heartbeats)),
        is_so,
    )
    yield _sum("objects", [("written", transformed.written)], [("lines in objects", objects.lines)])


def _into_runs(counts: Counts) -> Iterator[Equation]:
    ledger, manifests = counts.ledger, counts.manifests
    others = [(state, number) for state, number in ledger.others.items() if number]
    yield _sum("ledger", [("objects", counts.objects.objects)], [("done", ledger.done), *others])
    yield _sum("run", [("done", ledger.done)], [("in manifests", manifests.objects)])
    yield _sum("poison", [("no event", counts.poison)], [("in the dead-letter queue", counts.dead)])
    yield _sum("job", [("delivered", counts.objects.lines)], [("read", manifests.read)])
    yield _sum(
        "rows",
        [("read", manifests.read)],
        [("accepted", manifests.accepted), ("quarantined", manifests.quarantined)],
    )
    yield _sum(
        "merge",
        [("accepted", manifests.accepted)],
        [
            ("inserted", manifests.inserted),
            ("updated", manifests.updated),
            ("duplicates", manifests.duplicates),
        ],
    )


def _into_tables(counts: Counts) -> Iterator[Equation]:
    devices, manifests, tables = counts.devices, counts.manifests, counts.tables
    yield _sum("table", [("inserted", manifests.inserted)], [("rows by DuckDB", tables.rows)])
    yield _sum(
        "quarantine", [("quarantined", manifests.quarantined)], [("rows by DuckDB", tables.quarantined)]
    )
    yield _sum("hours", [("rows", tables.rows)], [("readings in hours", tables.in_hours)])
    yield _sum("devices", [("different readings", devices.rows)], [("rows", tables.rows)])
    is_so = 0 <= manifests.quarantined - devices.quarantined <= max(counts.more, 0)
    yield Equation(
        "faults", (("faulty", devices.quarantined),), (("quarantined", manifests.quarantined),), is_so
    )
    yield _sum(
        "values",
        [("sum of PM2.5, in tenths", devices.pm2_5_tenths)],
        [("in the table", tables.pm2_5_tenths)],
    )


def _sum(place: str, left: list[Term], right: list[Term]) -> Equation:
    is_so = sum(number for _, number in left) == sum(number for _, number in right)
    return Equation(place, tuple(left), tuple(right), is_so)
