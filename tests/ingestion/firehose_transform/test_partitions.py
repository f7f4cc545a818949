import pytest

from ingestion.firehose_transform.partitions import KEYS, keys_of
from ingestion.firehose_transform.streams.registry import STREAMS
from tests.ingestion.firehose_transform.making import RECEIVED_MS, message

(DEVICES,) = STREAMS
TYPED = b'{"event_time":"2024-12-31T23:59:59Z","device_type":"air-quality_2.1"}'


def at(year: str, month: str, day: str, hour: str, kind: str = "unknown") -> dict[str, str]:
    return {"year": year, "month": month, "day": day, "hour": hour, "type": kind}


@pytest.mark.parametrize(
    ("messages", "keys", "is_mixed"),
    [
        ([message()], at("2024", "03", "01", "10"), False),
        ([TYPED], at("2024", "12", "31", "23", "air-quality_2.1"), False),
        ([message(1), message(2)], at("2024", "03", "01", "10"), False),
        ([message(1), TYPED], at("2024", "03", "01", "10"), True),
        ([b"Hello World", TYPED], at("2024", "12", "31", "23", "air-quality_2.1"), False),
        ([b"Hello World"], at("2024", "03", "01", "10"), False),
        ([message(1, "null")], at("2024", "03", "01", "10"), False),
    ],
    ids=["one", "with a type", "two", "two partitions", "unreadable first", "unreadable", "no time"],
)
def test_a_record_goes_to_the_partition_of_its_first_readable_message(
    messages: list[bytes], keys: dict[str, str], is_mixed: bool
) -> None:
    assert keys_of(messages, RECEIVED_MS, DEVICES, KEYS) == (keys, is_mixed)


@pytest.mark.parametrize("kind", ["../x", "", "a/b", "é", ".hidden", "x" * 65, "a b"])
def test_a_type_that_is_no_plain_name_is_unknown(kind: str) -> None:
    text = f'{{"event_time":"2024-12-31T23:59:59Z","device_type":"{kind}"}}'.encode()
    assert keys_of([text], 0, DEVICES, ["type"]) == ({"type": "unknown"}, False)


@pytest.mark.parametrize(
    ("arrival", "year"), [(RECEIVED_MS, "2024"), (0, "1970"), (-5, "1970"), (1e300, "1970"), ("soon", "1970")]
)
def test_any_arrival_gives_keys(arrival: float | str, year: str) -> None:
    assert keys_of([b"?"], arrival, DEVICES, ["year"]) == ({"year": year}, False)


def test_only_what_is_asked_for_is_set() -> None:
    assert keys_of([TYPED], 0, DEVICES, ["hour", "year"]) == ({"hour": "23", "year": "2024"}, False)
