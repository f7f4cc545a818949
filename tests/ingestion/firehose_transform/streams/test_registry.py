import pytest

from ingestion.firehose_transform.errors import SettingsError
from ingestion.firehose_transform.streams.registry import STREAMS, choose_stream
from ingestion.firehose_transform.streams.stream import Stream

PLAIN = Stream("plain", ("*-raw",), lambda message: message)


@pytest.mark.parametrize(
    ("name", "delivery_stream", "chosen"),
    [
        ("", "prod-device-readings", "devices"),
        ("", "readings", "devices"),
        ("", "clicks-raw", "plain"),
        ("plain", "device-readings", "plain"),
        ("devices", "", "devices"),
    ],
)
def test_a_stream_is_chosen_by_its_name_or_the_delivery_streams(
    name: str, delivery_stream: str, chosen: str
) -> None:
    assert choose_stream(name, delivery_stream, [*STREAMS, PLAIN]).name == chosen


def test_a_stream_that_is_not_known_is_refused() -> None:
    with pytest.raises(SettingsError) as unknown:
        choose_stream("click", "device-readings")
    assert str(unknown.value) == "TRANSFORM_STREAM: expected one of devices, got 'click'"
    with pytest.raises(SettingsError) as unfit:
        choose_stream("", "clicks")
    assert str(unfit.value) == (
        "delivery stream 'clicks': expected a name like *device*, *reading*; "
        "or set the environment variable TRANSFORM_STREAM to one of devices"
    )
