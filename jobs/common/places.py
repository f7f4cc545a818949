"""Where a run writes, refused before anything is read if two of its places are in each other's way."""

from dataclasses import dataclass
from itertools import permutations

from jobs.common.errors import UsageError
from jobs.common.files import Files

_OWNER = "_table"


@dataclass(frozen=True)
class Places:
    """A run's table, quarantine and manifest, as full Hadoop paths."""

    output: str
    quarantine: str
    manifest: str

    def check(self, files: Files) -> None:
        """See that the places are apart, of the right kind, and this table's.

        Raises:
            UsageError: Where they are not; all faults at once.
        """
        faults = [*self._overlaps(), *self._wrong_kinds(files), *self._foreign_quarantine(files)]
        if faults:
            raise UsageError("; ".join(faults))

    def claim(self, files: Files) -> None:
        """Write down whose quarantine it is, and see that the manifest can be written where it is wanted.

        Raises:
            JobFailed: Where the file system refuses.
        """
        files.make_folder(self.quarantine)
        if files.find(f"{self.quarantine}/{_OWNER}") is None:
            files.write(f"{self.quarantine}/{_OWNER}", f"{self.output}\n")
        folder, name = self.manifest.rsplit("/", 1)
        files.make_folder(folder)
        files.write(f"{folder}/.{name}.probe", "")
        files.delete(f"{folder}/.{name}.probe")

    def _flags(self) -> dict[str, str]:
        return {"--output": self.output, "--quarantine": self.quarantine, "--manifest": self.manifest}

    def _overlaps(self) -> list[str]:
        pairs = permutations(self._flags().items(), 2)
        inside = [
            (flag, place, other)
            for (flag, place), (other, holder) in pairs
            if f"{place}/".startswith(f"{holder}/") and (place != holder or flag < other)
        ]
        return [
            f"{flag}: {place} lies in {other}, where one would be taken for a part of the other; "
            "accepted: three places apart from each other"
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
        if files.find(self.quarantine) is None or files.find(owner) is None:
            return []
        table = files.read(owner).decode("utf-8").strip()
        if table == self.output:
            return []
        fault = (
            f"--quarantine: {self.quarantine} belongs to the table {table} (says {owner}), whose refused rows a run of "
            "the same id would remove; accepted: a quarantine for each table"
        )
        return [fault]
