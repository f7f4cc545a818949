"""Applications, job runs and their attempts, as they are at an instant; all times in milliseconds."""

from dataclasses import dataclass, field
from typing import Any, Final

from local_aws.serverless.capacity import EXECUTOR, Resources, Workers, initial, maximum, total
from local_aws.serverless.demands import Demand

Json = Any

BATCH, STREAMING = "BATCH", "STREAMING"
# What an application and a job run may become of a state; nothing else ever happens.
# https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/applications.html#application-states
APPLICATION_STATES: Final[dict[str, frozenset[str]]] = {
    "CREATING": frozenset({"CREATED"}),
    "CREATED": frozenset({"STARTING", "TERMINATED"}),
    "STARTING": frozenset({"STARTED", "STOPPING"}),
    "STARTED": frozenset({"STOPPING"}),
    "STOPPING": frozenset({"STOPPED"}),
    "STOPPED": frozenset({"STARTING", "TERMINATED"}),
    "TERMINATED": frozenset(),
}
# https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/job-states.html; with a retry policy an attempt that
# has failed is followed by one that is evaluated anew.
JOB_RUN_STATES: Final[dict[str, frozenset[str]]] = {
    "SUBMITTED": frozenset({"QUEUED", "PENDING", "CANCELLING", "FAILED"}),
    "QUEUED": frozenset({"PENDING", "CANCELLING"}),
    "PENDING": frozenset({"SCHEDULED", "CANCELLING"}),
    "SCHEDULED": frozenset({"RUNNING", "CANCELLING"}),
    "RUNNING": frozenset({"SUCCESS", "FAILED", "CANCELLING", "PENDING"}),
    "CANCELLING": frozenset({"CANCELLED"}),
    "SUCCESS": frozenset(),
    "FAILED": frozenset(),
    "CANCELLED": frozenset(),
}
# Those in which an application may be updated, started and deleted.
MODIFIABLE: Final = ("CREATED", "STOPPED")
ENDED: Final = frozenset({"SUCCESS", "FAILED", "CANCELLED"})


@dataclass
class Application:
    """An application: the request it was created by, as updates have changed it, and what became of it."""

    id: str
    request: dict[str, Json]
    created_at: int
    updated_at: int
    state: str = "CREATING"
    details: str = ""
    # How often its state has changed: what was to happen to an earlier one does not.
    changes: int = 0
    tags: dict[str, str] = field(default_factory=dict)
    # Since when nothing runs; None while something does, or it is not started.
    idle_since: int | None = None

    @property
    def workers(self) -> dict[str, Workers]:
        """Its pre-initialised workers."""
        return initial(self.request)

    @property
    def pool(self) -> Resources:
        """What its pre-initialised workers have together, while there are some."""
        is_there = self.state in ("STARTING", "STARTED", "STOPPING")
        return total(workers.all for workers in self.workers.values()) if is_there else Resources()

    @property
    def maximum(self) -> Resources | None:
        """The most it may have."""
        return maximum(self.request)

    @property
    def starts_itself(self) -> bool:
        """Tell whether a job run starts it; so it is by default."""
        return bool(self.request.get("autoStartConfiguration", {}).get("enabled", True))

    @property
    def idle_minutes(self) -> int | None:
        """After how many idle minutes it stops itself; by default 15, None for never."""
        told = self.request.get("autoStopConfiguration", {})
        return int(told.get("idleTimeoutMinutes", 15)) if told.get("enabled", True) else None

    @property
    def concurrency(self) -> int | None:
        """How many job runs may be under way at once; None for any number."""
        told = self.request.get("schedulerConfiguration")
        return None if told is None else int(told.get("maxConcurrentRuns", 15))

    @property
    def queue_minutes(self) -> int:
        """How long a job run may be queued."""
        return int(self.request.get("schedulerConfiguration", {}).get("queueTimeoutMinutes", 360))


@dataclass
class Attempt:
    """A try of a job run."""

    number: int
    created_at: int
    updated_at: int
    state: str
    details: str


@dataclass
class Grant:
    """The workers a job run has: so many pre-initialised ones by kind, and what it has beside them."""

    demand: Demand
    from_pool: dict[str, int]
    extra: Resources
    # Since when they run.
    since: int | None = None

    @property
    def is_warm(self) -> bool:
        """Tell whether all were pre-initialised."""
        return self.extra == Resources()


@dataclass
class JobRun:
    """A job run: what was asked for, the release it was asked with, and what became of it."""

    id: str
    application_id: str
    request: dict[str, Json]
    release: str
    # The application's configurations when it was asked for.
    configurations: list[Json]
    monitoring: dict[str, Json]
    kind: str
    created_at: int
    updated_at: int
    state: str = "SUBMITTED"
    details: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    queued_at: int | None = None
    queued_for: int = 0
    started_at: int | None = None
    ended_at: int | None = None
    ran_for: int = 0
    grant: Grant | None = None
    # Workers and how long each of them has run, attempt by attempt.
    used: list[tuple[Demand, int]] = field(default_factory=list)
    failed_at: list[int] = field(default_factory=list)
    # Whether it may be evaluated as soon as its application is started.
    is_ready: bool = False
    # Whether it has left the queue, and counts against its application's concurrency.
    is_admitted: bool = False

    @property
    def mode(self) -> str:
        """Whether it is BATCH or STREAMING."""
        return str(self.request.get("mode", BATCH))

    @property
    def attempt(self) -> Attempt:
        """The last attempt."""
        return self.attempts[-1]

    @property
    def has_ended(self) -> bool:
        """Tell whether nothing more becomes of it."""
        return self.state in ENDED

    @property
    def is_under_way(self) -> bool:
        """Tell whether it counts against its application's concurrency."""
        return self.is_admitted and not self.has_ended

    @property
    def timeout_minutes(self) -> int:
        """How long it may take; 0 for any time. By default 12 hours, and any time for a streaming one."""
        default = 0 if self.mode == STREAMING else 720
        return int(self.request.get("executionTimeoutMinutes", default))


def executors_of(kind: str) -> str:
    """Name the workers of an application of a kind that are not drivers."""
    return EXECUTOR if kind == "SPARK" else "TEZ_TASK"


def drivers_of(kind: str) -> str:
    """Name the workers of an application of a kind that are drivers."""
    return "DRIVER" if kind == "SPARK" else "HIVE_DRIVER"
