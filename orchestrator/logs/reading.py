"""A step's logs as they arrive: which files there are by now, and what of them has not been read yet.

EMR puts a log anew whenever it has grown, whole: what was read before is passed over.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from orchestrator.aws.objects import Listed, Objects
from orchestrator.logs.places import Place, applications, is_drivers
from orchestrator.logs.text import lines, pieces, shown
from orchestrator.secrets import KeyBlocks

# YARN's client names its application at its beginning.
_PARTS_WITH_THE_APPLICATION: Final = 2
_NAME_APPLICATIONS: Final = ("stderr", "controller", "syslog", "stdout")


@dataclass(frozen=True)
class Line:
    """A line of a log."""

    uri: str
    text: str


class Logs:
    """The logs of one step, its driver's among them; what is told has gone through `redact`."""

    def __init__(self, objects: Objects, place: Place, redact: Callable[[str], str] = str) -> None:
        """Begin with nothing read."""
        self._objects, self._place, self._redact = objects, place, redact
        # Of each file the version that was read last, and how many characters of whole lines.
        self._versions: dict[str, str] = {}
        self._read: dict[str, int] = {}
        self._keys: dict[str, KeyBlocks] = defaultdict(KeyBlocks)
        # Of each file that names applications: its version, and those.
        self._applications: dict[str, tuple[str, list[str]]] = {}

    def files(self, until: float) -> list[Listed]:
        """List the files that are there by now: the step's, then its driver's."""
        bucket, place = self._place.folder.bucket, self._place
        found = self._objects.files(bucket, place.step_prefix, until)
        if not found and place.is_own:
            # How EMR lays logs out below a step's own LogUri is not documented.
            everything = self._objects.files(bucket, place.folder.prefix(), until)
            found = [file for file in everything if f"/{place.step_id}/" in f"/{file.key}"]
        for application in dict.fromkeys(name for file in found for name in self._named(file, until)):
            listed = self._objects.files(bucket, place.application_prefix(application), until)
            found += [file for file in listed if is_drivers(file.key)]
        return found

    def grown(self, until: float) -> list[Listed]:
        """List the files that have changed since they were read."""
        return [file for file in self.files(until) if self._versions.get(file.key) != file.version]

    def unread(self, file: Listed, until: float, *, with_rest: bool = False) -> Iterator[Line]:
        """Read what of a file is new, in whole lines; `with_rest` the unfinished last one too."""
        uri, read, at = self._place.folder.uri(file.key), self._read.get(file.key, 0), 0
        for piece in pieces(self._objects.parts(self._place.folder.bucket, file, until)):
            at += len(piece)
            if at > read and (with_rest or piece.endswith("\n")):
                read = self._read[file.key] = at
                yield Line(uri, self._redact(self._keys[file.key](shown(piece))))
        self._versions[file.key] = file.version
        if at < read:  # shorter than before: another log of the same name
            self._read[file.key] = 0
            yield from self.unread(file, until, with_rest=with_rest)

    def text(self, file: Listed, until: float, most_parts: int) -> Iterator[str]:
        """Read a file's lines from its beginning, up to so many parts."""
        parts = self._objects.parts(self._place.folder.bucket, file, until)
        return lines(islice(parts, most_parts))

    def _named(self, file: Listed, until: float) -> list[str]:
        name = file.key.rpartition("/")[2].removesuffix(".gz")
        if name not in _NAME_APPLICATIONS:
            return []
        version, found = self._applications.get(file.key, ("", []))
        if version != file.version:
            found = applications(self.text(file, until, _PARTS_WITH_THE_APPLICATION))
            self._applications[file.key] = (file.version, found)
        return found
