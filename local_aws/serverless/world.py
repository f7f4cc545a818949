"""What all applications of an account in a Region share: time, ids, quotas, how long things take, and who runs jobs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Final, Protocol

from local_aws.emr.scene import Scene
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
class World(Scene):
    """The account in its Region."""

    ids: Ids
    durations: Durations
    # How many vCPUs all applications together may have.
    vcpus: int = DEFAULT_VCPUS
    runner: Runner = field(init=False)

    draws: ClassVar[str] = "serverless"

    def application_arn(self, application_id: str) -> str:
        """Name an application."""
        return f"arn:aws:emr-serverless:{self.region}:{self.account}:/applications/{application_id}"

    def job_run_arn(self, job_run: JobRun) -> str:
        """Name a job run."""
        return f"{self.application_arn(job_run.application_id)}/jobruns/{job_run.id}"
