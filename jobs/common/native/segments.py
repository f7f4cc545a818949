"""Rows on their way between tasks: Arrow streams, one after the other in a file of the task that made them."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from jobs.common.native.stores import Stores

_THREADS: Final = 8


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


def read_segments(stores: Stores, segments: Iterable[Segment]) -> Iterator[Any]:
    """Read segments as tables, in their order."""
    by_file: dict[str, list[Segment]] = {}
    for segment in segments:
        by_file.setdefault(segment.uri, []).append(segment)
    remote = any(map(stores.is_remote, by_file))
    if not remote:
        for uri, own in by_file.items():
            yield from _of_file(stores, uri, own)
        return
    with ThreadPoolExecutor(_THREADS) as threads:
        for tables in threads.map(lambda item: list(_of_file(stores, *item)), by_file.items()):
            yield from tables


def _of_file(stores: Stores, uri: str, segments: list[Segment]) -> Iterator[Any]:
    system, path = stores.open(uri)
    with system.open_input_file(path) as source:
        for segment in segments:
            yield pa.ipc.open_stream(source.read_at(segment.size, segment.offset)).read_all()
