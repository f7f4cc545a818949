"""Where things stand in a table's folder, and what its files are called."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from jobs.common.files import Entry, Files, in_parallel, is_hidden

_DATA_FILE = re.compile(r"(?P<number>[0-9]+)-[A-Za-z][A-Za-z0-9_-]{0,63}-[0-9]+\.parquet")


@dataclass(frozen=True)
class Layout:
    """The places of one table. Names that start with `_` are no data to any reader."""

    table: str

    @property
    def journal(self) -> str:
        """The commit that is under way, if there is one."""
        return f"{self.table}/_journal.json"

    @property
    def all_staging(self) -> str:
        """The folder of what runs have staged."""
        return f"{self.table}/_staging"

    def staging(self, run_id: str) -> str:
        """The folder of what one run has staged, one folder an attempt."""
        return f"{self.all_staging}/{run_id}"

    def record(self, run_id: str) -> str:
        """The journal of a run that is done."""
        return f"{self.table}/_runs/{run_id}.json"


def quarantine_folder(quarantine: str, run_id: str) -> str:
    """Return the folder of what one run refused."""
    return f"{quarantine.rstrip('/')}/run_id={run_id}"


def data_file_name(number: int, run_id: str, part: int) -> str:
    """Name a data file; names of later runs sort after those of earlier ones."""
    return f"{number:08d}-{run_id}-{part:05d}.parquet"


def highest_number(names: Iterable[str]) -> int:
    """Return the greatest number that a data file's name starts with; 0 where there is none."""
    found = (_DATA_FILE.fullmatch(name) for name in names)
    return max((int(name["number"]) for name in found if name), default=0)


def data_files(files: Files, folder: str, depth: int) -> dict[str, list[Entry]]:
    """List the data files by partition (the folder's path below the table, as `event_date=2013-03-01`).

    `depth` is the number of partition columns.
    """
    partitions = [""]
    for _ in range(depth):
        below = in_parallel(lambda partition: _folders(files, folder, partition), partitions)
        partitions = [found for several in below for found in several]
    held = in_parallel(lambda partition: _files(files, f"{folder}/{partition}"), partitions)
    return {partition: entries for partition, entries in zip(partitions, held, strict=True) if entries}


def _folders(files: Files, table: str, partition: str) -> list[str]:
    folder = f"{table}/{partition}".rstrip("/")
    names = [entry.name for entry in files.children(folder) if entry.is_folder and "=" in entry.name]
    return [f"{partition}/{name}".lstrip("/") for name in names if not is_hidden(name)]


def _files(files: Files, folder: str) -> list[Entry]:
    """List the Parquet files of a folder, also those in the bucket folders of a staged one."""
    found = files.below(folder, _is_data_or_bucket)
    return [entry for entry in found if entry.name.endswith(".parquet")]


def _is_data_or_bucket(entry: Entry) -> bool:
    return entry.name.startswith("_bucket=") if entry.is_folder else not is_hidden(entry.name)
