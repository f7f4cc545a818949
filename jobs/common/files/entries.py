"""What a listing gives."""

from dataclasses import dataclass

HIDDEN = ("_", ".")
COPYING = "._COPYING_"


@dataclass(frozen=True, order=True)
class Entry:
    """A file or a folder: `uri` is its full Hadoop path, unescaped; `modified` in milliseconds since the epoch."""

    uri: str
    size: int
    modified: int
    etag: str | None
    is_folder: bool

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.uri.rsplit("/", 1)[-1]


def is_hidden(name: str) -> bool:
    """Tell names that listings of folders leave out, as Hadoop's and Spark's do."""
    return name.startswith(HIDDEN) or name.endswith(COPYING)
