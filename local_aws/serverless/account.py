"""An account's applications and job runs in a Region, found by their ids, and the capacity they share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from local_aws.serverless import guesses, refusals
from local_aws.serverless.capacity import Resources, Workers, total
from local_aws.serverless.demands import Demand
from local_aws.serverless.entities import Application, Grant, JobRun, drivers_of, executors_of
from local_aws.serverless.world import World

Request = Mapping[str, Any]


@dataclass
class Account:
    """All there is; `active` has the job runs of each application that have not ended, in their order."""

    world: World
    applications: dict[str, Application] = field(default_factory=dict)
    job_runs: dict[str, JobRun] = field(default_factory=dict)
    active: dict[str, dict[str, JobRun]] = field(default_factory=dict)

    def application(self, request: Request) -> Application:
        """Find the application that a request names.

        Raises:
            AwsError: `ResourceNotFoundException`, where there is none.
        """
        wanted = request["applicationId"]
        if wanted not in self.applications:
            raise refusals.missing(guesses.NO_APPLICATION.format(id=wanted))
        return self.applications[wanted]

    def job_run(self, request: Request) -> JobRun:
        """Find the job run that a request names, with its application.

        Raises:
            AwsError: `ResourceNotFoundException`, where there is none.
        """
        application, wanted = self.application(request), request["jobRunId"]
        found = self.job_runs.get(wanted)
        if found is None or found.application_id != application.id:
            raise refusals.missing(guesses.NO_JOB_RUN.format(id=wanted))
        return found

    def of(self, application: Application) -> Iterator[JobRun]:
        """Go through an application's job runs that have not ended, in their order."""
        return iter(list(self.active.get(application.id, {}).values()))

    def used_by(self, application: Application) -> Resources:
        """Return what an application has: its pre-initialised workers, and those beside them."""
        grants = (job_run.grant for job_run in self.of(application))
        return application.pool + total(grant.extra for grant in grants if grant)

    def used(self) -> Resources:
        """Return what all applications have."""
        return total(self.used_by(application) for application in self.applications.values())

    def grant(self, application: Application, demand: Demand) -> Grant | None:
        """Find workers for a job run: pre-initialised ones first; None where there are too few now."""
        taken = self._take(application, demand, self._free(application))
        extra = _beside(application, demand, taken)
        limit = application.maximum
        if limit and (self.used_by(application) + extra).over(limit):
            return None
        if self.used().cpu + extra.cpu > self.world.vcpus and extra.cpu:
            return None
        return Grant(demand, taken, extra)

    def never(self, application: Application, demand: Demand) -> str | None:
        """Say why a job run could not even run with all else gone; None where it could."""
        everything = {kind: workers.count for kind, workers in application.workers.items()}
        extra = _beside(application, demand, self._take(application, demand, everything))
        wanted = total(workers.all for workers in application.workers.values()) + extra
        limit = application.maximum
        if limit and (over := wanted.over(limit)):
            return guesses.NO_CAPACITY.format(what=", ".join(over))
        return guesses.NO_VCPUS if wanted.cpu > self.world.vcpus else None

    def _free(self, application: Application) -> dict[str, int]:
        free = {kind: workers.count for kind, workers in application.workers.items()}
        for job_run in self.of(application):
            for kind, count in (job_run.grant.from_pool if job_run.grant else {}).items():
                free[kind] -= count
        return free

    def _take(self, application: Application, demand: Demand, free: Mapping[str, int]) -> dict[str, int]:
        """Take pre-initialised workers that are large enough."""
        taken = {}
        for kind, wanted in _by_kind(application, demand).items():
            held = application.workers.get(kind)
            if held and wanted.size.fits_into(held.size):
                taken[kind] = min(free[kind], wanted.count)
        return taken


def kind_of(application: Application) -> str:
    """Return an application's engine, SPARK or HIVE."""
    return str(application.request["type"]).upper()


def _by_kind(application: Application, demand: Demand) -> dict[str, Workers]:
    kind = kind_of(application)
    return {drivers_of(kind): demand.driver, executors_of(kind): demand.executors}


def _beside(application: Application, demand: Demand, taken: Mapping[str, int]) -> Resources:
    """Return what a demand needs beside pre-initialised workers."""
    parts = _by_kind(application, demand).items()
    return total(workers.size.times(workers.count - taken.get(kind, 0)) for kind, workers in parts)
