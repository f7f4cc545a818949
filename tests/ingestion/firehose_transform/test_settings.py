import pytest

from ingestion.firehose_transform.errors import SettingsError
from ingestion.firehose_transform.settings import Settings, read_settings


@pytest.mark.parametrize(
    ("environment", "settings"),
    [
        ({}, Settings("", ())),
        ({"TRANSFORM_STREAM": " devices ", "TRANSFORM_PARTITION_KEYS": ""}, Settings("devices", ())),
        ({"TRANSFORM_PARTITION_KEYS": "year, month,day,"}, Settings("", ("year", "month", "day"))),
    ],
)
def test_the_environment_is_read(environment: dict[str, str], settings: Settings) -> None:
    assert read_settings(environment) == settings


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"TRANSFORM_PARTITION_KEYS": "year,minute"})
    assert str(refused.value) == (
        "TRANSFORM_PARTITION_KEYS: expected some of year, month, day, hour, type, separated by commas, got 'minute'"
    )
