"""What no event told of."""

import random
from datetime import UTC, date, datetime
from typing import Any

from orchestrator.aws.retrying import Retrying
from orchestrator.events.filling import Span, scope, waves
from orchestrator.ledger.missing import Gap, Lack, Listed
from tests.orchestrator.events.pretended import BEGINNING, Clock, event
from tests.orchestrator.events.test_road import made

UNTIL = BEGINNING + 600
DAY = datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC)


class Lists:
    """A bucket on two pages; what lies below `late/` is nothing."""

    def list_objects_v2(self, Bucket: str, Prefix: str, **token: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """List a page."""
        if (Bucket, Prefix) != ("raw", "devices/"):
            return {}
        page = int(token.get("ContinuationToken", "0"))
        rows = (
            [("devices/a", 5), ("devices/_hidden", 5)]
            if page == 0
            else [("devices/b", 6), ("devices/empty", 0)]
        )
        told: dict[str, Any] = {
            "Contents": [{"Key": key, "Size": size, "ETag": '"e"', "LastModified": DAY} for key, size in rows]
        }
        return told if page else {**told, "IsTruncated": True, "NextContinuationToken": "1"}


def test_days_are_whole_and_both_count() -> None:
    listed = Listed("k", "e", 1, DAY.timestamp())
    for first, last, is_in in (((2026, 3, 2), (2026, 3, 2), True), ((2026, 3, 3), (2026, 4, 1), False)):
        assert Span(date(*first), date(*last)).has(listed) == is_in
    assert not Span(date(2026, 3, 1), date(2026, 3, 1)).has(listed)


def test_what_the_ledger_has_not_heard_of_is_told_with_its_size() -> None:
    road = made()
    retrying = Retrying("S3", Clock(), random.Random(1))  # noqa: S311 - repeatable, no secret
    span = Span(date(2026, 3, 1), date(2026, 3, 31))
    ledger = road.ledger()
    seen = scope(road, ledger, Lists(), retrying, span, UNTIL)
    assert (seen.objects, seen.size, seen.count(Lack.MISSING), seen.count(Lack.STALE)) == (2, 11, 2, 0)
    assert [gap.event.key for gap in seen.gaps] == ["devices/a", "devices/b"]
    ledger.record([seen.gaps[0].event], UNTIL)
    left = scope(road, ledger, Lists(), retrying, span, UNTIL)
    assert [gap.event.key for gap in left.gaps] == ["devices/b"]


def test_waves_are_about_the_same_and_lose_nothing() -> None:
    gaps = [Gap(Lack.MISSING, event(str(number))) for number in range(10)]
    for count, sizes in ((1, [10]), (3, [4, 4, 2]), (20, [1] * 10)):
        cut = waves(gaps, count)
        assert [len(wave) for wave in cut] == sizes
        assert [gap for wave in cut for gap in wave] == gaps
    assert waves([], 3) == []
