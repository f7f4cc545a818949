"""Where a run writes, refused before anything is read if two of its places are in each other's way."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

from jobs.common.arguments import Arguments, Format
from jobs.common.commit import delta_log
from jobs.common.commit.journal import read_journal
from jobs.common.commit.layout import Layout
from jobs.common.errors import UsageError
from jobs.common.files import Files, is_hidden, is_object_store, one_scheme

_OWNER = "_table"


@dataclass(frozen=True)
class Places:
    """A run's table, quarantine (where its kind has one) and manifest, as full Hadoop paths."""

    output: str
    quarantine: str | None
    manifest: str

    @classmethod
    def of(cls, files: Files, arguments: Arguments) -> "Places":
        """Take the places of a command line."""
        quarantine = files.qualified(arguments.quarantine) if arguments.quarantine else None
        return cls(files.qualified(arguments.output), quarantine, files.qualified(arguments.manifest))

    def check(self, files: Files) -> None:
        """See that the places are apart, of the right kind, and this table's.

        Raises:
            UsageError: Where they are not; all faults at once.
        """
        faults = self._buckets() or [
            *self._overlaps(),
            *self._wrong_kinds(files),
            *self._foreign_quarantine(files),
        ]
        if faults:
            raise UsageError("; ".join(faults))

    def refuse_own(self, inputs: Sequence[str]) -> None:
        """See that inputs are none of the run's own places.

        Raises:
            UsageError: Where one is.
        """
        own = tuple(f"{one_scheme(place)}/" for place in (self.output, self.quarantine) if place)
        found = [(uri, one_scheme(uri)) for uri in inputs]
        inside = [uri for uri, same in found if same.startswith(own) or same == one_scheme(self.manifest)]
        if inside:
            raise UsageError(
                f"--input: {inside[0]} ({len(inside)} objects in all) lies in the run's own output or quarantine, "
                "or is its manifest; accepted: inputs outside of them"
            )

    def claim(self, files: Files) -> None:
        """Write down whose quarantine it is, and see that the manifest can be written where it is wanted.

        Raises:
            JobFailed: Where the file system refuses.
        """
        if self.quarantine:
            files.make_folder(self.quarantine)
            if files.find(f"{self.quarantine}/{_OWNER}") is None:
                files.write(f"{self.quarantine}/{_OWNER}", f"{self.output}\n")
        folder, name = self.manifest.rsplit("/", 1)
        files.make_folder(folder)
        files.write(f"{folder}/.{name}.probe", "")
        files.delete(f"{folder}/.{name}.probe")

    def _check_job(self, files: Files, job: str) -> None:
        # A record whose writing was cut off has a hidden name.
        records = [one for one in files.children(Layout(self.output).records) if not is_hidden(one.name)]
        written = read_journal(files, records[0].uri) if records else None
        if written and written.manifest.get("job") != job:
            raise UsageError(
                f"--output: {self.output} is a table of {written.manifest.get('job')} ({records[0].uri} says so); "
                f"accepted: a table of {job}, or a new place"
            )

    def _flags(self) -> dict[str, str]:
        places = {"--output": self.output, "--quarantine": self.quarantine, "--manifest": self.manifest}
        return {flag: place for flag, place in places.items() if place}

    def _buckets(self) -> list[str]:
        return [
            f"{flag}: {place} is a whole bucket; accepted: a folder in it"
            for flag, place in self._flags().items()
            if is_object_store(place) and not "".join(place.split("/")[3:])
        ]

    def _overlaps(self) -> list[str]:
        pairs = permutations(self._flags().items(), 2)
        inside = [
            (flag, place, other)
            for (flag, place), (other, holder) in pairs
            if _is_within(place, holder) and (flag < other or not _is_within(holder, place))
        ]
        return [
            f"{flag}: {place} lies in {other}, where one would be taken for a part of the other; "
            "accepted: places apart from each other"
            for flag, place, other in inside
        ]

    def _wrong_kinds(self, files: Files) -> list[str]:
        faults = []
        for flag, place in self._flags().items():
            found = files.find(place)
            if found and found.is_folder == (flag == "--manifest"):
                met, accepted = ("folder", "file") if found.is_folder else ("file", "folder")
                faults.append(f"{flag}: {place} is a {met}; accepted: a {accepted}, or a name that is free")
        return faults

    def _foreign_quarantine(self, files: Files) -> list[str]:
        owner = f"{self.quarantine}/{_OWNER}"
        if not self.quarantine or files.find(self.quarantine) is None or files.find(owner) is None:
            return []
        table = files.read(owner).decode("utf-8").strip()
        if one_scheme(table) == one_scheme(self.output):
            return []
        fault = (
            f"--quarantine: {self.quarantine} belongs to the table {table} (says {owner}), whose refused rows a run of "
            "the same id would remove; accepted: a quarantine for each table"
        )
        return [fault]

    def check_table(self, files: Files, format_: Format, job: str) -> None:
        """See that the table, once earlier runs have come to their end, is of this format and this job's.

        Raises:
            UsageError: Where it is not.
        """
        self._check_job(files, job)
        if delta_log.is_delta(files, self.output):
            met: Format = "delta"
        elif any("=" in entry.name and entry.is_folder for entry in files.children(self.output)):
            met = "parquet"
        else:
            return
        if met != format_:
            raise UsageError(
                f"--format {format_}: {self.output} holds a {met} table; accepted: --format {met}, or another place"
            )


def _is_within(place: str, holder: str) -> bool:
    return f"{one_scheme(place)}/".startswith(f"{one_scheme(holder)}/")
