"""Who really runs attempts of job runs: as processes of this machine, whatever workers they ask for.

https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/logging.html: where the logs of a driver are.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from local_aws.emr import world as emr
from local_aws.running import failures
from local_aws.running.job_run_work import JobRunWork
from local_aws.running.logs import LogStore
from local_aws.running.s3_uri import s3_uri
from local_aws.running.work import Work
from local_aws.running.works import Works
from local_aws.running.workshop import Workshop
from local_aws.serverless.entities import STREAMING, JobRun
from local_aws.serverless.world import Outcome, World

LOGS: Final = ("stdout", "stderr")


@dataclass
class JobRunner:
    """A runner of processes; see `Runner`. All but `close` is called within the workshop's `perform`."""

    world: World
    shop: Workshop
    log_store: LogStore
    _works: Works = field(init=False)

    def __post_init__(self) -> None:
        """Begin without work."""
        self._works = Works(self.world.agenda, self.shop, self.log_store)

    def run(self, job_run: JobRun, attempt: int, done: Callable[[Outcome], None], /) -> None:
        """Begin an attempt, as far as the machine's memory goes."""
        folder = self.shop.folder / place(job_run.application_id, job_run.id, attempt)
        work = JobRunWork(self.shop, job_run)
        self._works.begin(
            f"{job_run.id}/{attempt}",
            folder,
            work.run,
            lambda outcome: done(_told(outcome)),
            partial(_logs, job_run, attempt),
        )

    def stop(self, job_run: JobRun, attempt: int, /, *, is_forced: bool) -> None:
        """End an attempt's tree of processes; its end is told when nothing of it is left."""
        self._works.stop(f"{job_run.id}/{attempt}", is_forced=is_forced)

    @property
    def running(self) -> int:
        """How many attempts run."""
        return len(self._works)

    def begin_nothing(self) -> None:
        """From now on begin no work, and tell the ends of none: the server ends, not its job runs."""
        self._works.begin_nothing()

    def close(self) -> None:
        """Kill everything and wait for its end; called from outside `perform`, after `begin_nothing`."""
        self._works.close()


def place(application_id: str, job_run_id: str, attempt: int) -> str:
    """Return the place of an attempt below the workshop's folder."""
    return f"applications/{application_id}/jobs/{job_run_id}/attempts/{attempt}"


def log_folder(job_run: JobRun, attempt: int) -> str | None:
    """Return the URI of a driver's logs, without a slash at its end; None where they are wanted nowhere on S3.

    What the job run says comes before what its application does. That attempts have folders of their own, where there
    may be several, AWS does not document; clients that read such logs do.
    """
    overrides = job_run.request.get("configurationOverrides", {})
    monitoring: Mapping[str, Any] = {**job_run.monitoring, **overrides.get("monitoringConfiguration", {})}
    found = s3_uri(monitoring.get("s3MonitoringConfiguration", {}).get("logUri", ""))
    if not found:
        return None
    root = f"s3://{found.bucket}/{found.key}".rstrip("/")
    is_one = job_run.mode != STREAMING and job_run.request.get("retryPolicy", {}).get("maxAttempts", 1) == 1
    own = "" if is_one else f"/attempts/{attempt}"
    return f"{root}/applications/{job_run.application_id}/jobs/{job_run.id}{own}/SPARK_DRIVER"


def _logs(job_run: JobRun, attempt: int, work: Work) -> Iterator[tuple[str, Mapping[str, Path]]]:
    if uri := log_folder(job_run, attempt):
        yield uri, {name: work.folder / name for name in LOGS}


def _told(outcome: emr.Outcome) -> Outcome:
    failure = outcome.failure or {}
    message = failure.get("Message") or failure.get("Reason", "")
    return Outcome(outcome.exit_code, message, is_final=failure.get("Reason") == failures.CANNOT_RUN)
