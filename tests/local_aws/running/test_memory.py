"""The machine's memory, and who waits for it."""

import threading
from pathlib import Path

import psutil
import pytest

from local_aws.running.memory import Memory, in_mib, machine_mib


@pytest.mark.parametrize(
    ("size", "mib"),
    [
        ("2g", 2048),
        ("512m", 512),
        ("512M", 512),
        ("1024", 1024),
        (" 1t ", 1024 * 1024),
        ("2048k", 2),
        ("3gb", 3072),
        ("1.5g", None),
        ("", None),
        ("much", None),
        ("-1g", None),
    ],
)
def test_sizes_are_read_as_spark_reads_them(size: str, mib: int | None) -> None:
    assert in_mib(size) == mib


@pytest.mark.parametrize(
    ("limit", "mib"), [("1073741824", 614), ("max", None), (None, None), ("99999999999999999", None)]
)
def test_steps_get_a_share_of_the_machine_or_of_its_container(
    tmp_path: Path, limit: str | None, mib: int | None
) -> None:
    file = tmp_path / "memory.max"
    if limit:
        file.write_text(f"{limit}\n")
    whole = int(psutil.virtual_memory().total * 0.6 / 1024 / 1024)
    assert machine_mib(file) == (mib or whole)


class Waiting:
    """A thread that takes a share and keeps it."""

    def __init__(self, memory: Memory, mib: int) -> None:
        self.given_up = threading.Event()
        self.got: bool | None = None
        self.has_ended = threading.Event()
        self._memory, self._mib = memory, mib
        threading.Thread(target=self._take).start()

    def _take(self) -> None:
        self.got = self._memory.take(self._mib, self.given_up)
        self.has_ended.set()


def test_shares_are_given_in_the_order_in_which_they_are_asked_for() -> None:
    memory = Memory(100)
    assert memory.take(60, threading.Event())
    large = Waiting(memory, 80)
    memory.until_waiting(1)
    small = Waiting(memory, 10)  # there is enough for it, but it came later
    memory.until_waiting(2)
    assert (large.got, small.got) == (None, None)
    memory.give_back(60)
    assert large.has_ended.wait(10)
    assert small.has_ended.wait(10)
    assert (large.got, small.got) == (True, True)


def test_who_gives_up_takes_nothing_and_lets_others_by() -> None:
    memory = Memory(100)
    assert memory.take(60, threading.Event())
    large = Waiting(memory, 80)
    memory.until_waiting(1)
    small = Waiting(memory, 40)
    memory.until_waiting(2)
    large.given_up.set()
    memory.look()
    assert large.has_ended.wait(10)
    assert small.has_ended.wait(10)
    assert (large.got, small.got) == (False, True)
    memory.give_back(40)
    memory.give_back(60)
    assert memory.take(100, threading.Event())


def test_what_is_held_waits_for_nobody_and_leaves_what_it_is_told_to() -> None:
    memory = Memory(100)
    assert not memory.try_hold(60, leaving=50)
    assert memory.try_hold(60, leaving=40)
    assert not memory.try_hold(60, leaving=0)
    assert memory.takeable == 40
    memory.let_go(60)
    assert memory.takeable == 100
    assert memory.try_hold(100, leaving=0)


def test_who_waits_to_hold_a_share_stands_in_nobodys_way() -> None:
    memory, never = Memory(100), threading.Event()
    assert memory.take(60, never)
    held = threading.Thread(target=memory.hold, args=(80, never), kwargs={"leaving": 10})
    held.start()
    held.join(0.2)
    assert held.is_alive()
    work = Waiting(memory, 30)
    came_by = work.has_ended.wait(10)
    memory.give_back(60)
    memory.give_back(30)
    held.join()
    assert came_by
    assert memory.takeable == 20


def test_who_waits_to_hold_a_share_can_give_up() -> None:
    memory, given_up = Memory(100), threading.Event()
    given_up.set()
    assert not memory.hold(200, given_up, leaving=0)
    assert memory.takeable == 100
