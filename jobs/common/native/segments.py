"""Rows on their way between tasks: Arrow streams, one after the other in a file of the task that made them."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import pyarrow as pa

from jobs.common.native.stores import Stores

_THREADS: Final = 8
_Of = TypeVar("_Of")


@dataclass(frozen=True)
class Segment:
    """Where some rows stand, and how many bytes they take in memory."""

    uri: str
    offset: int
    size: int
    rows: int
    memory: int


class SegmentFile:
    """One task's file, made with its first rows; a try of a task has a file of its own."""

    def __init__(self, stores: Stores, uri: str) -> None:
        """Stand for the file `uri`."""
        self._stores, self._uri = stores, uri
        self._sink: Any = None
        # A network is slower than lz4, a disk is not.
        codec = "lz4" if stores.is_remote(uri) else None
        self._options = pa.ipc.IpcWriteOptions(compression=codec)

    def put(self, rows: Any) -> Segment:
        """Write a table."""
        if self._sink is None:
            system, path = self._stores.open(self._uri)
            self._sink = system.open_output_stream(path)
        start = self._sink.tell()
        with pa.ipc.new_stream(self._sink, rows.schema, options=self._options) as stream:
            stream.write_table(rows.combine_chunks())
        return Segment(self._uri, start, self._sink.tell() - start, rows.num_rows, rows.nbytes)

    def close(self) -> None:
        """Make the file whole."""
        if self._sink is not None:
            self._sink.close()


def read_segments(
    stores: Stores, wanted: Iterable[tuple[Segment, _Of]], keep: Callable[[Any, _Of], Any]
) -> Iterator[Any]:
    """Read segments as tables, those of a file together, some files at a time where each costs a round trip.

    `keep` takes of a segment's rows what is asked for, given what stands beside the segment; no more is held.
    """
    by_file: dict[str, list[tuple[Segment, _Of]]] = {}
    for segment, of in wanted:
        by_file.setdefault(segment.uri, []).append((segment, of))
    files = list(by_file.items())
    at_once = _THREADS if any(map(stores.is_remote, by_file)) else 1
    with ThreadPoolExecutor(at_once) as threads:
        for start in range(0, len(files), at_once):
            some = files[start : start + at_once]
            for tables in threads.map(lambda file: _of_file(stores, file[0], file[1], keep), some):
                yield from tables


def _of_file(
    stores: Stores, uri: str, wanted: list[tuple[Segment, _Of]], keep: Callable[[Any, _Of], Any]
) -> list[Any]:
    system, path = stores.open(uri)
    with system.open_input_file(path) as source:
        return [
            keep(pa.ipc.open_stream(source.read_at(segment.size, segment.offset)).read_all(), of)
            for segment, of in wanted
        ]
