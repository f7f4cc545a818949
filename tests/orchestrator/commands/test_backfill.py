"""Objects that no event told of."""

import time

from ingestion.s3_events.model import Kind, ObjectEvent
from orchestrator.aws.clock import SystemClock
from orchestrator.aws.store import S3Store
from orchestrator.ledger.ledger import Ledger
from tests.orchestrator.commands.eventful import Eventful


def test_a_backfill_takes_what_no_event_told_of_and_says_how_much_that_is(eventful: Eventful) -> None:
    eventful.put("raw/b.json")
    eventful.shop.told("events", "drain", "two.yaml")
    eventful.sqs.purge_queue(QueueUrl=eventful.url)
    # There before its bucket told anybody of it: a.json of the shop.
    shown = eventful.shop.told("backfill", "two.yaml")
    assert (shown["objects_looked_at"], shown["missing"], shown["stale"], shown["bytes"]) == (2, 1, 0, 2)
    assert eventful.counts() == {"done": 1}
    eventful.shop.told("backfill", "two.yaml", "--yes", "--waves", "3")
    assert eventful.counts() == {"done": 2}
    assert eventful.shop.told("backfill", "two.yaml")["missing"] == 0


def test_a_backfill_of_days_that_are_the_wrong_way_round_is_refused(eventful: Eventful) -> None:
    result = eventful.shop.run("backfill", "two.yaml", "--from", "2026-02-01", "--to", "2026-01-01")
    assert (result.exit_code, "--from, --to: expected the first day not after" in result.stderr) == (2, True)


def test_what_an_earlier_one_has_left_is_gone_on_with_when_asked_and_the_queue_is_left_alone(
    eventful: Eventful,
) -> None:
    eventful.sqs.purge_queue(QueueUrl=eventful.url)
    now, clock, shop = time.time(), SystemClock(), eventful.shop
    left = ObjectEvent(Kind.CREATED, shop.lake, "raw/a.json", None, "of-an-earlier-one", None, 2, now)
    Ledger(S3Store(shop.aws.s3, shop.bucket, clock), "two", clock, lambda: "n").record([left], now + 60)
    refused = shop.run("backfill", "two.yaml", "--yes", "--from", "2020-01-01", "--to", "2020-01-01")
    assert (refused.exit_code, "--resume" in refused.stderr) == (2, True)
    eventful.put("raw/c.json")
    shop.told("backfill", "two.yaml", "--yes", "--resume", "--from", "2020-01-01", "--to", "2020-01-01")
    assert eventful.counts() == {"done": 1}
    assert eventful.sqs.receive_message(QueueUrl=eventful.url)["Messages"]
