"""Turn figures into messages: device by device in its own way to write the time, all of them JSON."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ingestion.devices.curves import HOUR_MS, Devices
from ingestion.devices.message import WIND_DIRECTIONS, Message, Metrics, encode
from ingestion.devices.truth import IntArray


@dataclass(frozen=True)
class TimeStyle:
    """One way to write an instant; an epoch style writes milliseconds and nothing else."""

    suffix: str
    offset_ms: int = 0
    lower_case: bool = False
    epoch: bool = False


TIME_STYLES: Final = (
    TimeStyle("Z"),
    TimeStyle("+08:00", offset_ms=8 * HOUR_MS),
    TimeStyle("Z"),
    TimeStyle("456789-05:00", offset_ms=-5 * HOUR_MS),  # nine fractional digits
    TimeStyle("Z"),
    TimeStyle("z", lower_case=True),
    TimeStyle("Z"),
    TimeStyle("", epoch=True),
)
"""A device's number chooses among these, so that every accepted form of a time occurs."""

_OFFSETS: Final = np.array([style.offset_ms for style in TIME_STYLES], dtype=np.int64)


@dataclass(frozen=True)
class Batch:
    """The figures of many messages, one place each; NaN in `values` becomes `null`."""

    device: IntArray
    sequence_ms: IntArray
    event_ms: IntArray
    received_ms: IntArray
    values: npt.NDArray[np.float64]
    wind: IntArray


def render(devices: Devices, batch: Batch, id_suffix: str = "") -> list[bytes]:
    """Write each message as JSON without an end of line."""
    numbers = batch.device.tolist()
    event_ids = [
        f"{devices.names[number]}-{sequence}{id_suffix}"
        for number, sequence in zip(numbers, batch.sequence_ms.tolist(), strict=True)
    ]
    columns = zip(
        numbers,
        event_ids,
        _write_instants(batch.device, batch.event_ms),
        _write_received(batch.device, batch.received_ms),
        batch.values.tolist(),
        batch.wind.tolist(),
        strict=True,
    )
    names, firmwares, locations = devices.names, devices.firmwares, devices.locations
    return [
        encode(
            Message(
                names[number],
                event_id,
                event_time,
                received_at,
                firmwares[number],
                locations[number],
                Metrics(*values),
                WIND_DIRECTIONS[wind],
            )
        )
        for number, event_id, event_time, received_at, values, wind in columns
    ]


def with_unknown_fields(data: bytes, number: int) -> bytes:
    """Add fields that the schema does not know, in one of several places."""
    added = (
        (b'"firmware":', b'"battery":{"volts":3.70,"cells":[1,2]},"firmware":'),
        (b'"metrics":{', b'"metrics":{"uv_index":1E1,'),
        (b'"location":{', b'"location":{"altitude_m":44,'),
        (b'"device_id":', b'"tags":["\\u5317\\u4eac",null],"device_id":'),
    )
    place, replacement = added[number % len(added)]
    return data.replace(place, replacement, 1)


def _write_instants(device: IntArray, instant_ms: IntArray) -> list[str | int]:
    style = device % len(TIME_STYLES)
    texts = _iso(instant_ms + _OFFSETS[style])
    written: list[str | int] = []
    for text, instant, number in zip(texts, instant_ms.tolist(), style.tolist(), strict=True):
        chosen = TIME_STYLES[number]
        if chosen.epoch:
            written.append(instant)
        else:
            written.append((text.lower() if chosen.lower_case else text) + chosen.suffix)
    return written


def _write_received(device: IntArray, received_ms: IntArray) -> list[str | int]:
    """Write what the gateway stamps: always UTC, unless the device's world knows only the epoch."""
    epoch = [style.epoch for style in TIME_STYLES]
    styles = (device % len(TIME_STYLES)).tolist()
    texts = _iso(received_ms)
    return [
        instant if epoch[style] else f"{text}Z"
        for text, instant, style in zip(texts, received_ms.tolist(), styles, strict=True)
    ]


def _iso(instant_ms: IntArray) -> list[str]:
    texts: list[str] = np.datetime_as_string(instant_ms.astype("datetime64[ms]")).tolist()
    return texts
