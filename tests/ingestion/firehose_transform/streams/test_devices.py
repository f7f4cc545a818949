import pytest
from hypothesis import given

from ingestion.firehose_transform.messages import lines_of, take_apart
from ingestion.firehose_transform.streams import devices
from tests.ingestion.firehose_transform.making import HEARTBEAT, judged, message, texts


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (message(), message()),
        (message(1, "1709287200123"), message(1, '"2024-03-01T10:00:00.123Z"')),
        (message(1, '"2024-03-01T18:00:00.123+08:00"'), message()),
        (message(metrics='{"temperature_f":50}'), message(metrics='{"temperature_c":10.0}')),
        (
            b'{ "event_time" : 1709287200000 , "x" : 1E5 }',
            b'{"event_time":"2024-03-01T10:00:00.000Z","x":1E5}',
        ),
        (b'{"a":{"event_time":1709287200000}}', b'{"a":{"event_time":1709287200000}}'),
        (b'{"event_time":1709287200000,"event_time":5}', b'{"event_time":1709287200000,"event_time":5}'),
        (b'{"event_time":5,"event_time":1709287200000}', b'{"event_time":5,"event_time":1709287200000}'),
        (b'{"event_time":1709287200000,"\xff":5}', b'{"event_time":1709287200000,"\xff":5}'),
        (b'{"type":"heartbeat","metrics":{}}', b'{"type":"heartbeat","metrics":{}}'),
        (b'{"type":"heartbeat","type":"heartbeat"}', b'{"type":"heartbeat","type":"heartbeat"}'),
        (b'{"type":"Heartbeat"}', b'{"type":"Heartbeat"}'),
        (HEARTBEAT, None),
        (b'{ "type" : "heartbeat" }', None),
    ],
)
def test_a_message_is_normalised(given: bytes, written: bytes | None) -> None:
    assert devices.transform(given) == written


def test_a_message_at_the_jobs_limit_keeps_its_length() -> None:
    long = message(1, "1709287200123").replace(b'"1.0"', b'"' + b"1" * devices.MOST_BYTES + b'"')
    assert devices.transform(long) == long


@pytest.mark.parametrize("given", [b"", b"Hello World", b"[1]", b"{}{}", b"[" * 100_000, b'{"a":' * 100_000])
def test_what_is_not_one_object_is_refused(given: bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        devices.transform(given)


@given(texts)
def test_the_job_makes_the_same_of_what_is_normalised_and_it_is_normalised_once(text: bytes) -> None:
    for part in [part for line in lines_of(text) for part in take_apart(line)]:
        try:
            written = devices.transform(part)
        except (ValueError, RecursionError):
            continue
        assert written is not None
        assert judged_but_bytes(written) == judged_but_bytes(part)
        assert devices.transform(written) == written


def judged_but_bytes(text: bytes) -> list[object]:
    """Leave out the bytes of what is refused: times may be written anew in it."""
    return [
        verdict[0] if isinstance(verdict, tuple) and len(verdict) == 2 else verdict
        for verdict in judged(text)
    ]
