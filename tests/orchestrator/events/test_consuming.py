"""Rounds with a queue: recorded before acknowledged, whatever crashes."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.aws.sqs import MOST_BYTES, Message
from orchestrator.events.consuming import REASON, TEXT, Round, consume
from tests.orchestrator.events.pretended import BEGINNING, Clock, Crash, Ledger, Queue, notification, source

UNTIL = BEGINNING + 600


def test_messages_are_recorded_in_one_put_and_then_acknowledged() -> None:
    queue, dead, ledger = Queue(*[notification(f"devices/{at}") for at in range(25)]), Queue(), Ledger()
    found = consume(source(queue, dead), ledger, Clock(), 0, UNTIL)
    assert found == Round(messages=25, events=25)
    assert len(ledger.puts) == 1
    assert len(ledger.keys) == 25
    assert queue.messages == {}
    assert dead.sent == []


def test_a_round_ends_when_it_is_enough_for_one_put() -> None:
    queue, ledger = Queue(*[notification(f"devices/{at}") for at in range(25)]), Ledger()
    assert consume(source(queue, Queue(), most=15), ledger, Clock(), 0, UNTIL).messages == 20
    assert consume(source(queue, Queue(), most=15), ledger, Clock(), 0, UNTIL).messages == 5
    assert consume(source(queue, Queue()), ledger, Clock(), 0, UNTIL) == Round()


@pytest.mark.parametrize(("gather_s", "puts"), [(0.0, 30), (2.0, 3)])
def test_a_round_that_gathers_has_one_put_for_all_that_comes_meanwhile(gather_s: float, puts: int) -> None:
    queue, ledger, clock, sent, waits = Queue(), Ledger(), Clock(), itertools.count(), list[int]()

    def receive(wait_s: int, visible_after_s: int, until: float) -> list[Message]:
        waits.append(wait_s)
        if not wait_s or (at := next(sent)) >= 30:
            clock.sleep(wait_s)
            return []
        clock.sleep(0.2)  # five a second
        queue.messages[f"m-{at}"] = notification(f"devices/{at}")
        return Queue.receive(queue, wait_s, visible_after_s, until)

    queue.receive = receive  # type: ignore[method-assign] # a slow one
    made = replace(source(queue, Queue()), gather_s=gather_s)
    while consume(made, ledger, clock, 20, UNTIL).messages:
        pass
    assert (len(ledger.puts), len(ledger.keys), queue.messages) == (puts, 30, {})
    assert max(waits) == 20


def test_of_a_message_the_good_is_recorded_and_the_whole_put_aside_with_its_reasons() -> None:
    body = notification("devices/good", "devices/../up")
    queue, dead, ledger = Queue(body, "no JSON"), Queue(), Ledger()
    found = consume(source(queue, dead), ledger, Clock(), 0, UNTIL)
    assert found == Round(messages=2, events=1, put_aside=2)
    assert ledger.keys == {"devices/good"}
    assert [(each.body, each.attributes[REASON]) for each in dead.sent] == [
        (body, "key_goes_up"),
        ("no JSON", "not_json"),
    ]
    assert dead.sent[0].attributes[TEXT].startswith("Records[1]: ")
    assert queue.messages == {}


def test_what_is_known_and_needs_nothing_is_idle_and_what_no_job_reads_too() -> None:
    queue, ledger = (
        Queue('{"Service": "Amazon S3", "Event": "s3:TestEvent"}', notification("devices/x")),
        Ledger(),
    )
    made = source(queue, Queue())
    object.__setattr__(made, "is_input", lambda _event: False)
    assert consume(made, ledger, Clock(), 0, UNTIL) == Round(messages=2, idle=2)
    assert ledger.puts == []


@pytest.mark.parametrize("character", ["x", "ä", "😀"])
def test_what_is_too_large_with_its_reason_is_cut_and_holds_nothing_up(character: str) -> None:
    large = character * (MOST_BYTES // len(character.encode()))
    queue, dead, ledger = Queue(large, notification("devices/good")), Queue(), Ledger()
    assert consume(source(queue, dead), ledger, Clock(), 0, UNTIL) == Round(2, events=1, put_aside=1)
    [told] = dead.sent
    assert MOST_BYTES - 4 < told.size <= MOST_BYTES
    assert large.startswith(told.body)
    assert told.attributes[TEXT].startswith(
        f"cut, of {MOST_BYTES} bytes; message: message: expected JSON, got "
    )
    assert told.attributes[REASON] == "not_json"


def test_what_the_dead_letter_queue_does_not_take_is_not_acknowledged() -> None:
    queue, dead = Queue("no JSON", "neither"), Queue()
    dead.refused = {"neither"}
    assert consume(source(queue, dead), Ledger(), Clock(), 0, UNTIL).put_aside == 1
    assert list(queue.messages.values()) == ["neither"]


steps = st.sampled_from(["receive", "record", "send", "delete"])


@given(st.lists(steps, max_size=6), st.integers(0, 30))
def test_whatever_crashes_everything_is_recorded_and_put_aside_at_least_once(
    crashes: list[str], good: int
) -> None:
    bodies = [notification(f"devices/{at}") for at in range(good)] + ["poison"]
    queue, dead, ledger, left = Queue(*bodies), Queue(), Ledger(), list(crashes)

    def crash(name: str) -> None:
        if left and left[0] == name:
            left.pop(0)
            raise Crash

    queue.on_call = dead.on_call = crash
    ledger.on_record = lambda: crash("record")
    for _ in range(len(crashes) + 2):
        try:
            consume(source(queue, dead), ledger, Clock(), 0, UNTIL)
        except Crash:
            queue.show_all()
    assert queue.messages == {}
    assert ledger.keys == {f"devices/{at}" for at in range(good)}
    assert {each.body for each in dead.sent} == {"poison"}


@pytest.mark.parametrize("body", ["\x00", "{\ud800", "x" * 5000])
def test_what_stands_beside_a_message_fits_into_an_attribute(body: str) -> None:
    dead = Queue()
    consume(source(Queue(body), dead), Ledger(), Clock(), 0, UNTIL)
    text = dead.sent[0].attributes[TEXT]
    assert 0 < len(text) <= 1100
    assert text.isprintable()


def test_many_reasons_are_told_in_part() -> None:
    dead = Queue()
    consume(source(Queue(notification(*["elsewhere"] * 9)), dead), Ledger(), Clock(), 0, UNTIL)
    [made] = dead.sent
    assert made.attributes[REASON] == "prefix_not_allowed"
    assert made.attributes[TEXT].endswith("; and 4 more")


def test_what_is_older_than_the_ledger_remembers_is_put_aside_for_a_backfill() -> None:
    dead, ledger = Queue(), Ledger()
    found = consume(
        source(Queue(notification("devices/old", "devices/new")), dead), ledger, Clock(), 0, UNTIL
    )
    assert found == Round(messages=1, events=1, put_aside=1)
    assert ledger.keys == {"devices/new"}
    assert dead.sent[0].attributes == {
        REASON: "too_old",
        TEXT: "s3://raw/devices/old: older than the ledger remembers; a backfill takes it where it is missing",
    }
