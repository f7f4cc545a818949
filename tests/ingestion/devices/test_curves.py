import numpy as np

from ingestion.devices.curves import make_devices, readings
from ingestion.devices.message import METRICS
from ingestion.devices.reasons import RANGES

HOUR_MS = 3_600_000


def test_the_first_devices_of_a_seed_are_the_same_however_many_there_are() -> None:
    few, many = make_devices(5, 3), make_devices(5, 300)
    assert few.names == many.names[:3] == ["device-000000", "device-000001", "device-000002"]
    assert few.locations == many.locations[:3]
    assert few.firmwares == many.firmwares[:3]
    assert (few.level_tenths == many.level_tenths[:3]).all()


def test_another_seed_gives_other_devices() -> None:
    assert make_devices(5, 3).locations != make_devices(6, 3).locations


def test_readings_lie_within_the_ranges_of_the_schema() -> None:
    devices = make_devices(1, 100)
    device = np.arange(50_000) % 100
    tenths = readings(devices, device, np.arange(50_000) * 100_000, np.random.default_rng(1))
    for column, name in enumerate(METRICS):
        low, high = RANGES[f"metrics.{name}"]
        assert low <= tenths[:, column].min() / 10 <= tenths[:, column].max() / 10 <= high, name


def test_afternoons_are_warmer_than_nights_in_local_time() -> None:
    devices = make_devices(1, 1)
    column = METRICS.index("temperature_c")
    zeros = np.zeros(2_000, dtype=np.int64)
    at_15, at_3 = (
        readings(devices, zeros, zeros + utc_hour * HOUR_MS, np.random.default_rng(1))[:, column].mean()
        for utc_hour in (7, 19)
    )
    assert 110 < at_15 - at_3 < 130
