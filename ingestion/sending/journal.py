"""How many records were acknowledged, kept in a file: where to go on after a crash."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from ingestion.devices.errors import UsageError


@dataclass(frozen=True)
class Progress:
    """Records that the stream has acknowledged, in the order in which they are made, and how often some went again."""

    parameters: Mapping[str, Any]
    acknowledged: int = 0
    sent_again: int = 0


class Journal:
    """The progress of one sender; without a file it is forgotten."""

    def __init__(self, path: Path | None, parameters: Mapping[str, Any]) -> None:
        """Take up what a former process has left.

        Raises:
            UsageError: The file is of another delivery, or none.
        """
        self._path = path
        # As they come back from the file.
        told = msgspec.json.decode(msgspec.json.encode(parameters))
        self.progress = Progress(told)
        if path is not None and path.exists():
            self.progress = _read(path, told)

    def acknowledge(self, count: int, sent_again: int) -> None:
        """Record that so many records more were acknowledged; when this returns it survives the process."""
        before = self.progress
        self.progress = Progress(
            before.parameters, before.acknowledged + count, before.sent_again + sent_again
        )
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_name(f".{self._path.name}.part")
        with part.open("wb") as file:
            file.write(msgspec.json.encode(asdict(self.progress)))
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._path)


def _read(path: Path, parameters: Mapping[str, Any]) -> Progress:
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Progress)
    except (msgspec.MsgspecError, OSError) as fault:
        raise UsageError(
            f"--state {path}: expected what an earlier run of this command has written, got: {fault}; "
            "name another file"
        ) from fault
    if found.parameters != parameters:
        changed = sorted(
            name
            for name in {*found.parameters, *parameters}
            if found.parameters.get(name) != parameters.get(name)
        )
        raise UsageError(
            f"--state {path}: it is of a delivery with other options ({', '.join(changed)}); run the command that "
            "began it, or name another file"
        )
    return found
