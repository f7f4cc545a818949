"""The portable reader: objects to messages by Python's standard library, inside Spark tasks."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark import RDD
from pyspark.accumulators import AccumulatorParam
from pyspark.serializers import CPickleSerializer
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DoubleType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from jobs.common.files import Entry
from jobs.common.readers import workers
from jobs.common.readers.columns import RESCUED, Extractor, Field, InexactError
from jobs.common.readers.framing import MOST_FAULT_BYTES, TRUNCATED_OBJECT, Framed, exact, frame
from jobs.common.readers.members import Damage, decode
from jobs.common.readers.pieces import Piece, open_pieces, stored_objects

NOT_AN_OBJECT = "not_an_object"

_BATCH_BYTES = 256 * 1024
_ROW_BYTES = 256
_RAW = -2
# Spark's types of what fields may be.
TYPES = {
    "string": StringType(),
    "double": DoubleType(),
    "timestamp": TimestampType(),
    "boolean": BooleanType(),
    "json": StringType(),
}


@dataclass(frozen=True)
class Form:
    """How a dataset's objects hold its messages. Both are functions of a module, where tasks find them by name.

    `frame` takes an object's decoded bytes apart. `message_of` takes an object among the values to the message that it
    is or carries, or to the reason why it is none.
    """

    frame: Callable[[Iterable[bytes]], Iterator[Framed]]
    message_of: Callable[[Mapping[str, Any]], Mapping[str, Any] | str] | None = None

    @property
    def holds_lines(self) -> bool:
        """Tell that lines stand for themselves and each value is a message."""
        return self.frame is frame and self.message_of is None


LINES = Form(frame)


def message_schema(fields: Sequence[Field]) -> StructType:
    """Return the schema of messages: a column a field, then what no field knows, and where the message stands.

    `raw` are its exact bytes; `faults` its reasons so far: the one of the framing, or those of values that do not fit.
    """
    columns = [StructField(field.column, TYPES[field.kind]) for field in fields]
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


_Counts = dict[int, tuple[int, int]]


class TaskCounts(AccumulatorParam[_Counts]):
    """Objects and messages by partition: a task that runs again replaces its counts instead of adding to them."""

    def zero(self, value: _Counts) -> _Counts:
        """Return no counts."""
        return type(value)()

    def addInPlace(self, value1: _Counts, value2: _Counts) -> _Counts:  # noqa: N802 - PySpark's name
        """Take the later counts of each partition."""
        value1.update(value2)
        return value1


def read(
    spark: SparkSession, objects: Sequence[Entry], fields: Sequence[Field], aside: str, form: Form = LINES
) -> tuple[DataFrame, "PortableCounts"]:
    """Return the messages of `objects`, lazily, and the counts of what the tasks read once they have run.

    Objects that Spark's sources would skip because of their names are copied under the folder `aside` first.
    """
    counts = spark.sparkContext.accumulator({}, TaskCounts())
    extract = Extractor(fields)

    def batches(task: int, pieces: Iterable[Piece]) -> Iterator[list[tuple[Any, ...]]]:
        read_objects = read_messages = 0
        workers.settle()

        def messages() -> Iterator[tuple[Any, ...]]:
            nonlocal read_objects
            for uri, stored in stored_objects(pieces, moved):
                read_objects += 1
                yield from messages_of(uri, decode(stored), extract, form)

        for batch in _batches(messages()):
            read_messages += len(batch)
            yield batch
        counts.add({task: (read_objects, read_messages)})

    pieces, moved = open_pieces(spark, objects, aside)
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

    def objects(self) -> int:
        """Count the objects read, each task once, its last attempt."""
        return sum(objects for objects, _ in self._counts.value.values())

    def messages(self) -> int:
        """Count the messages read, each task once, its last attempt."""
        return sum(messages for _, messages in self._counts.value.values())


def _message(framed: Framed, form: Form) -> Any:
    """Return the message that a value is or carries, or as a text the reason why it is none."""
    _, _, value, fault = framed
    if fault or type(value) is not dict:
        return fault or NOT_AN_OBJECT
    return form.message_of(value) if form.message_of else value


def messages_of(
    uri: str, parts: Iterable[bytes | Damage], extract: Extractor, form: Form = LINES, start: int = 0
) -> Iterator[tuple[Any, ...]]:
    """Turn an object, as `members.decode` gives it, into rows of `message_schema`, instants as microseconds.

    `start` is where the first of its decoded bytes stands, should others before them be seen to elsewhere.
    """
    damages: list[Damage] = []

    def sound() -> Iterator[bytes]:
        for part in parts:
            if isinstance(part, Damage):
                damages.append(part)
            else:
                yield part

    for framed in form.frame(sound()):
        position, raw, _, fault = framed
        message = _message(framed, form)
        if type(message) is not str:
            try:
                values, faults, rescued = extract(message)
            except InexactError:
                values, faults, rescued = extract(_message(framed._replace(value=exact(raw)), form))
            yield (*values, rescued, uri, start + position, raw, faults)
        elif fault != TRUNCATED_OBJECT or not damages:
            # Where the object breaks off within an array, its damage says so already.
            yield (*extract.nothing, None, uri, start + position, raw, [message])
    for damage in damages:
        for at in range(0, max(len(damage.raw), 1), MOST_FAULT_BYTES):
            raw = damage.raw[at : at + MOST_FAULT_BYTES]
            yield (*extract.nothing, None, uri, damage.position + at, raw, [TRUNCATED_OBJECT])
