"""A commit of plain files for tests: two to add, two to remove, a quarantine, beside a file that stays."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jobs.common.commit.journal import Addition, Journal
from jobs.common.commit.layout import Layout
from jobs.common.commit.recovery import Attempt, begin
from jobs.common.files import Files

TABLE_BEFORE = {"day=1/00000001-old-00000.parquet": "old 1", "day=2/00000001-old-00001.parquet": "old 2"}
STAYS = {"day=9/00000001-old-00002.parquet": "stays"}
TABLE_AFTER = {"day=1/00000002-new-00000.parquet": "new 1", "day=3/00000002-new-00001.parquet": "new 33"}


class Stopped(Exception):  # noqa: N818 - stands for a kill, which is no error of the code
    """Raised at a commit point in place of the kill."""


@dataclass(frozen=True)
class Scene:
    """A table with a run that is staged."""

    root: Path
    files: Files
    layout: Layout
    attempt: Attempt
    journal: Journal

    @property
    def table(self) -> Path:
        """The table's folder."""
        return self.root / "table"

    def data(self) -> dict[str, str]:
        """Read the data files that readers see."""
        found = sorted(self.table.glob("day=*/*.parquet"))
        return {str(path.relative_to(self.table)): path.read_text() for path in found}

    def quarantine(self) -> list[str]:
        """Name the files in the run's quarantine."""
        return sorted(path.name for path in (self.root / "q" / "run_id=new").glob("*.parquet"))


def set_scene(files: Files, root: Path) -> Scene:
    """Make a table of an earlier run, and stage a run that replaces two of its files."""
    put(root, lay_table())
    layout, attempt, journal, staged = lay_out(files, str(root))
    put(root, staged)
    return Scene(root, files, layout, attempt, journal)


def lay_table() -> dict[str, str]:
    """Return the files of the table before the run."""
    return {f"table/{name}": text for name, text in {**TABLE_BEFORE, **STAYS}.items()}


def lay_out(files: Files, root: str) -> tuple[Layout, Attempt, Journal, dict[str, str]]:
    """Begin a run below any root, and tell its journal and the files that it stages and refuses."""
    layout = Layout(files.qualified(f"{root}/table"))
    attempt = begin(files, layout, "new", files.qualified(f"{root}/q"))
    staged = f"_staging/new/{attempt.token}"
    contents = {f"{staged}/{number}.parquet": text for number, text in enumerate(TABLE_AFTER.values())}
    journal = Journal(
        run_id="new",
        attempt=attempt.token,
        fingerprint="prints",
        manifest_uri=files.qualified(f"{root}/manifests/new.json"),
        manifest={"run_id": "new"},
        quarantine=attempt.quarantine,
        quarantine_keep=["kept.parquet"],
        add=[
            Addition(name, final, len(text))
            for (name, text), final in zip(contents.items(), TABLE_AFTER, strict=True)
        ],
        remove=list(TABLE_BEFORE),
    )
    refused = {"kept.parquet": "bad", "earlier.parquet": "of a try that was given up"}
    places = {f"table/{name}": text for name, text in contents.items()}
    places |= {f"q/run_id=new/{name}": text for name, text in refused.items()}
    return layout, attempt, journal, places


def put(folder: Path, contents: dict[str, str]) -> None:
    """Write files and the folders they stand in."""
    for name, text in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def stop_at(point: str) -> Callable[[str], None]:
    """Return a `reach` that stops at the point."""

    def reach(reached: str) -> None:
        if reached == point:
            raise Stopped(point)

    return reach
