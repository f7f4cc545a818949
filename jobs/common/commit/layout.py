"""Where things stand in a table's folder, and what its files are called."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from jobs.common.files import Entry, Files, is_hidden

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

    @property
    def records(self) -> str:
        """The folder of the journals of runs that are done."""
        return f"{self.table}/_runs"

    def record(self, run_id: str) -> str:
        """The journal of a run that is done."""
        return f"{self.records}/{run_id}.json"


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
    base = files.qualified(folder)
    held: dict[str, list[Entry]] = {}
    for entry in files.below(base, lambda entry: _is_in_place(_parts(base, entry), depth, entry.is_folder)):
        held.setdefault("/".join(_parts(base, entry)[:depth]), []).append(entry)
    return held


def _parts(base: str, entry: Entry) -> list[str]:
    return entry.uri.removeprefix(f"{base}/").split("/")


def _is_in_place(parts: list[str], depth: int, is_folder: bool) -> bool:
    """Tell the folders of partitions, the bucket folders in those of a staged table, and data files in either."""
    level, name = len(parts) - 1, parts[-1]
    if is_folder and level < depth:
        return "=" in name and not is_hidden(name)
    if is_folder:
        return name.startswith("_bucket=")
    return level >= depth and name.endswith(".parquet") and not is_hidden(name)
