"""One record to its messages: opened, taken apart, normalised, heartbeats counted and left out.

What becomes of text that cannot be read: it is written as a line of its own, so that the job puts it into quarantine
with its reason, beside the good messages that came with it. Were the record marked ProcessingFailed, the good ones
would wait for a replay, or come twice after it. Only a record that cannot be opened as a whole is marked so: damaged
gzip, a damaged aggregate, or bytes that are no text.
"""

import binascii
from collections.abc import Callable
from typing import Final

import msgspec

from ingestion.firehose_transform.errors import CannotOpenError
from ingestion.firehose_transform.events import SourceRecord
from ingestion.firehose_transform.messages import lines_of, take_apart
from ingestion.firehose_transform.opening import open_record
from ingestion.firehose_transform.streams.stream import Stream

MARK: Final = b"\n"
"""Before what was sent back once: a blank line, which no reader of lines counts.

What bears it is not sent back again, so that no record can go round for ever.
"""

MOST_LINES: Final = 500_000
"""Of one record: each is an object in memory, and gzip can hold a thousand times as many as it has bytes."""

Transform = Callable[[bytes], bytes | None]

_LONGEST_TOLD: Final = 200


class Reading(msgspec.Struct, gc=False):
    """One record on its way to its answer.

    `messages` are the texts to write; what is sent back is taken off them and counted. A record with a `fault` is
    answered as ProcessingFailed. `keys` are set where dynamic partitioning asks for them.
    """

    source: SourceRecord
    messages: list[bytes]
    heartbeats: int = 0
    fault: str = ""
    is_marked: bool = False
    sent_back: int = 0
    keys: dict[str, str] | None = None
    is_mixed: bool = False

    @property
    def data_bytes(self) -> int:
        """How long the messages are as lines."""
        return sum(map(len, self.messages)) + len(self.messages)


def read_record(source: SourceRecord, stream: Stream) -> Reading:
    """Open a record and normalise its messages; never raises, whatever its bytes are."""
    try:
        data = binascii.a2b_base64(source.data, strict_mode=True)
    except ValueError:
        return Reading(source, [], fault="data that is no base64")
    try:
        return _read(source, data, stream.transform)
    except CannotOpenError as error:
        return Reading(source, [], fault=str(error))
    except Exception as error:  # noqa: BLE001 - one record must not cost its whole batch; Firehose keeps it, the log tells
        told = f"{type(error).__name__}: {error}"[:_LONGEST_TOLD]
        return Reading(source, [], fault=f"the function of stream {stream.name} raised {told}")


def _read(source: SourceRecord, data: bytes, transform: Transform) -> Reading:
    messages: list[bytes] = []
    heartbeats, has_read = 0, False
    texts = open_record(data)
    if sum(text.count(b"\n") for text in texts) > MOST_LINES:
        raise CannotOpenError(f"more than {MOST_LINES} lines")
    for text in texts:
        for line in lines_of(text):
            try:
                message = transform(line)
            except (ValueError, RecursionError):
                written, read = _apart(line, transform)
                messages += [part for part in written if part is not None]
                heartbeats += written.count(None)
                has_read = has_read or read
                continue
            if message is None:
                heartbeats += 1
            else:
                messages.append(message)
                has_read = True
    is_marked = data.startswith(MARK)
    if not has_read and not is_marked and any(b"\0" in text for text in texts):
        raise CannotOpenError("bytes that are no text, no gzip and no KPL aggregate")
    return Reading(source, messages, heartbeats, is_marked=is_marked)


def _apart(line: bytes, transform: Transform) -> tuple[list[bytes | None], bool]:
    """Tell what becomes of the messages of a line that is not one, and whether any that is written could be read."""
    written: list[bytes | None] = []
    has_read = False
    for part in take_apart(line):
        try:
            message = transform(part)
        except (ValueError, RecursionError):
            message = part
        else:
            has_read = has_read or message is not None
        written.append(message)
    return written, has_read
