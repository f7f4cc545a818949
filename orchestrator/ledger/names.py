"""Names of the ledger's documents, below `_state/`."""

import re
from dataclasses import dataclass
from typing import Final

from orchestrator.errors import UsageError

_PIPELINE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_DIGITS: Final = 8


@dataclass(frozen=True)
class Names:
    """The names of one pipeline's ledger."""

    pipeline: str

    def __post_init__(self) -> None:
        """Refuse a name that could lead elsewhere.

        Raises:
            UsageError: It could.
        """
        if not _PIPELINE.fullmatch(self.pipeline):
            raise UsageError(
                "pipeline: expected up to 100 letters, digits, '_', '-' and '.', beginning with a letter or digit, "
                f"got {self.pipeline!r}"
            )

    @property
    def root(self) -> str:
        """Name the ledger's folder."""
        return f"ledger/{self.pipeline}/"

    @property
    def arrived(self) -> str:
        """Name the folder of all segments."""
        return f"{self.root}arrived/"

    @property
    def folded(self) -> str:
        """Name the folder of snapshots."""
        return f"{self.root}folded/"

    @property
    def shards(self) -> str:
        """Name the folder of shards."""
        return f"{self.root}shards/"

    @property
    def archives(self) -> str:
        """Name the folder of archives."""
        return f"{self.root}archive/"

    def segment(self, generation: int, recorded_at: float, nonce: str) -> str:
        """Name a segment."""
        return f"{self.arrived}{generation:0{_DIGITS}}/{recorded_at:017.6f}-{nonce}.json"

    def sealed(self, generation: int) -> str:
        """Name what says that nothing is put into a generation any more."""
        return f"{self.root}sealed/{generation:0{_DIGITS}}.json"

    def snapshot(self, generation: int) -> str:
        """Name the snapshot of all that came before a generation."""
        return f"{self.folded}{generation:0{_DIGITS}}.json"

    def shard(self, generation: int, nonce: str, number: int) -> str:
        """Name a shard of a snapshot."""
        return f"{self.shards}{generation:0{_DIGITS}}-{nonce}/{number:04}.json.gz"

    def archive(self, generation: int, nonce: str) -> str:
        """Name an archive."""
        return f"{self.archives}{generation:0{_DIGITS}}-{nonce}.json"

    def batch(self, number: int) -> str:
        """Name a batch."""
        return f"{self.root}batches/{number:0{_DIGITS}}.json"

    def closing(self, number: int) -> str:
        """Name the closing of a batch."""
        return f"{self.root}closed/{number:0{_DIGITS}}.json"


def generation_of(name: str, folder: str) -> int:
    """Read the generation that a name below a folder begins with."""
    return int(name.removeprefix(folder)[:_DIGITS])
