"""What all applications of an account in a Region share: time, ids, quotas, how long things take, and who runs jobs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from local_aws.emr.agenda import Agenda
from local_aws.emr.draws import draw_for
from local_aws.serverless.entities import JobRun
from local_aws.serverless.ids import Ids

SECOND: Final = 1000
MINUTE: Final = 60 * SECOND
# The default of a new account, quota L-D05C8A75.
# https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/endpoints-quotas.html
DEFAULT_VCPUS: Final = 16


@dataclass(frozen=True)
class Durations:
    """How long things take, in milliseconds, between two bounds; AWS documents none of it."""

    create: tuple[int, int] = (1 * SECOND, 3 * SECOND)
    start: tuple[int, int] = (10 * SECOND, 60 * SECOND)
    stop: tuple[int, int] = (5 * SECOND, 30 * SECOND)
    submit: tuple[int, int] = (1 * SECOND, 2 * SECOND)
    # Until the driver runs: with workers that are made for it, or with pre-initialised ones.
    cold: tuple[int, int] = (60 * SECOND, 120 * SECOND)
    warm: tuple[int, int] = (1 * SECOND, 3 * SECOND)
    cancel: tuple[int, int] = (1 * SECOND, 5 * SECOND)

    def faster(self, times: int) -> "Durations":
        """Return the same, so many times shorter."""
        return Durations(**{name: (low // times, high // times) for name, (low, high) in vars(self).items()})


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended: its exit code, and where it failed, why."""

    exit_code: int = 0
    message: str = ""
    # Whether it makes no sense to try again.
    is_final: bool = False


class Runner(Protocol):
    """Who runs attempts of job runs; each `done` is called once, later."""

    def run(self, job_run: JobRun, attempt: int, done: Callable[[Outcome], None], /) -> None:
        """Begin an attempt."""

    def stop(self, job_run: JobRun, attempt: int, /, *, is_forced: bool) -> None:
        """End an attempt before its time; its `done` is called when it has ended."""


@dataclass
class World:
    """The account in its Region."""

    seed: str
    region: str
    account: str
    agenda: Agenda
    ids: Ids
    durations: Durations
    # How many vCPUs all applications together may have.
    vcpus: int = DEFAULT_VCPUS
    runner: Runner = field(init=False)
    trace: list[str] = field(default_factory=list)

    @property
    def now(self) -> int:
        """This instant."""
        return self.agenda.now

    def draw(self, between: tuple[int, int], *what: object) -> int:
        """Draw a duration for a thing, the same each time."""
        low, high = between
        return low + int((high - low) * draw_for(self.seed, "serverless", *what).random())

    def say(self, *what: object) -> None:
        """Write a line of the trace."""
        self.trace.append(" ".join(map(str, (self.now, *what))))

    def application_arn(self, application_id: str) -> str:
        """Name an application."""
        return f"arn:aws:emr-serverless:{self.region}:{self.account}:/applications/{application_id}"

    def job_run_arn(self, job_run: JobRun) -> str:
        """Name a job run."""
        return f"{self.application_arn(job_run.application_id)}/jobruns/{job_run.id}"
