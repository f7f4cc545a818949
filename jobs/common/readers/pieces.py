"""Objects to pieces: the stored bytes of any object, as a stream of small pieces, in the tasks of any cluster.

Spark's text source, told not to decompress and to cut at every `}`, hands on bytes that are the object's own when the
cuts are put back. (`binaryFile` holds whole objects in the JVM; two of 128 MiB ended a driver of 1 GiB, and the job
hung.)
"""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import IO
from urllib.parse import quote, unquote

from pyspark import RDD
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from jobs.common.errors import JobFailed
from jobs.common.files import Entry, Files, is_hidden
from jobs.common.session import settings

CUT = b"}"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FEED_BYTES = 256 * 1024
_SPOOL_BYTES = 16 * 1024 * 1024
_TASK_BYTES = 32 * 1024 * 1024
_OPEN_COST_BYTES = 1024 * 1024
# What a message, or gzip of them, never is without the byte that objects are cut at.
MOST_UNCUT_BYTES = 16 * 1024 * 1024
_SPLIT_SETTINGS = ("spark.sql.files.maxPartitionBytes", "spark.sql.files.openCostInBytes")
Piece = tuple[str, int, bytes]


def open_pieces(
    spark: SparkSession, objects: Sequence[Entry], aside: str
) -> "tuple[RDD[Piece], dict[str, str]]":
    """Return the objects' bytes as (path, size, bytes up to a cut), objects whole within a partition and in order.

    With them the objects that are read from elsewhere than their own place: place read to URI.
    """
    files = Files(spark)
    # What has no byte after a byte order mark gives no row at all.
    tiny = [entry for entry in objects if entry.size <= len(_BYTE_ORDER_MARK)]
    large = [entry for entry in objects if entry.size > len(_BYTE_ORDER_MARK)]
    tasks = max(
        spark.sparkContext.defaultParallelism, sum(e.size + _OPEN_COST_BYTES for e in large) // _TASK_BYTES
    )
    moved: dict[str, str] = {}
    by_suffix: dict[str | None, list[str]] = {}
    suffix_of = lru_cache(maxsize=None)(lambda ending: files.compressed_suffix(f"x{ending}"))
    for number, entry in enumerate(large):
        place = entry.uri
        if is_hidden(entry.name):
            place = files.qualified(f"{aside}/{number}")
            files.copy(entry.uri, place)
            moved[place] = entry.uri
        ending = PurePosixPath(place).suffix
        by_suffix.setdefault(suffix_of(ending) if ending else None, []).append(place)
    most = max((entry.size for entry in large), default=0)
    texts = [_text(spark, most, suffix, places) for suffix, places in by_suffix.items()]
    given = [(quote(entry.uri), entry.size, files.read(entry.uri) if entry.size else b"") for entry in tiny]
    sources = [spark.sparkContext.union(texts).coalesce(tasks)] if texts else []
    if given or not sources:
        sources.append(spark.sparkContext.parallelize(given, 1))  # type: ignore[arg-type] # any object is an element
    return spark.sparkContext.union(sources), moved


def _text(spark: SparkSession, most_bytes: int, suffix: str | None, places: list[str]) -> "RDD[Row]":
    """Open objects as text that is neither decompressed nor split between tasks."""
    reader = (
        spark.read.format("text")
        .option("lineSep", CUT.decode())
        .option("recursiveFileLookup", "true")
        # Names are literal: Spark's own switch for paths that were globbed before.
        .option("__globPaths__", "false")
        # A line goes through the JVM's heap several times over; longer ones are left out, and the sizes tell.
        .option("mapreduce.input.linerecordreader.line.maxlength", str(MOST_UNCUT_BYTES))
    )
    if suffix:
        # Hadoop's own way to keep a suffix from being decompressed (HADOOP-16759).
        # Shading has renamed the key's text too in the client that PySpark bundles, so both are set.
        passthrough = "org.apache.hadoop.io.compress.PassthroughCodec"
        reader = (
            reader.option("io.compression.codecs", passthrough)
            .option("io.compress.passthrough.extension", suffix)
            .option("org.apache.hadoop.shaded.io.compress.passthrough.extension", suffix)
        )
    text = reader.load(places).select(
        "_metadata.file_path", "_metadata.file_size", F.col("value").cast("binary")
    )
    # Above every object's size, so that none is split; each is then a partition of its own.
    # Spark looks when it lays out the partitions, so what else is read goes by the session's own settings.
    with settings(spark, dict.fromkeys(_SPLIT_SETTINGS, str(most_bytes + 1))):
        return text.rdd


def stored_objects(
    pieces: Iterable[Piece], moved: Mapping[str, str]
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Group pieces by object: its URI and its stored bytes, as they were."""
    for path, group in groupby(pieces, key=itemgetter(0)):
        place = unquote(path)
        yield moved.get(place, place), _with_order_mark(_stored(place, group))


def _stored(place: str, pieces: Iterable[Piece]) -> Generator[bytes, None, bool]:
    """Yield an object's bytes with the cuts put back; returns whether a byte order mark was dropped at the front."""
    got, size, separator, waiting = -len(CUT), 0, b"", bytearray()
    for _, size, data in pieces:  # noqa: B007 - the size is the same in all
        waiting += separator
        waiting += data
        got += len(data) + len(CUT)
        separator = CUT
        if len(waiting) >= _FEED_BYTES:
            yield bytes(waiting)
            waiting.clear()
    missing = size - got
    if missing in (len(CUT), len(CUT) + len(_BYTE_ORDER_MARK)):
        waiting += CUT
        missing -= len(CUT)
    if waiting:
        yield bytes(waiting)
    if missing not in (0, len(_BYTE_ORDER_MARK)):
        raise JobFailed(
            f"{place}: expected {size} bytes, read {size - missing}: the object has changed, or has no '}}' in "
            f"{MOST_UNCUT_BYTES} bytes and so holds no messages; run again when it is at rest, or leave it out"
        )
    return missing > 0


def _with_order_mark(stored: Generator[bytes, None, bool]) -> Iterator[bytes]:
    """Put a dropped byte order mark back: only the end of the object tells, so its bytes wait, large ones on disk."""
    with SpooledTemporaryFile(max_size=_SPOOL_BYTES) as spool:
        has_mark = _spool(stored, spool)
        spool.seek(0)
        if has_mark:
            yield _BYTE_ORDER_MARK
        while data := spool.read(_FEED_BYTES):
            yield data


def _spool(stored: Generator[bytes, None, bool], spool: IO[bytes]) -> bool:
    while True:
        try:
            spool.write(next(stored))
        except StopIteration as end:
            return bool(end.value)
