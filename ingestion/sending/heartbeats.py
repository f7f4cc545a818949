"""Between their readings, devices tell that they live: messages without readings, which the transform leaves out."""

import random
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from ingestion.devices.delivery import Outlet
from ingestion.devices.errors import UsageError
from ingestion.devices.truth import Delivered

KIND: Final = "heartbeat"


class _Reading(msgspec.Struct):
    device_id: str
    event_time: msgspec.Raw
    firmware: str


class _Heartbeat(msgspec.Struct):
    type: Literal["heartbeat"]
    device_id: str
    event_time: msgspec.Raw
    firmware: str


_decode: Final = msgspec.json.Decoder(_Reading).decode


class HeartbeatOutlet:
    """Puts heartbeats before readings, of the same device at the same instant: `rate` of all messages are some.

    The same readings in the same order give the same heartbeats, however many are added at once.
    """

    def __init__(self, outlet: Outlet, rate: float, seed: int) -> None:
        """Begin, before an outlet.

        Raises:
            UsageError: The rate is no share that leaves room for readings.
        """
        if not 0 <= rate < 1:
            raise UsageError(
                f"--heartbeat-rate: expected a share of all messages, 0 or more and below 1, got {rate}"
            )
        self.count = 0
        self._outlet, self._rate = outlet, rate
        self._draws = random.Random(f"heartbeats {seed}")  # noqa: S311 - repeatable, no secret
        self._is_whole = True

    def add(self, lines: Sequence[bytes], arrivals_ms: Sequence[int], /) -> None:
        """Take messages, and hand them on with heartbeats between."""
        told: list[bytes] = []
        arrivals: list[int] = []
        for line, arrival_ms in zip(lines, arrivals_ms, strict=True):
            while self._is_whole and self._draws.random() < self._rate:
                made = heartbeat(line)
                if made is not None:
                    told.append(made)
                    arrivals.append(arrival_ms)
                    self.count += 1
            told.append(line)
            arrivals.append(arrival_ms)
            # What bears no end of line goes with the next one, and nothing between them.
            self._is_whole = line.endswith(b"\n")
        self._outlet.add(told, arrivals)

    def add_damaged(self, content: bytes, arrival_ms: int, /) -> None:
        """Hand it on."""
        self._outlet.add_damaged(content, arrival_ms)

    def close(self) -> Delivered:
        """See that all has gone."""
        return self._outlet.close()


def heartbeat(line: bytes) -> bytes | None:
    """Write the heartbeat of the device that a reading is from, end of line included; None where it is faulty."""
    try:
        reading = _decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    made = _Heartbeat("heartbeat", reading.device_id, reading.event_time, reading.firmware)
    return msgspec.json.encode(made) + b"\n"
