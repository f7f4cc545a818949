import json

import pytest

from ingestion.devices import fault_values as values
from ingestion.devices.reasons import FIELD_REASONS


def test_every_reason_in_a_field_has_values() -> None:
    assert set(values.FIELD_VALUES) == set(FIELD_REASONS) - {"event_time_in_future"}
    assert all(values.FIELD_VALUES.values())


def _strict(raw: bytes) -> object:
    def refuse(name: str) -> None:
        raise ValueError(name)

    return json.loads(raw, parse_int=str, parse_constant=refuse)


@pytest.mark.parametrize("reason", values.FIELD_VALUES)
def test_what_breaks_a_field_is_sound_json(reason: str) -> None:
    parsed = [_strict(raw) for raw in values.FIELD_VALUES[reason] if raw != values.ABSENT]
    assert len(parsed) >= len(values.FIELD_VALUES[reason]) - 1


@pytest.mark.parametrize("raw", [raw for raw in values.NOT_JSON_VALUES if raw])
def test_what_is_no_json_is_refused_by_a_strict_parser(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        _strict(raw)


@pytest.mark.parametrize("raw", values.NOT_UTF8_VALUES)
def test_what_is_not_utf8_does_not_decode(raw: bytes) -> None:
    with pytest.raises(UnicodeDecodeError):
        raw.decode()


@pytest.mark.parametrize("raw", values.LONE_SURROGATES)
def test_lone_surrogates_parse_and_cannot_be_encoded(raw: bytes) -> None:
    text = json.dumps(json.loads(raw), ensure_ascii=False)
    with pytest.raises(UnicodeEncodeError):
        text.encode()


@pytest.mark.parametrize("raw", values.NOT_MESSAGES)
def test_what_is_no_message_is_sound_json_and_no_object(raw: bytes) -> None:
    assert not isinstance(_strict(raw), dict)


def test_ranges_are_missed_on_both_sides() -> None:
    found = values.FIELD_VALUES["out_of_range_location.lat"]
    assert {b"-90.0001", b"90.0001", b"1e400", b"-1e400"} <= set(found)
