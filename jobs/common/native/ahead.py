"""Objects as their tasks read them: in slices, small ones fetched ahead where each costs a round trip."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeAlias

from jobs.common.errors import JobFailed
from jobs.common.files import Entry
from jobs.common.native.stores import Stores
from jobs.common.readers.pieces import CUT, MOST_UNCUT_BYTES

_SLICE_BYTES: Final = 256 * 1024
_BUFFER_BYTES: Final = 4 * 1024 * 1024
_SMALL_BYTES: Final = 4 * 1024 * 1024
_THREADS: Final = 8
Stored: TypeAlias = Callable[[], Iterable[bytes]]


def opened(stores: Stores, objects: Sequence[Entry]) -> Iterator[tuple[Entry, Stored]]:
    """Yield each object with what gives its bytes from the front, as often as it is asked.

    Raises:
        JobFailed: While bytes are taken, where an object is not of the size that was listed.
    """
    with ThreadPoolExecutor(_THREADS) as threads:
        waiting: list[tuple[Entry, Future[bytes] | None]] = []
        ahead = iter(objects)
        while True:
            while len(waiting) < _THREADS and (entry := next(ahead, None)) is not None:
                is_small = stores.is_remote(entry.uri) and entry.size <= _SMALL_BYTES
                waiting.append((entry, threads.submit(_whole, stores, entry) if is_small else None))
            if not waiting:
                return
            entry, whole = waiting.pop(0)
            yield entry, _given(whole.result()) if whole else _streamed(stores, entry)


def _given(content: bytes) -> Stored:
    return lambda: [content]


def _streamed(stores: Stores, entry: Entry) -> Stored:
    def slices() -> Iterator[bytes]:
        system, path = stores.open(entry.uri)
        size = uncut = 0
        with system.open_input_stream(path, buffer_size=_BUFFER_BYTES, compression=None) as source:
            while data := source.read(_SLICE_BYTES):
                size += len(data)
                first = data.find(CUT)
                _check_uncut(entry, uncut + (first if first >= 0 else len(data)))
                uncut = uncut + len(data) if first < 0 else len(data) - data.rfind(CUT) - 1
                yield data
        _check(entry, size)

    return slices


def _whole(stores: Stores, entry: Entry) -> bytes:
    system, path = stores.open(entry.uri)
    with system.open_input_file(path) as source:
        content = bytes(source.read())
    _check(entry, len(content))
    return content


def _check_uncut(entry: Entry, uncut: int) -> None:
    """Refuse what the portable reader cannot take: nothing with messages in it is so long without a brace."""
    if uncut > MOST_UNCUT_BYTES:
        raise JobFailed(
            f"{entry.uri}: expected messages, got {MOST_UNCUT_BYTES} bytes and more without '}}', in which there are "
            "none; leave it out"
        )


def _check(entry: Entry, size: int) -> None:
    if size != entry.size:
        raise JobFailed(
            f"{entry.uri}: expected {entry.size} bytes, read {size}: the object has changed; "
            "run again when it is at rest"
        )
