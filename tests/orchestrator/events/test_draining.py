"""Work until nothing is left, or until somebody says that it is over."""

import itertools
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from orchestrator.engine.records import State
from orchestrator.errors import RefusedError, TimedOutError
from orchestrator.events import draining
from orchestrator.events.draining import Crew, drain, finish, serve
from orchestrator.ledger.cutting import Policy
from tests.orchestrator.events.pretended import BEGINNING, Queue, event, notification, source
from tests.orchestrator.events.test_turning import RUNNING, SUCCEEDED, Runs, World

UNTIL = BEGINNING + 1000


class Works:
    """A road whose queue, ledger and runs are pretended."""

    def __init__(self, runs: Runs, *bodies: str) -> None:
        """Begin with messages."""
        self.world, self.queue, self.dead = World(runs), Queue(*bodies), Queue()
        self.told: list[str] = []
        self.most = 1000
        road = SimpleNamespace(
            pipeline=SimpleNamespace(name="p"),
            edge=SimpleNamespace(clock=self.world.clock, bounds=SimpleNamespace(poll_s=0.01)),
            source=lambda _sqs: source(self.queue, self.dead, most=self.most),
            ledger=lambda: self.world.ledger,
            policy=lambda is_due=False: Policy(max_wait_minutes=0.0, max_attempts=1 + is_due),
        )
        made: Any = road
        self.crew = Crew(made, self.world.turning, None, self.told.append)


def test_all_that_the_queue_has_is_run_to_its_end() -> None:
    works = Works(Runs(RUNNING, RUNNING, SUCCEEDED), notification("devices/a", "devices/b"), "poison")
    work = drain(works.crew, UNTIL)
    assert (work.rounds.messages, work.rounds.events, work.rounds.put_aside) == (2, 2, 1)
    assert [len(each.batch.items) for each in work.closed] == [2]
    assert works.told == [f"p: batch 1: 2 objects, done by run {SUCCEEDED.run_id}"]


def test_what_was_given_back_is_waited_for() -> None:
    given_back = replace(SUCCEEDED, state=State.CANCELLED)
    works = Works(Runs(given_back, SUCCEEDED), notification("devices/a"))
    assert [str(each.outcome) for each in drain(works.crew, UNTIL).closed] == ["returned", "done"]


def test_what_is_left_when_the_time_is_over_is_told() -> None:
    works = Works(Runs(*[RUNNING] * 9), notification("devices/a"))
    with pytest.raises(TimedOutError, match="p: objects are pending or running, and the time is over"):
        drain(works.crew, works.world.clock.now())


def test_served_until_it_is_over_faults_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "_AFTER_A_FAULT_S", 0.0)
    works, is_over = Works(Runs(SUCCEEDED), notification("devices/a")), threading.Event()
    faults = ["receive"]

    def fail(name: str) -> None:
        if name in faults:
            faults.remove(name)
            raise RefusedError("SQS: not now\nnor later")

    works.queue.on_call = fail

    def tell(text: str) -> None:
        works.told.append(text)
        if "batch 1" in text:
            is_over.set()

    work = serve(Crew(works.crew.road, works.crew.turning, None, tell), is_over)
    assert work.rounds.events == 1
    assert [len(each.batch.items) for each in work.closed] == [1]
    assert "events: SQS: not now; trying again" in works.told


def test_a_turn_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "_AFTER_A_FAULT_S", 0.0)
    runs, is_over = Runs(SUCCEEDED, SUCCEEDED), threading.Event()
    runs.fault = RefusedError("SNS: no")
    works = Works(runs)
    works.world.ledger.record([event("devices/a")], UNTIL)

    def tell(text: str) -> None:
        works.told.append(text)
        runs.fault = None
        if "batch 1" in text:
            is_over.set()

    serve(Crew(works.crew.road, works.crew.turning, None, tell), is_over)
    assert works.told[0] == "p: SNS: no; trying again"


def test_a_queue_that_is_never_empty_keeps_no_batch_from_its_turn() -> None:
    works = Works(Runs(*[SUCCEEDED] * 99))
    works.most = 10
    numbers = itertools.count()

    def send_more(name: str) -> None:
        works.world.clock.sleep(1)
        at = next(numbers)
        if name == "receive" and at < 300:
            works.queue.messages[f"later-{at}"] = notification(f"devices/{at}")

    works.queue.on_call = send_more
    work = drain(works.crew, UNTIL + 9000)
    assert len(work.closed) > 3
    assert sum(len(each.batch.items) for each in work.closed) == work.rounds.events > 250


def test_versions_are_finished_and_what_else_comes_is_left() -> None:
    works = Works(Runs(RUNNING, SUCCEEDED), notification("devices/of-the-queue"))
    wanted = event("devices/a")
    works.world.ledger.record([wanted], UNTIL)
    work = finish(works.crew, [wanted], UNTIL)
    assert [[item.event.key for item in each.batch.items] for each in work.closed] == [["devices/a"]]
    assert len(works.queue.messages) == 1
    assert finish(works.crew, [wanted], UNTIL).closed == []


def test_versions_that_are_not_finished_in_time_are_told() -> None:
    works = Works(Runs(*[RUNNING] * 9))
    works.world.ledger.record([event("devices/a")], UNTIL)
    with pytest.raises(TimedOutError, match="the same command goes on with them"):
        finish(works.crew, [event("devices/a")], works.world.clock.now())
