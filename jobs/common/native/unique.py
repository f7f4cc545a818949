"""Which row of a key stays, as `jobs.common.table` says it, for rows that are all in memory.

The hashes of keys tell at once which rows stand alone; only what shares a hash is ranked, by its exact key.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.common.native.engine import hashes, quoted, select
from jobs.common.table import Table

_PLACE: Final = "_place"
_IS_NEW: Final = "_is_new"
_HOUR: Final = 3_600_000_000
_HOURS: Final = 24
Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Settled:
    """What becomes of some rows: those that stay, sorted, and what the new ones among them do to the old ones."""

    rows: Any
    inserted: int
    updated: int
    keys: int
    hours: tuple[int, ...]

    @property
    def is_change(self) -> bool:
        """Tell whether anything differs from the old rows."""
        return bool(self.inserted or self.updated)


def settle(old: Any, new: Any, table: Table) -> Settled:
    """Keep one row a key of old rows, which the table holds, and new ones, any number a key.

    Args:
        old: Arrow table of the schema's columns.
        new: Arrow table of the same columns.
        table: Says how rows compare. Of rows that differ in provenance alone an old one stays.
    """
    rows = pa.concat_tables([_alike(old, new.schema), new]).unify_dictionaries().combine_chunks()
    key = own_key(table)
    is_new = np.arange(rows.num_rows) >= old.num_rows
    is_shared = _shared(hashes(rows, key))
    stays = ~is_shared
    inserted = stays & is_new
    updates, replaced, keys = _ranked(rows, is_new, np.flatnonzero(is_shared), table)
    stays[updates.winners] = True
    inserted[updates.inserted] = True
    hour_of = _hours(rows, table.time)
    changed = np.concatenate([hour_of[inserted], hour_of[updates.updated], hour_of[replaced]])
    return Settled(
        rows=_in_order(rows, np.flatnonzero(stays), table),
        inserted=int(inserted.sum()),
        updated=len(updates.updated),
        keys=int((~is_shared & is_new).sum()) + keys,
        hours=tuple(int(hour) for hour in np.flatnonzero(np.bincount(changed, minlength=_HOURS))),
    )


def own_key(table: Table) -> list[str]:
    """The key within a partition."""
    return [name for name in table.key if name not in table.partition_by]


@dataclass(frozen=True)
class _Verdict:
    """Places of rows that shared a hash: which stay, and of those, which are new to the table or replace an old one."""

    winners: Places
    inserted: Places
    updated: Places


def _shared(found: npt.NDArray[np.uint64]) -> Flags:
    """Tell rows whose hash another row has too."""
    ordered = np.sort(found)
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(twice):
        return np.zeros(len(found), np.bool_)
    at = np.minimum(np.searchsorted(twice, found), len(twice) - 1)
    return np.asarray(twice[at] == found)


def _ranked(rows: Any, is_new: Flags, at: Places, table: Table) -> tuple[_Verdict, Places, int]:
    """Rank rows of one hash by their exact key; returns with the verdict the old rows that are replaced.

    And the number of keys among the new ones, counted apart from the choice.
    """
    if not len(at):
        return _Verdict(at, at, at), at, 0
    suspects = _plain(rows.take(pa.array(at)))
    suspects = suspects.append_column(_PLACE, pa.array(at)).append_column(_IS_NEW, pa.array(is_new[at]))
    key = ", ".join(map(quoted, own_key(table)))
    order = [
        *(f"{quoted(name)} DESC NULLS LAST" for name in table.rank if name not in table.partition_by),
        f"{_IS_NEW} ASC",
        *(f"{quoted(name)} ASC NULLS FIRST" for name in table.provenance),
        f"{_PLACE} ASC",
    ]
    window = f"OVER (PARTITION BY {key} ORDER BY {', '.join(order)})"
    judged = select(
        suspects,
        f"{_PLACE}, {_IS_NEW}, row_number() {window} AS rank, "
        f"bool_and({_IS_NEW}) OVER (PARTITION BY {key}) AS all_new, "
        f"first_value({_IS_NEW}) {window} AS new_wins FROM rows",
    )
    place, new, rank, all_new, new_wins = (
        column.to_numpy() for column in (judged.column(name) for name in judged.column_names)
    )
    wins = rank == 1
    distinct = f"(SELECT DISTINCT {key} FROM rows WHERE {_IS_NEW})"  # noqa: S608 - names of the job's own columns
    counted = select(suspects, f"count(*) AS keys FROM {distinct}").column("keys")[0]
    # An old row that loses to another old one is gone too, which the accounting finds: no run has written it.
    replaced = place[~new & ~all_new & new_wins]
    verdict = _Verdict(place[wins], place[wins & all_new], place[wins & new & ~all_new])
    return verdict, replaced, int(counted.as_py())


def _alike(old: Any, schema: Any) -> Any:
    """Give old rows the dictionaries that new ones have."""
    columns = [
        column.dictionary_encode() if pa.types.is_dictionary(one.type) else column
        for column, one in zip(old.columns, schema, strict=True)
    ]
    return pa.table(columns, schema=schema)


def _plain(rows: Any) -> Any:
    """Write dictionaries out: a dictionary's values have no order of their own."""
    for place, field in enumerate(rows.schema):
        if pa.types.is_dictionary(field.type):
            column = rows.column(place).cast(field.type.value_type)
            rows = rows.set_column(place, field.name, column)
    return rows


def _hours(rows: Any, time: str) -> npt.NDArray[np.int64]:
    micros = rows.column(time).combine_chunks().cast(pa.int64()).to_numpy(zero_copy_only=False)
    return np.asarray(micros // _HOUR % _HOURS, np.int64)


def _in_order(rows: Any, kept: Places, table: Table) -> Any:
    """Take the rows at some places, sorted as the table's files are."""
    keys = [_ranks(rows.column(name).combine_chunks())[kept] for name in reversed(table.sort_by)]
    return rows.take(pa.array(kept[np.lexsort(keys)])).combine_chunks()


def _ranks(column: Any) -> Places:
    """Give numbers that compare as the values do, nulls first."""
    if pa.types.is_timestamp(column.type):
        micros = column.cast(pa.int64())
        return np.asarray(pc.fill_null(micros, np.iinfo(np.int64).min).to_numpy(zero_copy_only=False))
    coded = column.dictionary_encode()
    order = pc.sort_indices(coded.dictionary.cast(pa.binary())).to_numpy()
    ranks = np.empty(len(order) + 1, np.int64)
    ranks[order] = np.arange(len(order))
    ranks[-1] = -1
    codes: Places = pc.fill_null(coded.indices, len(order)).to_numpy(zero_copy_only=False)
    return np.asarray(ranks[codes])
