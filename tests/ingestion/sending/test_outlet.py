"""A delivery that goes into a stream, whatever crashes."""

import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.devices.errors import UsageError
from ingestion.devices.plan import Plan, Rates
from ingestion.devices.synthetic import simulate
from ingestion.devices.truth import Truth
from ingestion.sending.journal import Journal
from ingestion.sending.outlet import StreamOutlet
from ingestion.sending.sender import Sender
from tests.ingestion.sending.pretended import Clock, Crash, Stream

PLAN = Plan(1, 7, 1_300, datetime(2024, 3, 1, tzinfo=UTC), 24.0, Rates(glue=0.1, duplicate=0.05))


def sent(stream: Any, state: Path | None, plan: Plan = PLAN, rate: float = 0.0) -> Truth:
    draws = random.Random(1)  # noqa: S311 - repeatable, no secret
    outlet = StreamOutlet(
        Sender(stream, "devices", Clock(), draws, rate),
        Journal(state, {"seed": plan.seed}),
    )
    return simulate(plan, outlet)


def test_all_messages_of_a_delivery_are_sent_and_its_truth_is_told() -> None:
    stream = Stream()
    truth = sent(stream, None)
    text = b"\n".join(stream.taken)
    assert text.count(b'"event_id"') == truth.rows.read == 1_300
    assert len(stream.taken) == 1_300 - truth.kinds["glued"]
    assert stream.calls[:-1] == [500] * (len(stream.calls) - 1)
    assert truth.delivered.bytes == sum(map(len, stream.taken))


@pytest.mark.parametrize(("rate", "most"), [(0.5, 1), (7.5, 8), (500, 500), (2_000, 500)])
def test_at_a_low_rate_a_call_takes_what_a_second_brings(rate: float, most: int) -> None:
    stream = Stream()
    sent(stream, None, rate=rate)
    assert max(stream.calls) == most
    assert set(stream.calls[:-1]) == {most}


faults = st.lists(st.sampled_from(["crash before", "crash after", "lost", "throttled", 3, 0]), max_size=12)


@given(faults=faults)
def test_after_crashes_it_goes_on_and_what_is_sent_twice_is_the_same_message(
    tmp_path_factory: pytest.TempPathFactory, faults: list[str | int]
) -> None:
    expected = Stream()
    sent(expected, None)
    stream, state = Stream(*faults), tmp_path_factory.mktemp("sender") / "state.json"
    while True:
        try:
            sent(stream, state)
        except Crash:
            continue
        break
    assert set(stream.taken) == set(expected.taken)
    assert not Counter(expected.taken) - Counter(stream.taken)
    crashes_and_losses = sum(fault in {"crash before", "crash after", "lost"} for fault in faults)
    assert len(stream.taken) <= len(expected.taken) + 500 * crashes_and_losses
    # Nothing is left to send.
    before = len(stream.calls)
    sent(stream, state)
    assert len(stream.calls) == before


def test_damaged_objects_cannot_be_sent() -> None:
    with pytest.raises(
        UsageError, match="--stream: damaged objects cannot be sent; expected --heavy-faults 0"
    ):
        sent(Stream(), None, Plan(1, 7, 500, PLAN.start, 24.0, Rates(), {"truncated_object": 1}))
