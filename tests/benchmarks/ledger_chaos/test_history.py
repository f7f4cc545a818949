"""Histories: as many events as asked for, of every kind, and messages that tell of them truly."""

from benchmarks.ledger_chaos.history import ALLOWED, draw, final
from ingestion.s3_events.model import Kind
from ingestion.s3_events.reading import read
from orchestrator.ledger.versions import order
from tests.orchestrator.ledger.entries import draws


def test_messages_tell_all_events_of_all_keys_but_the_silent_ones_and_junk_is_refused() -> None:
    history = draw(draws(1), 2000, 1_700_000_000.0)
    told = [event for message in history.messages for event in read(message.body, ALLOWED).events]
    assert len(told) == history.told >= 2000
    assert set(told) == {
        event for key, events in history.events.items() if key not in history.silent for event in events
    }
    assert {event.kind for event in told} == {Kind.CREATED, Kind.DELETED, Kind.ERASED}
    assert [message.refused for message in history.messages] == [
        bool(read(message.body, ALLOWED).refusals) for message in history.messages
    ]
    assert history.silent
    assert history.poison


def test_sequencers_rise_with_the_events_of_a_key_and_have_different_lengths() -> None:
    history = draw(draws(2), 2000, 1_700_000_000.0)
    lengths = set()
    for events in history.events.values():
        assert events == sorted(events, key=order)
        lengths |= {len(str(event.sequencer)) for event in events}
    assert len(lengths) > 1


def test_the_listing_has_what_is_there_in_the_end() -> None:
    history = draw(draws(3), 2000, 1_700_000_000.0)
    listed = {each.key: each.etag for each in history.listing()}
    for key, events in history.events.items():
        last = final(events)
        assert listed.get(key) == (None if last is None else f'"{last.etag}"')
    assert len(listed) < len(history.events)
