"""The portable reader: objects to messages by Python's standard library, inside Spark tasks.

Objects reach the tasks as a stream of small pieces whatever their size: Spark's text source, told not to decompress
and to cut at every `}`, hands on bytes that are the object's own when the cuts are put back.
(`binaryFile` holds an object four times over in the JVM; two of 128 MiB end a driver of 1 GiB, and the job hangs.)
"""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, groupby
from operator import itemgetter
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from urllib.parse import quote, unquote

from pyspark import RDD
from pyspark.accumulators import AccumulatorParam
from pyspark.serializers import CPickleSerializer
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    DoubleType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from jobs.common.errors import JobFailed
from jobs.common.files import Entry, Files
from jobs.common.readers.columns import RESCUED, Extractor, Field
from jobs.common.readers.framing import MOST_FAULT_BYTES, frame
from jobs.common.readers.inputs import is_hidden
from jobs.common.readers.members import Damage, decode

TRUNCATED_OBJECT = "truncated_object"
NOT_AN_OBJECT = "not_an_object"

_CUT = b"}"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FEED_BYTES = 256 * 1024
_SPOOL_BYTES = 16 * 1024 * 1024
_TASK_BYTES = 32 * 1024 * 1024
_OPEN_COST_BYTES = 1024 * 1024
_BATCH_BYTES = 256 * 1024
_ROW_BYTES = 256
_RAW = -2
_KINDS = {"string": StringType(), "double": DoubleType(), "timestamp": TimestampType()}
_SPLIT_SETTINGS = ("spark.sql.files.maxPartitionBytes", "spark.sql.files.openCostInBytes")
_Piece = tuple[str, int, bytes]


def message_schema(fields: Sequence[Field]) -> StructType:
    """Return the schema of messages: a column a field, then what no field knows, and where the message stands.

    `raw` are its exact bytes; `faults` its reasons so far: the one of the framing, or those of values that do not fit.
    """
    columns = [StructField(field.column, _KINDS[field.kind]) for field in fields]
    return StructType(
        [
            *columns,
            StructField(RESCUED, StringType()),
            StructField("source_object", StringType(), False),
            StructField("position", LongType(), False),
            StructField("raw", BinaryType(), False),
            StructField("faults", ArrayType(StringType(), False)),
        ]
    )


class TaskCounts(AccumulatorParam["dict[int, int]"]):
    """Counts by partition: a task that runs again replaces its count instead of adding to it."""

    def zero(self, value: "dict[int, int]") -> "dict[int, int]":
        """Return no counts."""
        return type(value)()

    def addInPlace(self, value1: "dict[int, int]", value2: "dict[int, int]") -> "dict[int, int]":  # noqa: N802 - PySpark's name
        """Take the later count of each partition."""
        value1.update(value2)
        return value1


def read(
    spark: SparkSession, objects: Sequence[Entry], fields: Sequence[Field], aside: str
) -> tuple[DataFrame, "PortableCounts"]:
    """Return the messages of `objects`, lazily, and the counts of what the tasks read once they have run.

    Objects that Spark's sources would skip because of their names are copied under the folder `aside` first.
    """
    counts = spark.sparkContext.accumulator({}, TaskCounts())
    extract = Extractor(fields)

    def batches(task: int, pieces: Iterable[_Piece]) -> Iterator[list[tuple[Any, ...]]]:
        objects = stored_objects(pieces, moved)
        count = 0
        for batch in _batches(
            chain.from_iterable(_messages(uri, stored, extract) for uri, stored in objects)
        ):
            count += len(batch)
            yield batch
        counts.add({task: count})

    pieces, moved = _pieces(spark, objects, aside)
    schema = message_schema(fields)
    instants = [field.column for field in fields if field.kind == "timestamp"]
    # Rows travel with instants as whole microseconds: Python's own conversion is slow, and asks the local time zone.
    plain = StructType([StructField(f.name, LongType()) if f.name in instants else f for f in schema.fields])
    frame_ = _frame_of(spark, pieces.mapPartitionsWithIndex(batches), plain)
    return frame_.withColumns({name: F.timestamp_micros(name) for name in instants}), PortableCounts(counts)


