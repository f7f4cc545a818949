"""Files on any Hadoop file system, by the JVM's own client and credentials (no boto3)."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from py4j.protocol import Py4JJavaError
from pyspark.errors import IllegalArgumentException
from pyspark.sql import SparkSession

from jobs.common.errors import JobFailed, UsageError
from jobs.common.files.entries import COPYING, HIDDEN, Entry, is_hidden
from jobs.common.files.faults import READABLE, WRITABLE, is_missing, is_of, refusals
from jobs.common.files.jvm import java_class
from jobs.common.files.objects import ObjectStore, is_object_store, one_scheme, pages
from jobs.common.files.statuses import Statuses

__all__ = ["COPYING", "HIDDEN", "Entry", "Files", "in_parallel", "is_hidden", "is_object_store", "one_scheme"]
_THREADS = 8
# On an object store each name is a request, one after the other.
_TOGETHER = 100
_SLASHES_BEFORE_A_BUCKET = 2
_From = TypeVar("_From")
_To = TypeVar("_To")


class Files:
    """One session's way to files. Paths are literal: nothing in a name is a wildcard, but for `glob`."""

    def __init__(self, spark: SparkSession) -> None:
        """Take the JVM and the Hadoop configuration of `spark`."""
        self.spark = spark
        self._jvm: Any = spark._jvm
        self._conf: Any = spark._jsc.hadoopConfiguration()
        self._statuses = Statuses(self._jvm, self._conf)

    def qualified(self, uri: str) -> str:
        """Return the full path of `uri`: scheme and authority from the default file system where it has none."""
        return str(self._system(uri).makeQualified(self._path(uri)).toString())

    def find(self, uri: str) -> Entry | None:
        """Return what bears exactly this name, or nothing."""
        with refusals(uri, "look for it", READABLE):
            self._system(uri)  # tells what cannot be a place
            return self._statuses.find([_whole(uri)])[0]

    def find_all(self, uris: Sequence[str]) -> list[Entry | None]:
        """Return what bears exactly each of these names, which a listing gave, or nothing."""
        size = min(_TOGETHER, 1 + len(uris) // _THREADS)
        with refusals(uris[0] if uris else "", f"look for {len(uris)} files, this one and on", READABLE):
            return [
                entry
                for found in in_parallel(self._statuses.find, list(pages(uris, size)))
                for entry in found
            ]

    def glob(self, pattern: str) -> list[Entry]:
        """Return what matches a Hadoop glob, sorted; nothing where it is none, as with an open bracket."""
        with refusals(pattern, "list what matches it", READABLE):
            try:
                matches = self._system(pattern).globStatus(self._path(pattern))
            except Py4JJavaError as fault:
                if "Illegal file pattern" in str(fault.java_exception.getMessage()):
                    return []
                raise
            return sorted(self._statuses.of_array(matches)) if matches else []

    def children(self, folder: str) -> list[Entry]:
        """Return what stands directly in a folder, sorted; nothing where there is no folder."""
        with refusals(folder, "list it", READABLE):
            system, path = self._system(folder), self._path(folder)
            try:
                # Asked first: what PySpark makes of an exception costs many times the call.
                found = system.listStatus(path) if system.exists(path) else None
            except Py4JJavaError as fault:
                if is_missing(fault):
                    return []
                raise
            return sorted(self._statuses.of_array(found)) if found else []

    def below(self, folder: str, wanted: Callable[[Entry], bool]) -> list[Entry]:
        """List the files of a folder and its folders, sorted, without every file and folder that is not `wanted`.

        `wanted` knows a folder by its `uri` alone.
        """
        listed = (
            self._flat(folder, wanted) if is_object_store(folder) else self._level_by_level(folder, wanted)
        )
        return sorted(listed)

    def _level_by_level(self, folder: str, wanted: Callable[[Entry], bool]) -> list[Entry]:
        found, folders = [], [folder]
        while folders:
            entries = [
                entry for held in in_parallel(self.children, folders) for entry in held if wanted(entry)
            ]
            found += [entry for entry in entries if not entry.is_folder]
            folders = [entry.uri for entry in entries if entry.is_folder]
        return found

    def _flat(self, folder: str, wanted: Callable[[Entry], bool]) -> list[Entry]:
        """List an object store: a page of a thousand names costs what one folder's listing costs."""
        base = self.qualified(folder).rstrip("/")
        is_open = {base: True}

        def holds_wanted(uri: str) -> bool:
            if uri not in is_open:
                above = uri.rpartition("/")[0]
                is_open[uri] = holds_wanted(above) and wanted(Entry(uri, 0, 0, None, is_folder=True))
            return is_open[uri]

        with refusals(base, "list it", READABLE):
            try:
                listing = self._system(base).listFiles(self._path(base), True)
                return [
                    entry
                    for entry in self._statuses.of_iterator(listing)
                    if holds_wanted(entry.uri.rpartition("/")[0]) and wanted(entry)
                ]
            except Py4JJavaError as fault:
                if is_missing(fault):
                    return []
                raise

    def read(self, uri: str) -> bytes:
        """Return the bytes of a small file."""
        with refusals(uri, "read this file", READABLE):
            stream = self._system(uri).open(self._path(uri))
            try:
                return bytes(self._class("org.apache.commons.io.IOUtils").toByteArray(stream))
            finally:
                stream.close()

    def write(self, uri: str, text: str) -> None:
        """Make a file appear whole, in place of one that is there."""
        if is_object_store(uri):
            self._put(uri, text)
            return
        folder, name = uri.rsplit("/", 1)
        whole = f"{folder}/.{name}.writing"
        self._put(whole, text)
        with refusals(uri, "write this file"):
            self._system(uri).delete(self._path(uri), False)
        self.move(whole, uri)

    def _put(self, uri: str, text: str) -> None:
        with refusals(uri, "write this file"):
            stream = self._system(uri).create(self._path(uri), True)
            # Closed only where that went well: an object store would show what there is of it.
            stream.write(bytearray(text, "utf-8"))
            stream.close()

    def move(self, source: str, target: str) -> None:
        """Rename a file; the target's folder must be there, the target itself must not."""
        with refusals(target, f"move {source} there"):
            is_moved = self._system(source).rename(self._path(source), self._path(target))
        if not is_moved:
            raise JobFailed(
                f"{target}: expected to move {source} there, the file system refused; "
                "see that the folder can be written and run the same command again"
            )

    def copy(self, source: str, target: str) -> None:
        """Copy a file, to another file system too."""
        self._class("org.apache.hadoop.fs.FileUtil").copy(
            self._system(source),
            self._path(source),
            self._system(target),
            self._path(target),
            False,
            True,
            self._conf,
        )

    def make_folder(self, uri: str) -> None:
        """Make a folder and those above it; on object stores, where names need none, nothing is made."""
        if is_object_store(uri):
            return
        with refusals(uri, "make this folder"):
            if not self._system(uri).mkdirs(self._path(uri)):
                raise JobFailed(f"{uri}: expected to make this folder, the file system refused; {WRITABLE}")

    def delete(self, uri: str) -> None:
        """Delete a file, or a folder with all it holds; nothing happens where there is none."""
        if not is_object_store(uri):
            self._system(uri).delete(self._path(uri), True)
            return
        found = self.find(uri)
        if found and found.is_folder:
            self._system(uri).delete(self._path(uri), True)
            above = found.uri.rpartition("/")[0]
            if not self.children(above):
                self._store(uri).remove_marker(above)
        elif found:
            self.delete_all([uri])

    def delete_all(self, uris: Sequence[str]) -> None:
        """Delete files, many with one request where the file system can; none of them is there afterwards.

        Raises:
            JobFailed: Where the file system refused; it names the files that are left.
        """
        if not uris:
            return
        with refusals(uris[0], f"delete {len(uris)} files, this one and on"):
            refused = self._store(uris[0]).delete_files(uris) if is_object_store(uris[0]) else None
        if refused is None:
            reasons = in_parallel(self._delete_file, list(uris))
            refused = {uri: reason for uri, reason in zip(uris, reasons, strict=True) if reason}
        if refused:
            named = ", ".join(f"{uri} ({reason})" for uri, reason in list(refused.items())[:10])
            raise JobFailed(
                f"{named}: expected to delete these files ({len(refused)} in all), the file system refused; {WRITABLE}"
            )

    def _delete_file(self, uri: str) -> str | None:
        """Delete a file that may be gone; returns why it is still there."""
        try:
            self._system(uri).delete(self._path(uri), False)
        except Py4JJavaError as fault:
            return str(fault.java_exception.toString())
        # A file system answers no in the same way where there is nothing and where it must not.
        return None if self.find(uri) is None else "no reason given"

    def abort_uploads(self, folder: str) -> None:
        """Abort uploads below a folder of an object store that were begun and never completed."""
        if is_object_store(folder):
            self._store(folder).abort_uploads(folder)

    def parquet_rows(self, uri: str) -> int:
        """Count the rows of a Parquet file by its footer."""
        source = self._class("org.apache.parquet.hadoop.util.HadoopInputFile").fromPath(
            self._path(uri), self._conf
        )
        reader = self._class("org.apache.parquet.hadoop.ParquetFileReader").open(source)
        try:
            return int(reader.getRecordCount())
        finally:
            reader.close()

    def compressed_suffix(self, name: str) -> str | None:
        """Return the suffix by which Hadoop would take a file of this name for compressed, or nothing."""
        factory = self._class("org.apache.hadoop.io.compress.CompressionCodecFactory")(self._conf)
        return (
            str(codec.getDefaultExtension()) if (codec := factory.getCodec(self._path(f"/{name}"))) else None
        )

    def _class(self, name: str) -> Any:
        return java_class(self._jvm, name)

    def _store(self, uri: str) -> ObjectStore:
        return ObjectStore(self._jvm, self._system(uri))

    def _path(self, uri: str) -> Any:
        try:
            return self._class("org.apache.hadoop.fs.Path")(_whole(uri))
        except IllegalArgumentException as fault:
            raise UsageError(f"{uri!r}: expected a path or a URI: {fault}") from fault

    def _system(self, uri: str) -> Any:
        path = self._path(uri)
        try:
            return path.getFileSystem(self._conf)
        except Py4JJavaError as fault:
            if is_of(fault, "org.apache.hadoop.fs.UnsupportedFileSystemException"):
                raise UsageError(f"{uri}: expected a file system that Hadoop is set up for") from fault
            raise


def _whole(uri: str) -> str:
    """Return a place as Hadoop takes it: a bucket alone is a path only with its slash."""
    return f"{uri}/" if is_object_store(uri) and uri.count("/") == _SLASHES_BEFORE_A_BUCKET else uri


def in_parallel(do: Callable[[_From], _To], of: list[_From]) -> list[_To]:
    """Call `do` for each, some at a time (each call waits for the file system), results in order."""
    with ThreadPoolExecutor(_THREADS) as threads:
        return list(threads.map(do, of))
