"""What no sequence of calls and faults may break."""

from collections import Counter
from typing import Final

from benchmarks.emr_chaos.laws import BrokenLawError
from local_aws.serverless.emulator import Serverless
from local_aws.serverless.entities import (
    APPLICATION_STATES,
    JOB_RUN_STATES,
    Application,
    JobRun,
)
from local_aws.serverless.simulated_runner import SimulatedRunner

STATES: Final = {"application": APPLICATION_STATES, "job run": JOB_RUN_STATES}
_AT_WORK: Final = frozenset({"STARTING", "STARTED"})


class Laws:
    """The laws of one EMR Serverless, held against its trace as it grows, and against what there is.

    Attributes:
        reached: How often a thing of a kind went from a state to another.
    """

    def __init__(self, serverless: Serverless, runner: SimulatedRunner) -> None:
        """Begin where the trace does."""
        self.reached: Counter[tuple[str, str, str]] = Counter()
        self._serverless, self._runner = serverless, runner
        self._account = serverless.service.account
        self._read = 0
        self._states: dict[str, str] = {}

    def check(self) -> None:
        """See that each thing went through documented states alone, and that nothing ran twice or beyond a limit.

        Raises:
            BrokenLawError: Where it is not so.
        """
        trace = self._serverless.world.trace
        for line in trace[self._read :]:
            self._follow(*line.split(" ")[1:3])
        self._read = len(trace)
        if len(set(self._runner.begun)) != len(self._runner.begun):
            raise BrokenLawError(f"an attempt was begun twice: {self._runner.begun}")
        for job_run in self._account.job_runs.values():
            self._check_job_run(job_run)
        for application in self._account.applications.values():
            self._check_application(application)
        if (used := self._account.used().cpu) > self._serverless.world.vcpus:
            raise BrokenLawError(f"{used} vCPUs are used of {self._serverless.world.vcpus}")

    def check_settled(self) -> None:
        """See that after a long time nothing is under way, and nothing is held.

        A job run without a time-out may wait for ever for what another application keeps.

        Raises:
            BrokenLawError: Where something is under way for ever.
        """
        under_way = [one for one in self._account.job_runs.values() if not one.has_ended]
        if moving := [one.id for one in under_way if one.timeout_minutes or not self._is_in_want(one)]:
            raise BrokenLawError(f"still under way: {', '.join(moving)}")
        for application in self._account.applications.values():
            is_idle = application.state == "STARTED" and not any(self._account.of(application))
            if (is_idle and application.idle_minutes is not None) or application.state.endswith("ING"):
                raise BrokenLawError(f"{application.id}: {application.state} for ever")

    def _is_in_want(self, job_run: JobRun) -> bool:
        """Tell whether a job run waits for workers that are not to be had now, or for one that does."""
        application = self._account.applications[job_run.application_id]
        if job_run.state == "QUEUED":
            return any(
                self._is_in_want(one) for one in self._account.of(application) if one.state == "PENDING"
            )
        demand = self._serverless.service.job_runs.demand(job_run)
        return job_run.state == "PENDING" and self._account.grant(application, demand) is None

    def _follow(self, thing: str, state: str) -> None:
        is_job_run = thing in self._account.job_runs
        if state == "UPDATED" or not (is_job_run or thing in self._account.applications):
            return
        kind = "job run" if is_job_run else "application"
        states = STATES[kind]
        before = self._states.get(thing)
        if before is None and state == next(iter(states)):
            self._states[thing] = state
            return
        if before is None or state not in states[before]:
            raise BrokenLawError(f"{thing}: {before} to {state}")
        self.reached[kind, before, state] += 1
        self._states[thing] = state

    def _check_application(self, application: Application) -> None:
        runs = list(self._account.of(application))
        if runs and application.state not in _AT_WORK and any(one.is_ready for one in runs):
            raise BrokenLawError(f"{application.id} is {application.state}, and has job runs")
        limit = application.maximum
        if limit and (over := self._account.used_by(application).over(limit)):
            raise BrokenLawError(f"{application.id} has more {over} than it may have")
        busy, most = sum(one.is_under_way for one in runs), application.concurrency
        if most is not None and busy > most:
            raise BrokenLawError(f"{application.id}: {busy} job runs at once, at most {most}")
        for waiting in runs:
            if waiting.state == "QUEUED" and (most is None or busy < most):
                raise BrokenLawError(f"{waiting.id} is queued, and could run")

    def _check_job_run(self, job_run: JobRun) -> None:
        if job_run.has_ended and job_run.grant:
            raise BrokenLawError(f"{job_run.id} has ended, and holds workers")
        numbers = [attempt.number for attempt in job_run.attempts]
        begun = [number for one, number in self._runner.begun if one == job_run.id]
        if numbers != list(range(1, len(numbers) + 1)) or not set(begun) <= set(numbers):
            raise BrokenLawError(f"{job_run.id}: attempts {numbers}, begun {begun}")
        running = [attempt.number for attempt in job_run.attempts if attempt.state == "RUNNING"]
        if len(running) > 1:
            raise BrokenLawError(f"{job_run.id}: attempts {running} run at once")
        times = [job_run.created_at, job_run.queued_at, job_run.started_at, job_run.ended_at]
        known = [at for at in times if at is not None]
        if known != sorted(known) or job_run.has_ended != (job_run.ended_at is not None):
            raise BrokenLawError(f"{job_run.id}: times out of order: {times}")
