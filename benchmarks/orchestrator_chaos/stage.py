"""Several orchestrators in one process, one of them at a time: who goes on, and when, is drawn or given.

Each runs in a thread of its own and hands over at every call and whenever it waits, so that its code is the code that
users run. Time goes by only when all of them wait.
"""

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from local_aws.emr.emulator import Emr

_RESTARTS: Final = 20


class Crash(BaseException):
    """The process is gone: nothing of it runs any more, no `except`, no `finally` that matters."""


def _taken() -> threading.Lock:
    """Make a lock that somebody else gives free: a turn. (A semaphore does the same in ten times the time.)."""
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass
class Actor:
    """A user who runs a command, and again after `patience_s` where it has crashed or ended by `again_after`."""

    name: str
    command: Callable[["Actor"], object]
    stage: "Stage"
    begins_at: float = 0.0
    patience_s: float = 30.0
    is_done: bool = False
    result: Any = None
    error: BaseException | None = None
    crashes: int = 0
    wake_at: int = 0
    turn: threading.Lock = field(default_factory=_taken)
    again_after: tuple[type[BaseException], ...] = ()

    def now(self) -> float:
        """Return this instant, in seconds of the Unix epoch: an actor is a clock."""
        return self.stage.emr.world.now / 1000

    def sleep(self, seconds: float, /) -> None:
        """Let others go on until then."""
        self.wake_at = self.stage.emr.world.now + math.ceil(max(0.0, seconds) * 1000)
        self.stage.hand_over(self)

    def step_aside(self) -> None:
        """Let others go on, before a call."""
        self.wake_at = self.stage.emr.world.now
        self.stage.hand_over(self)

    def perform(self) -> None:
        """Run the command until it ends otherwise than by a crash."""
        try:
            self.sleep(self.begins_at)
            while not self._is_over():
                self.sleep(self.patience_s)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the law book judges it
            self.error = error
        finally:
            self.is_done = True
            self.stage.leave()

    def _is_over(self) -> bool:
        try:
            self.result = self.command(self)
        except BaseException as error:
            if not isinstance(error, (Crash, *self.again_after)):
                raise
            self.crashes += 1
            if self.crashes > _RESTARTS:
                raise
            return False
        return True


class Stage:
    """The actors and their time; `choose` says which of those that could go on does."""

    def __init__(self, emr: Emr, choose: Callable[[Sequence[Actor]], Actor]) -> None:
        """Begin with nobody on it."""
        self.emr, self._choose = emr, choose
        self.current: Actor | None = None
        self._back = _taken()
        self._is_alone = False

    def play(self, actors: Sequence[Actor]) -> None:
        """Let all actors come to their end."""
        self._is_alone = len(actors) == 1
        if self._is_alone:
            self.current = actors[0]
            actors[0].perform()
            return
        threads = [threading.Thread(target=_enter, args=(actor,), daemon=True) for actor in actors]
        for thread in threads:
            thread.start()
        while waiting := [actor for actor in actors if not actor.is_done]:
            earliest = min(actor.wake_at for actor in waiting)
            if earliest > self.emr.world.now:
                self.emr.advance_to(earliest)
            ready = [actor for actor in waiting if actor.wake_at <= self.emr.world.now]
            self.current = self._choose(ready)
            self.current.turn.release()
            self._back.acquire()
        for thread in threads:
            thread.join()

    def hand_over(self, actor: Actor) -> None:
        """Let the others go on; come back when it is this one's turn."""
        if self._is_alone:
            self.emr.advance_to(max(actor.wake_at, self.emr.world.now))
            return
        self._back.release()
        actor.turn.acquire()

    def leave(self) -> None:
        """Let the others go on for good."""
        if not self._is_alone:
            self._back.release()


class SharedClock:
    """The clock of a process that several actors share: who goes on now is who waits."""

    def __init__(self, stage: Stage) -> None:
        """Make it of their stage."""
        self._stage = stage

    def now(self) -> float:
        """Return this instant, in seconds of the Unix epoch."""
        return self._stage.emr.world.now / 1000

    def sleep(self, seconds: float, /) -> None:
        """Let others go on until then."""
        assert self._stage.current is not None  # noqa: S101 - nobody waits who is not on the stage
        self._stage.current.sleep(seconds)


def _enter(actor: Actor) -> None:
    actor.turn.acquire()
    actor.perform()
