"""Tables of rows with a key: which row stays, what a run changes, how rows become files of a good size."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

INSERTED = "inserted"
UPDATED = "updated"
DELETED = "deleted"
DUPLICATE = "duplicate"
ACTION = "action"
BUCKET = "_bucket"
_HOUR, _OLD_HOUR = "hour", "old_hour"
_IS_NEW = "_is_new"


@dataclass(frozen=True)
class Table:
    """What a dataset promises about its rows.

    The key holds the partition columns. Of rows with one key the greatest in `newest`, where there is one, stays, then
    the greatest by the other columns in schema order, nulls first; `provenance` columns are left out of that, and of
    two rows that differ in them only the one that is there stays. Changed hours are those of `time`.
    """

    schema: StructType
    partition_by: tuple[str, ...]
    key: tuple[str, ...]
    newest: str | None
    provenance: tuple[str, ...]
    sort_by: tuple[str, ...]
    time: str

    @property
    def rank(self) -> list[str]:
        """The columns by which two rows of one key compare, the first first."""
        others = [
            name for name in self.schema.names if name not in (*self.key, self.newest, *self.provenance)
        ]
        return [*([self.newest] if self.newest else []), *others]


def keep_greatest(rows: DataFrame, table: Table, ties: Sequence[Column] = ()) -> DataFrame:
    """Keep one row a key. Rows that are equal but for provenance are told apart by `ties`, least first."""
    clusters = [*table.partition_by, *([BUCKET] if BUCKET in rows.columns else [])]
    order = [
        *(F.col(name).desc_nulls_last() for name in table.rank),
        *ties,
        *(F.col(name).asc_nulls_first() for name in table.provenance),
    ]
    # Led by a hash: rows are sorted by the first column's first bytes, as long as these differ, many times faster.
    names = dict.fromkeys([*clusters, *table.key])
    within_key = Window.partitionBy(F.xxhash64(*table.key), *map(F.col, names)).orderBy(*order)
    return rows.withColumn("_rank", F.row_number().over(within_key)).filter("_rank = 1").drop("_rank")


def merge(
    existing: DataFrame,
    incoming: DataFrame,
    table: Table,
    lay_out: Callable[[DataFrame], DataFrame] = lambda rows: rows,
) -> DataFrame:
    """Merge rows by key into what a table holds: both sides have one row a key, and so has the result.

    `lay_out` may bring equal keys together beforehand, by `BUCKET` too.
    """
    both = existing.withColumn(_IS_NEW, F.lit(0)).unionByName(incoming.withColumn(_IS_NEW, F.lit(1)))
    return keep_greatest(lay_out(both), table, [F.col(_IS_NEW).asc()]).drop(_IS_NEW)


def classify(existing: DataFrame, incoming: DataFrame, table: Table) -> DataFrame:
    """Tell what each incoming row does to the table: the partition columns, `action`, `hour`, `old_hour`.

    `hour` and `old_hour` (of the row that an update replaces, else null) are UTC hours of the table's `time`.
    """
    # The existing side has one row a key, so each incoming row stays one.
    old, new = (
        rows.select(*table.key, F.struct(*table.rank).alias(rank), F.hour(table.time).alias(hour))
        for rows, rank, hour in ((existing, "_old", _OLD_HOUR), (incoming, "_new", _HOUR))
    )
    pairs = new.join(old, on=list(table.key), how="left")
    action = (
        F.when(F.col("_old").isNull(), INSERTED)
        .when(F.col("_new") > F.col("_old"), UPDATED)
        .otherwise(DUPLICATE)
    )
    return pairs.select(
        *table.partition_by,
        action.alias(ACTION),
        _HOUR,
        F.when(action == UPDATED, F.col(_OLD_HOUR)).alias(_OLD_HOUR),
    )


def compare(current: DataFrame, result: DataFrame, table: Table) -> DataFrame:
    """Tell what makes `current` into `result`, one row a key on either side: rows of the table and their `ACTION`.

    A row that is in `current` alone is deleted, and told as it was there; any other is told as it is in `result`.
    """
    paired = packed(result, table, "_new").join(
        packed(current, table, "_old"), on=list(table.key), how="full"
    )
    action = (
        F.when(F.col("_new").isNull(), DELETED)
        .when(F.col("_old").isNull(), INSERTED)
        .when(F.col("_old").eqNullSafe(F.col("_new")), DUPLICATE)
        .otherwise(UPDATED)
    )
    told = paired.select(*table.key, F.coalesce("_new", "_old").alias("_told"), action.alias(ACTION))
    return unpacked(told, table, "_told", ACTION)


def packed(rows: DataFrame, table: Table, name: str) -> DataFrame:
    """Put all columns but the key into one: Spark makes code for each column at each step, and the JVM compiles it."""
    values = [column for column in table.schema.names if column not in table.key]
    return rows.select(*table.key, F.struct(*values).alias(name))


def unpacked(rows: DataFrame, table: Table, name: str, *further: str) -> DataFrame:
    """Undo `packed`; `further` columns stay beside those of the table."""
    columns = (
        F.col(column) if column in table.key else F.col(name)[column].alias(column)
        for column in table.schema.names
    )
    return rows.select(*columns, *further)


def with_hours(changes: DataFrame, table: Table) -> DataFrame:
    """Add the hours that `summarise` asks for to rows whose instant is a part of their key."""
    return changes.withColumns({_HOUR: F.hour(table.time), _OLD_HOUR: F.lit(None).cast("int")})


def summarise(classified: DataFrame, table: Table) -> DataFrame:
    """Count actions by partition: `inserted, updated, deleted, duplicate` and the sorted `changed_hours`."""
    is_change = F.col(ACTION) != DUPLICATE
    hours = F.array_union(
        F.collect_set(F.when(is_change, F.col(_HOUR))), F.collect_set(F.when(is_change, F.col(_OLD_HOUR)))
    )
    actions = (INSERTED, UPDATED, DELETED, DUPLICATE)
    return classified.groupBy(*table.partition_by).agg(
        *(F.count_if(F.col(ACTION) == action).alias(action) for action in actions),
        F.array_sort(hours).alias("changed_hours"),
    )


def bucket_of(table: Table, buckets: Mapping[tuple[str, ...], int]) -> Column:
    """Spread each partition's rows over its number of buckets, by key; partitions are told by their values' text."""
    many = {values: count for values, count in buckets.items() if count > 1}
    if not many:
        return F.lit(0)
    pairs = ((F.lit("/".join(values)), F.lit(count)) for values, count in many.items())
    counts = F.create_map(*chain.from_iterable(pairs))
    own = F.concat_ws("/", *(F.col(name).cast("string") for name in table.partition_by))
    return F.pmod(F.xxhash64(*table.key), F.coalesce(counts[own], F.lit(1))).cast("int")
