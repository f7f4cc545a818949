"""The accounting of the demo: what holds, and that each line sees what is lost or doubled at its place."""

from typing import Any

import pytest

from scripts.demo_road.accounting import Counts, equations
from tests.scripts.demo_road.counts import GOOD, other

PLACES = (
    *(
        "stream",
        "Firehose",
        "messages",
        "objects",
        "ledger",
        "run",
        "poison",
        "job",
        "rows",
        "merge",
        "table",
    ),
    *("quarantine", "hours", "devices", "faults", "values"),
)


def broken(counts: Counts) -> list[str]:
    return [each.place for each in equations(counts) if not each.holds]


def test_where_all_is_well_each_line_holds_and_adds_up() -> None:
    found = equations(GOOD)
    assert tuple(each.place for each in found) == PLACES
    for each in found:
        assert each.holds, each
        assert sum(number for _, number in each.left) == sum(number for _, number in each.right), each


@pytest.mark.parametrize(
    ("place", "figures", "expected"),
    [
        ("", {"in_stream": 972}, ["stream", "Firehose"]),
        ("", {"in_stream": 974}, ["stream", "Firehose", "messages"]),
        ("transformed", {"ok": 954}, ["Firehose"]),
        ("transformed", {"dropped": 14}, ["Firehose"]),
        ("objects", {"failed": 2}, ["Firehose"]),
        ("transformed", {"heartbeats": 19}, ["messages"]),
        ("transformed", {"written": 999}, ["objects"]),
        ("objects", {"lines": 999}, ["messages", "objects", "job"]),
        ("objects", {"objects": 5}, ["ledger"]),
        ("ledger", {"done": 3}, ["ledger", "run"]),
        ("ledger", {"others": {"dead": 1}}, ["ledger"]),
        ("manifests", {"objects": 5}, ["run"]),
        ("", {"dead": 0}, ["poison"]),
        ("manifests", {"read": 999}, ["job", "rows"]),
        ("manifests", {"accepted": 989}, ["rows", "merge"]),
        ("manifests", {"quarantined": 9}, ["rows", "quarantine", "faults"]),
        ("manifests", {"inserted": 959}, ["merge", "table"]),
        ("manifests", {"updated": 1}, ["merge"]),
        ("manifests", {"duplicates": 29}, ["merge"]),
        ("tables", {"rows": 959}, ["table", "hours", "devices"]),
        ("tables", {"quarantined": 11}, ["quarantine"]),
        ("tables", {"in_hours": 961}, ["hours"]),
        ("devices", {"rows": 961}, ["devices"]),
        ("devices", {"quarantined": 11}, ["faults"]),
        ("tables", {"pm2_5_tenths": 4320}, ["values"]),
    ],
)
def test_what_is_lost_or_doubled_is_seen_where_it_happened(
    place: str, figures: dict[str, Any], expected: list[str]
) -> None:
    assert broken(other(place, **figures)) == expected


def test_each_line_can_break() -> None:
    table = test_what_is_lost_or_doubled_is_seen_where_it_happened.pytestmark[0].args[1]
    assert {place for _, _, places in table for place in places} == set(PLACES)


@pytest.mark.parametrize(
    ("again", "in_stream", "lines", "quarantined", "expected"),
    [
        (500, 973, 1000, 10, []),
        (500, 1473, 1520, 15, []),
        (500, 1474, 1520, 15, ["stream"]),
        (500, 1473, 1499, 10, ["messages"]),
    ],
    ids=["were not there before", "came twice", "more than went again", "less than came twice"],
)
def test_what_went_again_after_a_lost_answer_may_be_in_the_stream_twice(
    again: int, in_stream: int, lines: int, quarantined: int, expected: list[str]
) -> None:
    counts = Counts(
        devices=other("devices", sent_again=again).devices,
        in_stream=in_stream,
        transformed=other("transformed", ok=in_stream - 18, written=lines).transformed,
        objects=other("objects", lines=lines).objects,
        poison=1,
        dead=1,
        ledger=GOOD.ledger,
        manifests=other(
            "manifests",
            read=lines,
            accepted=lines - quarantined,
            duplicates=lines - quarantined - 960,
            quarantined=quarantined,
        ).manifests,
        tables=other("tables", quarantined=quarantined).tables,
    )
    assert broken(counts) == expected
