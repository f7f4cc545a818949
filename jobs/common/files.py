"""Files on any Hadoop file system, by the JVM's own client and credentials (no boto3)."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from py4j.protocol import Py4JJavaError
from pyspark.errors import IllegalArgumentException
from pyspark.sql import SparkSession

from jobs.common.errors import JobFailed, UsageError

HIDDEN = ("_", ".")
COPYING = "._COPYING_"
_THREADS = 8
_From = TypeVar("_From")
_To = TypeVar("_To")


@dataclass(frozen=True, order=True)
class Entry:
    """A file or a folder: `uri` is its full Hadoop path, unescaped; `modified` in milliseconds since the epoch."""

    uri: str
    size: int
    modified: int
    etag: str | None
    is_folder: bool

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.uri.rsplit("/", 1)[-1]


class Files:
    """One session's way to files. Paths are literal: nothing in a name is a wildcard, but for `glob`."""

    def __init__(self, spark: SparkSession) -> None:
        """Take the JVM and the Hadoop configuration of `spark`."""
        self._jvm: Any = spark._jvm
        self._conf: Any = spark._jsc.hadoopConfiguration()

    def qualified(self, uri: str) -> str:
        """Return the full path of `uri`: scheme and authority from the default file system where it has none."""
        return str(self._system(uri).makeQualified(self._path(uri)).toString())

    def find(self, uri: str) -> Entry | None:
        """Return what bears exactly this name, or nothing."""
        try:
            return self._entry(self._system(uri).getFileStatus(self._path(uri)))
        except Py4JJavaError as fault:
            if _is_missing(fault):
                return None
            raise

    def glob(self, pattern: str) -> list[Entry]:
        """Return what matches a Hadoop glob, sorted; nothing where it is none, as with an open bracket."""
        try:
            matches = self._system(pattern).globStatus(self._path(pattern))
        except Py4JJavaError as fault:
            if "Illegal file pattern" in str(fault.java_exception.getMessage()):
                return []
            raise
        return sorted(self._entry(status) for status in matches or [])

    def children(self, folder: str) -> list[Entry]:
        """Return what stands directly in a folder, sorted; nothing where there is no folder."""
        try:
            found = self._system(folder).listStatus(self._path(folder))
        except Py4JJavaError as fault:
            if _is_missing(fault):
                return []
            raise
        return sorted(self._entry(status) for status in found)

    def below(self, folder: str, wanted: Callable[[Entry], bool]) -> Iterator[Entry]:
        """Yield the files of a folder and its folders, leaving out every file and folder that is not `wanted`."""
        for entry in self.children(folder):
            if not wanted(entry):
                continue
            if entry.is_folder:
                yield from self.below(entry.uri, wanted)
            else:
                yield entry

    def read(self, uri: str) -> bytes:
        """Return the bytes of a small file."""
        stream = self._system(uri).open(self._path(uri))
        try:
            return bytes(self._jvm.org.apache.commons.io.IOUtils.toByteArray(stream))
        finally:
            stream.close()

    def write(self, uri: str, text: str) -> None:
        """Make a file appear whole, in place of one that is there."""
        system, target = self._system(uri), self._path(uri)
        folder, name = uri.rsplit("/", 1)
        whole = f"{folder}/.{name}.writing"
        with _refusals(uri, "write this file"):
            stream = system.create(self._path(whole), True)
            try:
                stream.write(bytearray(text, "utf-8"))
            finally:
                stream.close()
            system.delete(target, False)
        self.move(whole, uri)

    def move(self, source: str, target: str) -> None:
        """Rename a file; the target's folder must be there, the target itself must not."""
        if not self._system(source).rename(self._path(source), self._path(target)):
            raise JobFailed(
                f"{target}: expected to move {source} there, the file system refused; "
                "see that the folder can be written and run the same command again"
            )

    def copy(self, source: str, target: str) -> None:
        """Copy a file, to another file system too."""
        self._jvm.org.apache.hadoop.fs.FileUtil.copy(
            self._system(source),
            self._path(source),
            self._system(target),
            self._path(target),
            False,
            True,
            self._conf,
        )

    def make_folder(self, uri: str) -> None:
        """Make a folder and those above it."""
        with _refusals(uri, "make this folder"):
            if not self._system(uri).mkdirs(self._path(uri)):
                raise JobFailed(f"{uri}: expected to make this folder, the file system refused; {_WRITABLE}")

    def delete(self, uri: str) -> None:
        """Delete a file, or a folder with all it holds; nothing happens where there is none."""
        self._system(uri).delete(self._path(uri), True)

    def parquet_rows(self, uri: str) -> int:
        """Count the rows of a Parquet file by its footer."""
        parquet = self._jvm.org.apache.parquet.hadoop
        reader = parquet.ParquetFileReader.open(
            parquet.util.HadoopInputFile.fromPath(self._path(uri), self._conf)
        )
        try:
            return int(reader.getRecordCount())
        finally:
            reader.close()

    def compressed_suffix(self, name: str) -> str | None:
        """Return the suffix by which Hadoop would take a file of this name for compressed, or nothing."""
        factory = self._jvm.org.apache.hadoop.io.compress.CompressionCodecFactory(self._conf)
        codec = factory.getCodec(self._path(f"/{name}"))
        return str(codec.getDefaultExtension()) if codec else None

    def _path(self, uri: str) -> Any:
        try:
            return self._jvm.org.apache.hadoop.fs.Path(uri)
        except IllegalArgumentException as fault:
            raise UsageError(f"{uri!r}: expected a path or a URI: {fault}") from fault

    def _system(self, uri: str) -> Any:
        path = self._path(uri)
        try:
            return path.getFileSystem(self._conf)
        except Py4JJavaError as fault:
            if _is(fault, "org.apache.hadoop.fs.UnsupportedFileSystemException"):
                raise UsageError(f"{uri}: expected a file system that Hadoop is set up for") from fault
            raise

    def _entry(self, status: Any) -> Entry:
        is_folder = bool(status.isDirectory())
        etag = None
        if not is_folder and self._jvm.java.lang.Class.forName(_ETAG_SOURCE).isInstance(status):
            etag = status.getEtag()
        return Entry(
            uri=str(status.getPath().toString()),
            size=0 if is_folder else int(status.getLen()),
            modified=int(status.getModificationTime()),
            etag=etag,
            is_folder=is_folder,
        )


_WRITABLE = "see that the place can be written and run the same command again"


@contextmanager
def _refusals(uri: str, doing: str) -> Iterator[None]:
    """Say in our own words what the file system has refused."""
    try:
        yield
    except Py4JJavaError as fault:
        said = str(fault.java_exception.toString())
        raise JobFailed(
            f"{uri}: expected to {doing}, the file system refused ({said}); {_WRITABLE}"
        ) from fault


def is_hidden(name: str) -> bool:
    """Tell names that listings of folders leave out, as Hadoop's and Spark's do."""
    return name.startswith(HIDDEN) or name.endswith(COPYING)


# Hadoop 3.3.2 and later: what object stores' file statuses implement.
_ETAG_SOURCE = "org.apache.hadoop.fs.EtagSource"


def in_parallel(do: Callable[[_From], _To], of: list[_From]) -> list[_To]:
    """Call `do` for each, some at a time (each call waits for the file system), results in order."""
    with ThreadPoolExecutor(_THREADS) as threads:
        return list(threads.map(do, of))


def _is_missing(fault: Py4JJavaError) -> bool:
    return _is(fault, "java.io.FileNotFoundException")


def _is(fault: Py4JJavaError, exception: str) -> bool:
    return str(fault.java_exception.getClass().getName()) == exception
