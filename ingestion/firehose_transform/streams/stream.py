"""What the transform knows of a stream: its name, its function, and where its partition keys stand."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Stream:
    """One kind of messages.

    `transform` takes the text of one JSON object and returns it normalised, or None where it is to be dropped. It is
    pure and gives the same text when it is given its own result; what it cannot read it refuses with a ValueError, and
    that text is written as it came. `delivery_streams` are patterns as file names have them.
    """

    name: str
    delivery_streams: tuple[str, ...]
    transform: Callable[[bytes], bytes | None]
    time_field: str = "event_time"
    type_field: str = "device_type"
