import gzip
from pathlib import Path

from benchmarks.readings_race.data import delivery, joined, total
from benchmarks.readings_race.messages import Chunk, lines
from tests.benchmarks.readings_race.deliveries import small_delivery


def texts(folder: str) -> list[str]:
    objects = sorted(Path(folder).iterdir())
    return [line for each in objects for line in gzip.decompress(each.read_bytes()).decode().splitlines()]


def test_a_delivery_holds_its_chunks_in_order(tmp_path: Path) -> None:
    made = small_delivery(tmp_path)
    assert len(list(Path(made.folder).iterdir())) == made.objects == 3
    assert texts(made.folder) == [
        line for number in range(3) for line in lines(Chunk(7, 0, number, 3, 1000)).to_pylist()
    ]
    assert (made.messages, made.bad, made.rows) == (3000, 15, 3000 - 15 - 30 - 20)


def test_small_objects_hold_the_same_messages(tmp_path: Path) -> None:
    large, small = small_delivery(tmp_path), delivery(tmp_path, Chunk(7, 0, 0, 3, 1000), pieces=7)
    assert small.objects == 21
    assert texts(small.folder) == texts(large.folder)
    assert (small.messages, small.rows) == (large.messages, large.rows)


def test_a_delivery_is_made_once_and_one_that_was_cut_off_anew(tmp_path: Path) -> None:
    made = small_delivery(tmp_path)
    first = Path(made.folder) / "00000-000.json.gz"
    before = first.read_bytes()
    first.write_bytes(b"")
    assert small_delivery(tmp_path) == made
    assert first.read_bytes() == b""
    (Path(made.folder).parent / "facts.json").unlink()
    assert small_delivery(tmp_path) == made
    assert first.read_bytes() == before


def test_blocks_add_up(tmp_path: Path) -> None:
    first, second = small_delivery(tmp_path), small_delivery(tmp_path, 1)
    assert total([first, second]) == (6000, first.rows + second.rows)


def test_lines_are_joined_wherever_they_begin() -> None:
    made = lines(Chunk(7, 0, 0, 3, 10))
    assert joined(made[3:5]).decode() == "".join(f"{line}\n" for line in made.to_pylist()[3:5])
    assert joined(made[3:3]) == b""
