"""What a run reads: inputs are listed once, and the list is kept.

Its hash makes the run of today another one than that of yesterday.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from orchestrator.aws.objects import Objects
from orchestrator.errors import UsageError
from orchestrator.identity import digest

# The list of a run's inputs is read by the job's driver, and a prefix of more is better read by its days.
MOST_OBJECTS: Final = 1_000_000


@dataclass(frozen=True)
class Listing:
    """The objects of inputs that are pinned, in the order of their names; `key` is a hash of names, sizes and ETags.

    Of inputs that are not pinned (a table, which the job reads as it is then) only the hash is known.
    """

    uris: tuple[str, ...]
    key: str

    @property
    def text(self) -> str:
        """Return what --inputs-from reads: a URI a line."""
        return "".join(f"{uri}\n" for uri in self.uris)

    @property
    def sha256(self) -> str:
        """Return the hash of that text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def list_inputs(objects: Objects, inputs: Sequence[str], until: float, *, is_pinned: bool = True) -> Listing:
    """List the objects of inputs: each a prefix (`s3://bucket/folder/`) or the URI of one object.

    What begins with `_` or `.` below a prefix is no input, as for Spark.

    Raises:
        UsageError: An input has no objects, too many, or is no URI of S3.
        RefusedCallError: A bucket may not be listed.
    """
    found: dict[str, tuple[int, str]] = {}
    empty = []
    for uri in inputs:
        parts = urlsplit(uri)
        if parts.scheme not in {"s3", "s3a", "s3n"} or not parts.netloc:
            raise UsageError(
                f"input {uri}: expected s3://bucket/…, so that it can be listed; else set pin_inputs: false"
            )
        prefix = uri.split("://", 1)[1].partition("/")[2]
        listed = objects.files(parts.netloc, prefix, until, most=MOST_OBJECTS)
        kept = [each for each in listed if is_input(each.key, prefix) and each.size]
        if not kept and is_pinned:
            empty.append(uri)
        found |= {f"{parts.scheme}://{parts.netloc}/{each.key}": (each.size, each.version) for each in kept}
    if empty:
        raise UsageError(
            f"inputs {', '.join(empty)}: expected objects, found none; does the prefix end with '/'?"
        )
    if len(found) > MOST_OBJECTS:
        raise UsageError(
            f"inputs: expected up to {MOST_OBJECTS} objects a run, found more; give it fewer prefixes"
        )
    uris = tuple(sorted(found))
    key = digest("inputs", list(inputs), [[uri, *found[uri]] for uri in uris])
    return Listing(uris if is_pinned else (), key)


def is_input(key: str, prefix: str) -> bool:
    """Tell an object of the prefix from one whose name only begins like it, and from markers and hidden files."""
    rest = key.removeprefix(prefix)
    is_within = not prefix or prefix.endswith("/") or rest == "" or rest.startswith("/")
    return is_within and not key.endswith("/") and not any(part[:1] in {"_", "."} for part in rest.split("/"))
