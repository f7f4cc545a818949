import json
from collections.abc import Iterator

import numpy as np
import pytest

from ingestion.devices.curves import make_devices
from ingestion.devices.message import METRICS
from ingestion.devices.render import TIME_STYLES, Batch, render, with_unknown_fields

INSTANT_MS = 1_709_251_200_007  # 2024-03-01T00:00:00.007Z


def _rendered(id_suffix: str = "") -> Iterator[bytes]:
    count = len(TIME_STYLES)
    values = np.arange(count * len(METRICS)).reshape(count, -1) / 10
    values[:, 9] = np.nan
    same = np.full(count, INSTANT_MS, dtype=np.int64)
    batch = Batch(np.arange(count), same, same, same + 3_120, values, np.arange(count))
    yield from render(make_devices(1, count), batch, id_suffix)


def test_every_device_writes_the_time_in_its_way() -> None:
    assert [json.loads(text)["event_time"] for text in _rendered()] == [
        "2024-03-01T00:00:00.007Z",
        "2024-03-01T08:00:00.007+08:00",
        "2024-03-01T00:00:00.007Z",
        "2024-02-29T19:00:00.007456789-05:00",
        "2024-03-01T00:00:00.007Z",
        "2024-03-01t00:00:00.007z",
        "2024-03-01T00:00:00.007Z",
        INSTANT_MS,
    ]
    received = [json.loads(text)["received_at"] for text in _rendered()]
    assert received == ["2024-03-01T00:00:03.127Z"] * 7 + [INSTANT_MS + 3_120]


def test_a_message_has_the_fields_of_the_schema_in_order() -> None:
    message = json.loads(next(_rendered("-late")))
    assert list(message) == [
        *("device_id", "event_id", "event_time", "received_at"),
        *("firmware", "location", "metrics", "wind_direction"),
    ]
    assert (message["device_id"], message["event_id"]) == (
        "device-000000",
        f"device-000000-{INSTANT_MS}-late",
    )
    assert list(message["metrics"]) == list(METRICS)
    assert message["wind_direction"] == "N"


def test_figures_are_written_to_the_tenth_and_gaps_as_null() -> None:
    metrics = json.loads(list(_rendered())[1])["metrics"]
    assert list(metrics.values()) == [1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, None, 2.1]


@pytest.mark.parametrize("number", range(4))
def test_unknown_fields_are_added_and_nothing_is_lost(number: int) -> None:
    before = next(_rendered())
    after = with_unknown_fields(before, number)
    old, new = json.loads(before), json.loads(after)
    assert old != new
    for name, value in old.items():
        assert new[name] == value | new[name] if isinstance(value, dict) else new[name] == value
