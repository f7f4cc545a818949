"""The streams there are. A new one is a sample in its test, a function in a module here, and three lines below."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Final

from ingestion.firehose_transform.errors import SettingsError
from ingestion.firehose_transform.streams import devices
from ingestion.firehose_transform.streams.stream import Stream

STREAMS: Final = (
    Stream(name="devices", delivery_streams=("*device*", "*reading*"), transform=devices.transform),
)


def choose_stream(name: str, delivery_stream: str, streams: Sequence[Stream] = STREAMS) -> Stream:
    """Find a stream by its name, or without one by the delivery stream's; the first whose pattern fits.

    Raises:
        SettingsError: there is none.
    """
    known = ", ".join(stream.name for stream in streams)
    for stream in streams:
        if stream.name == name or (not name and _fits(stream, delivery_stream)):
            return stream
    if name:
        raise SettingsError(f"TRANSFORM_STREAM: expected one of {known}, got '{name}'")
    patterns = ", ".join(pattern for stream in streams for pattern in stream.delivery_streams)
    raise SettingsError(
        f"delivery stream '{delivery_stream}': expected a name like {patterns}; "
        f"or set the environment variable TRANSFORM_STREAM to one of {known}"
    )


def _fits(stream: Stream, delivery_stream: str) -> bool:
    return any(fnmatchcase(delivery_stream, pattern) for pattern in stream.delivery_streams)
