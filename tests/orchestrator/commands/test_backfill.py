"""Objects that no event told of."""

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
