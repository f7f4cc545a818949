import gzip
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from jobs.common.errors import JobFailed
from jobs.common.files import Files
from jobs.common.readers.inputs import find_objects
from jobs.common.readers.pieces import open_pieces, stored_objects

MARK = b"\xef\xbb\xbf"


def write(folder: Path, contents: list[bytes]) -> None:
    for at, content in enumerate(contents):
        (folder / f"{at}").write_bytes(content)


tokens = st.sampled_from([b"}", b"}}", MARK, b"\x1f\x8b", b"\n", b"\r", b"{", b"\x00", b"\xff", b"x"])
tricky = st.lists(tokens | st.binary(max_size=6), max_size=12).map(b"".join)
stored_bytes = tricky | tricky.map(gzip.compress) | tricky.map(lambda rest: MARK + gzip.compress(rest))


@given(contents=st.lists(stored_bytes, min_size=150, max_size=150))
@settings(max_examples=2, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_any_bytes_reach_the_tasks_as_they_are(
    spark: SparkSession, tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    large = random.Random(5).randbytes(700_000)  # noqa: S311 - no secret
    contents = [
        *contents,
        large,
        MARK + large + b"}",
        b"x" * 300_000,
        b"}" * 70_000,
        MARK + b"\x1f\x8b" + large,
    ]
    write(folder, contents)
    objects = find_objects(Files(spark), [str(folder)], [])
    pieces, moved = open_pieces(spark, objects, f"{folder}/aside")
    got = pieces.mapPartitions(
        lambda part: [(uri, b"".join(stored)) for uri, stored in stored_objects(part, moved)]
    ).collect()
    assert len(got) == len(contents)
    assert dict(got) == {f"file:{folder}/{at}": content for at, content in enumerate(contents)}


@pytest.mark.parametrize(
    ("size", "data"),
    [(10, [b"12", b"45"]), (4, [b"12", b"45"]), (5, [b""]), (2, [b""]), (0, [b"x"]), (7, [b"12", b"45"])],
)
def test_a_size_that_does_not_fit_the_bytes_is_named(size: int, data: list[bytes]) -> None:
    pieces = [("file:/a%20b", size, each) for each in data]
    uri, stored = next(stored_objects(pieces, {}))
    assert uri == "file:/a b"
    with pytest.raises(JobFailed, match=rf"^file:/a b: expected {size} bytes, read .*; run again when"):
        list(stored)


def test_an_object_is_handed_on_in_parts_of_bounded_size() -> None:
    pieces = (("file:/a", 64 * 1024 * 1024 - 1, b"x" * (64 * 1024 - 1)) for _ in range(1024))
    _, stored = next(stored_objects(pieces, {}))
    sizes = [len(part) for part in stored]
    assert (max(sizes), sum(sizes)) == (256 * 1024, 64 * 1024 * 1024 - 1)
