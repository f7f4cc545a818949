"""Direct puts that survive the process."""

from pathlib import Path

import pytest

from local_aws.firehose.spool import SHARD, Spool


def texts(spool: Spool, delivered: dict[str, str]) -> list[bytes]:
    return [record.data for record in spool.read(delivered)]


def test_what_was_acknowledged_is_there_after_a_crash_and_what_is_delivered_is_not(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    spool = Spool(path, {})
    first, second = spool.put([b"a", b"\xff\n"], 7)
    assert texts(spool, {}) == [b"a", b"\xff\n"]
    assert texts(spool, {}) == []
    spool.close()
    again = Spool(path, {SHARD: first})
    [record] = again.read({SHARD: first})
    assert (record.data, record.arrived_at, record.sequence) == (b"\xff\n", 7, second)
    again.close()


def test_a_line_that_was_cut_off_was_never_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    spool = Spool(path, {})
    spool.put([b"a"], 1)
    spool.close()
    with path.open("ab") as file:
        file.write(b'[2, 1, "Yg')
    again = Spool(path, {})
    assert texts(again, {}) == [b"a"]
    again.put([b"c"], 2)
    again.close()
    last = Spool(path, {})
    assert texts(last, {}) == [b"a", b"c"]
    last.close()


def test_a_crash_while_it_is_taken_up_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "spool"
    spool = Spool(path, {})
    spool.put([b"a"], 1)
    spool.close()

    def crash(_path: Path, data: bytes) -> int:
        path.open("wb").close()
        raise RuntimeError(data)

    monkeypatch.setattr(Path, "write_bytes", crash)
    again = Spool(path, {})
    assert texts(again, {}) == [b"a"]
    again.close()


def test_numbers_go_on_when_all_is_delivered_and_the_file_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    spool = Spool(path, {})
    [first] = spool.put([b"a"], 1)
    spool.forget({SHARD: first})
    assert path.read_bytes() != b"", "it has not been read yet"
    spool.read({})
    spool.forget({SHARD: first})
    assert path.read_bytes() == b""
    spool.close()
    again = Spool(path, {SHARD: first})
    [second] = again.put([b"b"], 2)
    assert second > first
    assert texts(again, {SHARD: first}) == [b"b"]
    again.close()