def _batches(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """Gather rows of `message_schema` by their bytes."""
    batch: list[tuple[Any, ...]] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += _ROW_BYTES + len(row[_RAW])
        if size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _frame_of(spark: SparkSession, batches: "RDD[list[tuple[Any, ...]]]", schema: StructType) -> DataFrame:
    """Make a frame of rows that come in batches.

    What `createDataFrame` does, but for the batches: it gathers rows by their count, as many as small ones allow, and
    large ones after them would not fit the JVM (tried: 22 rows of 32 MiB ended one of 1 GiB).
    """
    batches._jrdd_deserializer = CPickleSerializer()
    to_java: Any = spark._jvm.SerDeUtil  # type: ignore[union-attr] # a session has its JVM
    rows = to_java.toJavaArray(to_java.pythonToJava(batches._jrdd, True))
    return DataFrame(spark._jsparkSession.applySchemaToPythonRDD(rows.rdd(), schema.json()), spark)


class PortableCounts:
    """What the tasks of one read have counted."""

    def __init__(self, counts: Any) -> None:
        """Take the accumulator that the tasks add to."""
        self._counts = counts

    def read(self) -> int:
        """Count the messages read, each task once, its last attempt."""
        return sum(self._counts.value.values())


def _pieces(
    spark: SparkSession, objects: Sequence[Entry], aside: str
) -> "tuple[RDD[_Piece], dict[str, str]]":
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
    suffix_of = lru_cache(maxsize=None)(lambda ending: files.compressed_suffix(f"x.{ending}"))
    for number, entry in enumerate(large):
        place = entry.uri
        if is_hidden(entry.name):
            place = files.qualified(f"{aside}/{number}")
            files.copy(entry.uri, place)
            moved[place] = entry.uri
        by_suffix.setdefault(suffix_of(place.rpartition(".")[2]), []).append(place)
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
        .option("lineSep", _CUT.decode())
        .option("recursiveFileLookup", "true")
        # Names are literal: Spark's own switch for paths that were globbed before.
        .option("__globPaths__", "false")
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
    before = {name: str(spark.conf.get(name)) for name in _SPLIT_SETTINGS}
    try:
        for name in before:
            spark.conf.set(name, str(most_bytes + 1))
        return text.rdd
    finally:
        for name, value in before.items():
            spark.conf.set(name, value)


def stored_objects(
    pieces: Iterable[_Piece], moved: Mapping[str, str]
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Group pieces by object: its URI and its stored bytes, as they were."""
    for path, group in groupby(pieces, key=itemgetter(0)):
        place = unquote(path)
        yield moved.get(place, place), _with_order_mark(_stored(place, group))


def _stored(place: str, pieces: Iterable[_Piece]) -> Generator[bytes, None, bool]:
    """Yield an object's bytes with the cuts put back; returns whether a byte order mark was dropped at the front."""
    got, size, separator, waiting = -len(_CUT), 0, b"", bytearray()
    for _, size, data in pieces:  # noqa: B007 - the size is the same in all
        waiting += separator
        waiting += data
        got += len(data) + len(_CUT)
        separator = _CUT
        if len(waiting) >= _FEED_BYTES:
            yield bytes(waiting)
            waiting.clear()
    missing = size - got
    if missing in (len(_CUT), len(_CUT) + len(_BYTE_ORDER_MARK)):
        waiting += _CUT
        missing -= len(_CUT)
    if waiting:
        yield bytes(waiting)
    if missing not in (0, len(_BYTE_ORDER_MARK)):
        raise JobFailed(
            f"{place}: expected {size} bytes, read {size - missing}; run again when the object is at rest"
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


def _messages(uri: str, stored: Iterable[bytes], extract: Extractor) -> Iterator[tuple[Any, ...]]:
    """Turn one object into rows of `message_schema`, instants as microseconds."""
    damages: list[Damage] = []

    def sound() -> Iterator[bytes]:
        for part in decode(stored):
            if isinstance(part, Damage):
                damages.append(part)
            else:
                yield part

    for position, raw, value, fault in frame(sound()):
        if fault is None and type(value) is dict:
            values, faults, rescued = extract(value)
            yield (*values, rescued, uri, position, raw, faults)
        else:
            yield (*extract.nothing, None, uri, position, raw, [fault or NOT_AN_OBJECT])
    for damage in damages:
        for start in range(0, max(len(damage.raw), 1), MOST_FAULT_BYTES):
            raw = damage.raw[start : start + MOST_FAULT_BYTES]
            yield (*extract.nothing, None, uri, damage.position + start, raw, [TRUNCATED_OBJECT])
