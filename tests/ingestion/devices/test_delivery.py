import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.devices.delivery import Delivery, Layout, write_once
from ingestion.devices.errors import SourceError, UsageError
from ingestion.devices.truth import Delivered
from tests.ingestion.deliveries import contents

NEW_YEAR_MS = 1_704_067_200_000


def test_an_object_has_the_name_that_firehose_would_give_it(tmp_path: Path) -> None:
    delivery = Delivery(Layout(tmp_path, 2, b"digest"))
    delivery.add([b"a\n", b"b\n", b"c\n"], [NEW_YEAR_MS - 1, NEW_YEAR_MS, NEW_YEAR_MS + 3_600_000])
    assert [path.rsplit("-", 5)[0] for path in contents(tmp_path)] == [
        "2023/12/31/23/device-readings-1-2023-12-31-23-59-59"
    ]
    delivery.close()
    assert [path[:13] for path in contents(tmp_path)] == ["2023/12/31/23", "2024/01/01/01"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_objects_hold_so_many_messages_in_order(tmp_path: Path, size: int) -> None:
    delivery = Delivery(Layout(tmp_path, size, b""))
    lines = [f"{number}\n".encode() for number in range(10)]
    for begin, end in ((0, 1), (1, 8), (8, 10)):
        delivery.add(lines[begin:end], [NEW_YEAR_MS + 1_000 * number for number in range(begin, end)])
    delivered = delivery.close()
    objects = [gzip.decompress(content) for content in contents(tmp_path).values()]
    assert objects == [b"".join(lines[begin : begin + size]) for begin in range(0, 10, size)]
    assert delivered == Delivered(len(objects), 0, sum(map(len, contents(tmp_path).values())))


def test_a_damaged_object_is_laid_down_as_it_is(tmp_path: Path) -> None:
    delivery = Delivery(Layout(tmp_path, 10, b""))
    delivery.add_damaged(b"", NEW_YEAR_MS)
    assert delivery.close() == Delivered(objects=1, damaged_objects=1, bytes=0)
    assert list(contents(tmp_path).values()) == [b""]


def test_nothing_is_delivered_of_nothing(tmp_path: Path) -> None:
    assert Delivery(Layout(tmp_path, 10, b"")).close() == Delivered()


def test_no_time_of_writing_is_in_the_bytes(tmp_path: Path) -> None:
    delivery = Delivery(Layout(tmp_path, 1, b""))
    delivery.add([b"a\n"], [NEW_YEAR_MS])
    (content,) = contents(tmp_path).values()
    assert content[4:8] == bytes(4)


@given(digests=st.sets(st.binary(max_size=20), min_size=2, max_size=5))
def test_other_digests_give_other_names(digests: set[bytes]) -> None:
    layouts = [Layout(Path("nowhere"), 1, digest) for digest in digests]
    names = {Delivery(layout).name_next(NEW_YEAR_MS) for layout in layouts}
    assert len(names) == len(digests)


def test_writing_the_same_bytes_again_is_no_fault_and_other_bytes_are(tmp_path: Path) -> None:
    path = tmp_path / "a" / "object.gz"
    write_once(path, b"one")
    write_once(path, b"one")
    with pytest.raises(
        SourceError, match=r"object\.gz: expected no object of that name or one with the same bytes"
    ):
        write_once(path, b"two")
    assert contents(tmp_path) == {"a/object.gz": b"one"}


def test_a_layout_that_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--messages-per-object: expected 1 or more, got 0"):
        Layout(tmp_path, 0, b"")
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="--output: expected a folder, got the file"):
        Layout(tmp_path / "file", 1, b"")
