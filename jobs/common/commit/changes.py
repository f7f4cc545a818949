"""What a run changes in its table, told partition by partition, in whatever way the table is stored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from pyspark.sql import DataFrame

from jobs.common.commit.journal import Addition, Merge
from jobs.common.manifest import Partition
from jobs.common.table import DELETED, DUPLICATE, INSERTED, UPDATED, Table, summarise


@dataclass(frozen=True, kw_only=True)
class Changes:
    """A run's effect on its table, counted from what is staged.

    A plain table's files to add and to remove are all known. A Delta table is changed by `merge`: what it holds before
    and after, and as which files, is counted once that is done.
    """

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    duplicates: int = 0
    rows_before: int = 0
    rows_after: int = 0
    partitions: Sequence[Partition] = ()
    add: list[Addition] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)
    merge: Merge | None = None


@dataclass(frozen=True)
class Summary:
    """What becomes of one partition: its values, its rows by action, the UTC hours that change."""

    values: Mapping[str, str]
    actions: Mapping[str, int]
    changed_hours: Sequence[int]

    @property
    def is_touched(self) -> bool:
        """Tell whether anything is to be written."""
        return any(self.actions[action] for action in (INSERTED, UPDATED, DELETED))

    @property
    def growth(self) -> int:
        """The rows that the partition has more afterwards."""
        return self.actions[INSERTED] - self.actions[DELETED]


def summaries_of(classified: DataFrame, table: Table) -> dict[str, Summary]:
    """Sum up rows with an action (`table.classify`, `table.compare`) by partition, named as folders are."""
    found = {}
    for row in summarise(classified, table).collect():
        values = {name: str(row[name]) for name in table.partition_by}
        actions = {action: int(row[action]) for action in (INSERTED, UPDATED, DELETED, DUPLICATE)}
        found[partition_name(values)] = Summary(values, actions, list(row["changed_hours"]))
    return found


def total(summaries: Iterable[Summary], action: str) -> int:
    """Count the rows of all partitions that meet with an action."""
    return sum(summary.actions[action] for summary in summaries)


def partition_name(values: Mapping[str, str]) -> str:
    """Name a partition as its folder below the table is called."""
    return "/".join(f"{name}={value}" for name, value in values.items())


def partition_values(name: str) -> dict[str, str]:
    """Return the values that a partition's folder stands for."""
    pairs = (level.partition("=") for level in name.split("/"))
    return {column: unquote(value) for column, _, value in pairs}
