"""Calls until they are answered: what is tried again, how long, and how long between.

Reads are tried again whatever happens, writes only where they were not carried out: RunJobFlow and AddJobFlowSteps take
no token that would make a second call harmless. Waits are drawn at random from nought to a limit that doubles, so that
orchestrators that were throttled together do not come back together
(https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
"""

import random
from collections.abc import Callable, Collection
from typing import Any, Final, TypeVar

from orchestrator.aws.clock import Clock
from orchestrator.aws.faults import AWS_ERRORS, Meaning, meaning, refusal, unknown
from orchestrator.aws.limiter import Limiter
from orchestrator.errors import TimedOutError

FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 30.0
SAFE_TO_REPEAT: Final = frozenset({Meaning.THROTTLED, Meaning.NOT_SENT, Meaning.UNKNOWN})
NOT_DONE: Final = frozenset({Meaning.THROTTLED, Meaning.NOT_SENT})

Answer = TypeVar("Answer")


class Retrying:
    """Makes calls of one service."""

    def __init__(
        self, service: str, clock: Clock, draws: random.Random, limiter: Limiter | None = None
    ) -> None:
        """Make it for a service; `draws` are where waits come from, `limiter` where the service has buckets."""
        self._service, self._clock, self._draws, self._limiter = service, clock, draws, limiter

    def read(self, operation: str, call: Callable[[], Answer], until: float) -> Answer:
        """Make a call that changes nothing, or changes the same again.

        Raises:
            RefusedCallError: AWS refuses it.
            TimedOutError: It was not answered until that instant.
        """
        return self._call(operation, call, until, SAFE_TO_REPEAT)

    def write(self, operation: str, call: Callable[[], Answer], until: float) -> Answer:
        """Make a call that must not be carried out twice.

        Raises:
            RefusedCallError: AWS refuses it.
            UnknownOutcomeError: Nobody knows whether it was carried out.
            TimedOutError: It was not carried out, for AWS was throttling until that instant.
        """
        return self._call(operation, call, until, NOT_DONE)

    def _call(
        self, operation: str, call: Callable[[], Answer], until: float, again: Collection[Meaning]
    ) -> Answer:
        longest_s = FIRST_WAIT_S
        while True:
            self._take_turn(operation, until)
            if again is NOT_DONE and self._clock.now() >= until:
                raise TimedOutError(f"{self._service} {operation}: not called: the time for it was over")
            try:
                return call()
            except AWS_ERRORS as error:
                found = self._judge(operation, error, again)
                wait_s = self._draws.uniform(0, longest_s)
                if self._clock.now() + wait_s >= until:
                    raise _timed_out(self._service, operation, found, error) from error
            self._clock.sleep(wait_s)
            longest_s = min(2 * longest_s, LONGEST_WAIT_S)

    def _take_turn(self, operation: str, until: float) -> None:
        if self._limiter is None:
            return
        wait_s = self._limiter.wait_s(operation)
        if wait_s and self._clock.now() + wait_s >= until:
            raise TimedOutError(
                f"{self._service} {operation}: not called: its turn would have come {wait_s:g} s later, below the "
                "rate that AWS allows, and that was too late; give the command longer (--timeout), or run less at once"
            )
        self._limiter.take(operation)

    def _judge(self, operation: str, error: Exception, again: Collection[Meaning]) -> Meaning:
        found = meaning(error)
        if found is Meaning.THROTTLED and self._limiter is not None:
            self._limiter.drain(operation)
        if found in again:
            return found
        if found is Meaning.UNKNOWN:
            raise unknown(self._service, operation, error) from error
        raise refusal(self._service, operation, error) from error


def _timed_out(service: str, operation: str, found: Meaning, error: Exception) -> TimedOutError:
    return TimedOutError(
        f"{service} {operation}: {found} until the time was over ({_words(error)}); what was begun goes on: "
        "run the same command again, it takes up where this one ended"
    )


def _words(error: Any) -> str:
    return f"{type(error).__name__}: {error}"
