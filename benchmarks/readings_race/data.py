"""Deliveries on disk: folders of gzip objects, made once, and the counts that every engine must find in them."""

import json
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from isal import igzip

from benchmarks.readings_race.messages import Chunk, lines

# A new form of the messages makes a new folder.
_FORM: Final = 1
_GZIP_LEVEL: Final = 2
_FACTS: Final = "facts.json"


@dataclass(frozen=True)
class Delivery:
    """A folder of objects: how many messages they hold, how many are bad, and how many keys the others have."""

    folder: str
    objects: int
    messages: int
    bad: int
    rows: int


def delivery(cache: Path, chunk: Chunk, pieces: int = 1) -> Delivery:
    """Return the delivery of a whole block, each chunk in so many objects; makes it where it is not there.

    `chunk` tells the seed, the block, how many chunks there are, and how large each is.
    """
    name = f"{_FORM}-{chunk.seed}-{chunk.of}x{chunk.messages}-{pieces}"
    folder = cache / name / f"block-{chunk.block}"
    if not (folder / _FACTS).exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        chunks = [
            Chunk(chunk.seed, chunk.block, number, chunk.of, chunk.messages) for number in range(chunk.of)
        ]
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            list(threads.map(lambda each: write_chunk(folder / "objects", each, pieces), chunks))
        made = Delivery(
            str(folder / "objects"),
            chunk.of * pieces,
            sum(each.messages for each in chunks),
            sum(each.bad for each in chunks),
            sum(each.rows for each in chunks),
        )
        (folder / _FACTS).write_text(json.dumps(asdict(made)))
    facts = json.loads((folder / _FACTS).read_text())
    return Delivery(**{**facts, "folder": str(folder / "objects")})


def write_chunk(folder: Path, chunk: Chunk, pieces: int) -> None:
    """Write the messages of a chunk as objects, evenly; the same chunk gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    made = lines(chunk)
    ends = np.linspace(0, len(made), pieces + 1).astype(int)
    for piece, (start, end) in enumerate(pairwise(ends)):
        path = folder / f"{chunk.number:05d}-{piece:03d}.json.gz"
        path.write_bytes(igzip.compress(joined(made[start:end]), _GZIP_LEVEL))


def joined(part: pa.Array) -> bytes:
    """Return lines with an LF after each, without a Python object for any."""
    with_ends = pa.concat_arrays([pc.binary_join_element_wise(part, "", "\n")])
    _, offsets, text = with_ends.buffers()
    first, last = np.frombuffer(offsets, np.int32)[[with_ends.offset, with_ends.offset + len(with_ends)]]
    return bytes(text[int(first) : int(last)])


def total(deliveries: Sequence[Delivery]) -> tuple[int, int]:
    """Count the messages and the rows of several deliveries; their devices, and so their keys, are not the same."""
    return sum(each.messages for each in deliveries), sum(each.rows for each in deliveries)
