"""Follows a step's logs until the step has ended and nothing more has come for a while."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from orchestrator.aws.clock import Clock
from orchestrator.errors import TimedOutError
from orchestrator.logs.reading import Line, Logs


@dataclass(frozen=True)
class Pace:
    """How often to look, and how long after the step's end its last logs may still come.

    EMR puts logs on S3 about every five minutes.
    """

    poll_s: float = 15.0
    quiet_s: float = 330.0


def now(logs: Logs, until: float) -> Iterator[Line]:
    """Read what there is."""
    for file in logs.files(until):
        yield from logs.unread(file, until, with_rest=True)


def follow(
    logs: Logs, has_ended: Callable[[], bool], clock: Clock, until: float, pace: Pace
) -> Iterator[Line]:
    """Read what there is and what comes.

    Raises:
        TimedOutError: The step had not ended, or its logs still came, at that instant.
    """
    is_over, quiet_since = False, clock.now()
    while True:
        if not is_over and has_ended():
            is_over, quiet_since = True, clock.now()
        for file in logs.grown(until):
            quiet_since = clock.now()
            yield from logs.unread(file, until)
        if is_over and clock.now() - quiet_since >= pace.quiet_s:
            break
        if clock.now() + pace.poll_s >= until:
            raise TimedOutError(
                "logs: the time is over, and more may come; run the command again, or give it longer (--timeout)"
            )
        clock.sleep(pace.poll_s)
    yield from now(logs, until)
