import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.devices.faults import Sound, break_message, cut_message, edited
from ingestion.devices.reasons import FIELD_REASONS, REASONS
from tests.ingestion.judge import Verdict, judge_line

MESSAGE = (
    b'{"device_id":"a","event_id":"a-1","event_time":"2024-03-01T00:00:00Z","received_at":"2024-03-01T00:00:03.120Z",'
    b'"firmware":"1.4.2","location":{"lat":39.982,"lon":116.397},"metrics":{"pm2_5":4.0,"temperature_c":null},'
    b'"wind_direction":"NNW"}'
)
SOUND = Sound(MESSAGE, received_ms=1_709_251_203_120)
WAYS = 60  # more than any reason has
LINE_REASONS = [reason for reason in REASONS if reason != "truncated_object"]


def _judged(line: bytes) -> Verdict:
    verdict = Verdict()
    judge_line(line, verdict)
    return verdict


@pytest.mark.parametrize("reason", LINE_REASONS)
def test_every_way_to_break_a_message_gives_that_first_reason_alone(reason: str) -> None:
    for number in range(3 if reason == "record_too_large" else WAYS):
        verdict = _judged(break_message(reason, number, SOUND).data)
        assert (dict(verdict.quarantined), verdict.accepted) == ({reason: 1}, []), number


@given(reason=st.sampled_from(FIELD_REASONS), number=st.integers(0, 10_000))
def test_second_faults_never_come_first(reason: str, number: int) -> None:
    assert dict(_judged(break_message(reason, number, SOUND).data).quarantined) == {reason: 1}


@pytest.mark.parametrize("reason", ["missing_device_id", "bad_type_metrics.co", "out_of_range_event_time"])
def test_every_fourth_message_has_two_faults(reason: str) -> None:
    changed = [_changes(break_message(reason, number, SOUND).data) for number in range(8)]
    assert [len(fields) for fields in changed] == [1, 1, 1, 2, 1, 1, 1, 2]


@pytest.mark.parametrize("reason", LINE_REASONS)
def test_a_message_that_loses_the_rest_of_its_line_says_so(reason: str) -> None:
    for number in range(3 if reason == "record_too_large" else WAYS):
        line = break_message(reason, number, SOUND)
        if line.data.endswith(b"}") and line.data.startswith(b"{"):
            assert (len(_judged(line.data + MESSAGE).accepted) == 0) == line.loses_rest, number


def test_text_after_a_message_costs_nothing_but_itself() -> None:
    lines = [break_message("malformed_json", number, SOUND) for number in range(WAYS)]
    following = next(line for line in lines if line.follows)
    verdict = _judged(MESSAGE + following.data)
    assert (dict(verdict.quarantined), len(verdict.accepted)) == ({"malformed_json": 1}, 1)


def test_the_smallest_step_into_the_future_is_a_millisecond_over_a_day() -> None:
    line = break_message("event_time_in_future", 0, SOUND)
    assert json.loads(line.data)["event_time"] == "2024-03-02T00:00:03.121Z"


def test_a_message_over_the_limit_is_sound_but_for_its_size() -> None:
    (line,) = {break_message("record_too_large", number, SOUND).data for number in range(2)}
    assert (1 << 20) < len(line) < (1 << 20) + 100
    assert json.loads(line)["device_id"] == "a"


def test_edits_replace_and_remove_fields_at_every_depth() -> None:
    change = partial(edited, b'{"a":1,"b":{"c":2,"d":3}}')
    assert change({"a": b"NaN"}) == b'{"a":NaN,"b":{"c":2,"d":3}}'
    assert change({"b.c": b"", "b.d": b"4e1"}) == b'{"a":1,"b":{"d":4e1}}'
    assert change({"a": b"", "b": b"[]"}) == b'{"b":[]}'


def test_a_cut_message_is_malformed() -> None:
    assert dict(_judged(cut_message(MESSAGE)).quarantined) == {"malformed_json": 1}


def _changes(data: bytes) -> set[str]:
    before, after = json.loads(MESSAGE), json.loads(data)
    flat_before, flat_after = (
        message
        | {f"metrics.{name}": value for name, value in message["metrics"].items()}
        | message["location"]
        if isinstance(message.get("metrics"), dict) and isinstance(message.get("location"), dict)
        else message
        for message in (before, after)
    )
    for flat in (flat_before, flat_after):
        if "metrics.pm2_5" in flat:
            flat.pop("metrics")
        if "lat" in flat:
            flat.pop("location")
    names = flat_before.keys() | flat_after.keys()
    return {name for name in names if flat_before.get(name) != flat_after.get(name)}
