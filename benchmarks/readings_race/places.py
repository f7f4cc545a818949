"""What every single-machine engine is told, and how it puts its rows into the table that the job would make."""

import argparse
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from isal import igzip


@dataclass(frozen=True)
class Work:
    """Folders of objects, the table's folder, and where bad messages go. A table that is there is merged with."""

    inputs: tuple[str, ...]
    table: Path
    quarantine: Path

    @property
    def staging(self) -> Path:
        """Where new files are written until all of them are there."""
        return self.table.with_name(f"{self.table.name}-staging")

    def objects(self) -> list[str]:
        """List the objects, by name."""
        return sorted(str(path) for folder in self.inputs for path in Path(folder).glob("*.gz"))

    def parts(self, stored_bytes: int) -> Iterator[list[str]]:
        """Yield the objects in parts of about so many bytes: few enough for memory, enough for what a part costs."""
        part: list[str] = []
        size = 0
        for name in self.objects():
            part.append(name)
            size += Path(name).stat().st_size
            if size >= stored_bytes:
                yield part
                part, size = [], 0
        if part:
            yield part

    def held(self, dates: Iterable[object]) -> list[str]:
        """List the files that the table holds of some dates."""
        return sorted(
            str(path) for day in dates for path in (self.table / f"event_date={day}").glob("*.parquet")
        )

    def publish(self) -> None:
        """Put the staged partitions in the place of those that the table holds."""
        self.table.mkdir(parents=True, exist_ok=True)
        for partition in sorted(self.staging.iterdir()):
            shutil.rmtree(self.table / partition.name, ignore_errors=True)
            partition.rename(self.table / partition.name)
        self.staging.rmdir()


def unpacked(path: str) -> bytes:
    """Return the text of an object, by the fastest gunzip there is."""
    return bytes(igzip.decompress(Path(path).read_bytes()))  # type: ignore[no-untyped-call] # the function has no types


def read_work(argv: Sequence[str]) -> Work:
    """Read the command line, and make the folders that are written to.

    Raises:
        SystemExit: With code 2 and the fault on stderr, where it is wrong.
    """
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--input", action="append", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--quarantine", required=True)
    found = parser.parse_args(list(argv))
    work = Work(tuple(found.input), Path(found.output), Path(found.quarantine))
    shutil.rmtree(work.staging, ignore_errors=True)
    work.staging.mkdir(parents=True)
    work.quarantine.mkdir(parents=True, exist_ok=True)
    return work
