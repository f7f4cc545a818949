from types import SimpleNamespace

import pytest

from orchestrator.waiting import Deadline, wait_for


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give a clock that only sleeping moves, and what was slept."""
    slept: list[float] = []
    clock = SimpleNamespace(monotonic=lambda: 1000 + sum(slept), sleep=slept.append)
    monkeypatch.setattr("orchestrator.waiting.time", clock)
    return slept


def test_the_first_true_answer_is_returned_and_nothing_is_asked_after_it(slept: list[float]) -> None:
    answers = iter(["", "", "here", "too late"])
    assert wait_for(lambda: next(answers), Deadline(10), pause_s=2) == "here"
    assert slept == [2, 2]


def test_the_last_pause_ends_with_the_deadline_and_one_more_question(slept: list[float]) -> None:
    asked: list[float] = []

    def find() -> bool:
        asked.append(sum(slept))
        return False

    assert wait_for(find, Deadline(5), pause_s=2) is False
    assert asked == [0, 2, 4, 5]


def test_a_deadline_of_no_time_asks_once(slept: list[float]) -> None:
    assert wait_for(lambda: "here", Deadline(0)) == "here"
    assert wait_for(lambda: "", Deadline(0)) == ""
    assert slept == []


def test_what_is_left_of_a_deadline_is_never_less_than_nothing(slept: list[float]) -> None:
    deadline = Deadline(3)
    assert deadline.left_s == 3
    slept.append(2)
    assert deadline.left_s == 1
    slept.append(2)
    assert deadline.left_s == 0
