from hypothesis import given
from hypothesis import strategies as st

from ingestion.devices.reasons import HEAVY, REASONS, each_reason, spread_evenly


def test_the_reasons_stand_in_the_order_in_which_the_first_is_chosen() -> None:
    assert len(set(REASONS)) == len(REASONS) == 46
    assert REASONS[:6] == (
        "truncated_object",
        "bad_encoding",
        "malformed_json",
        "record_too_large",
        "not_an_object",
        "missing_device_id",
    )
    middle = REASONS.index("bad_type_firmware")
    assert REASONS[middle : middle + 6] == (
        "bad_type_firmware",
        "bad_type_location",
        "bad_type_location.lat",
        "bad_type_location.lon",
        "bad_type_metrics",
        "bad_type_metrics.pm2_5",
    )
    assert REASONS[-2:] == ("out_of_range_metrics.wind_speed_m_s", "event_time_in_future")


@given(total=st.integers(0, 10**6), heavy=st.integers(0, 100))
def test_all_faulty_messages_are_spread_evenly(total: int, heavy: int) -> None:
    counts = spread_evenly(total, heavy)
    light = [count for reason, count in counts.items() if reason not in HEAVY]
    assert list(counts) == list(REASONS)
    assert sum(counts.values()) == total
    assert max(light) - min(light) <= 1
    assert all(counts[reason] <= heavy for reason in HEAVY)


def test_each_reason_gets_its_number_and_the_heavy_ones_their_limit() -> None:
    counts = each_reason(100, heavy_at_most=7)
    assert {counts[reason] for reason in HEAVY} == {7}
    assert {count for reason, count in counts.items() if reason not in HEAVY} == {100}
