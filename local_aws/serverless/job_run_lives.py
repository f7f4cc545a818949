"""The lives of job runs: evaluated, queued, scheduled, run, tried again, cancelled and ended.

https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/job-states.html
https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/applications-concurrency-queuing.html
https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/jobs-resiliency.html
"""

from collections.abc import Callable
from typing import Final

from local_aws.serverless import guesses
from local_aws.serverless.account import Account
from local_aws.serverless.demands import DEFAULTS, Demand, UnsuitableError, demand_of, properties_of
from local_aws.serverless.entities import (
    JOB_RUN_STATES,
    STREAMING,
    Application,
    Attempt,
    JobRun,
)
from local_aws.serverless.world import MINUTE, SECOND, Outcome

_HOUR: Final = 60 * MINUTE
# https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/job-cancellation-grace-period.html
STREAMING_GRACE_S: Final = 120


class JobRunLives:
    """Brings job runs from state to state; `ended` hears of each application that may have become idle."""

    def __init__(self, account: Account, ended: Callable[[Application], None]) -> None:
        """Look after an account's job runs."""
        self._account, self._world, self._ended = account, account.world, ended

    def submit(self, job_run: JobRun) -> None:
        """Take a new job run."""
        account, now = self._account, self._world.now
        account.job_runs[job_run.id] = job_run
        account.active.setdefault(job_run.application_id, {})[job_run.id] = job_run
        job_run.attempts.append(Attempt(1, now, now, "SUBMITTED", guesses.STATES["SUBMITTED"]))
        job_run.details = guesses.STATES["SUBMITTED"]
        self._world.say(job_run.id, "SUBMITTED")
        delay = self._world.draw(self._world.durations.submit, job_run.id)
        self._world.agenda.after(delay, lambda: self._evaluate(job_run))

    def started(self, application: Application) -> None:
        """Evaluate what waited for an application to start."""
        for job_run in self._account.of(application):
            if job_run.is_ready:
                self._evaluate(job_run)

    def cancel(self, job_run: JobRun, details: str, grace_s: int) -> None:
        """Cancel a job run; what runs is asked to end, and killed after its grace, at once where it has none."""
        if job_run.has_ended or job_run.state == "CANCELLING":
            return
        was_running = job_run.state == "RUNNING"
        self._leave_queue(job_run)
        self._become(job_run, "CANCELLING", details)
        if was_running:
            self._stop(job_run, grace_s)
        else:
            delay = self._world.draw(self._world.durations.cancel, job_run.id)
            self._world.agenda.after(delay, lambda: self._end(job_run, "CANCELLED", details))

    def fail(self, job_run: JobRun, details: str) -> None:
        """Give up a job run that cannot be begun."""
        self._leave_queue(job_run)
        self._end(job_run, "FAILED", details[: guesses.MOST_DETAILS])

    def look(self) -> None:
        """Give workers to those that wait for them, as far as they go, in the order in which they came."""
        for job_run in list(self._pending()):
            application = self._account.applications[job_run.application_id]
            grant = self._account.grant(application, self.demand(job_run))
            if grant and job_run.state == "PENDING":
                job_run.grant = grant
                self._become(job_run, "SCHEDULED")
                self._begin_later(job_run, is_warm=grant.is_warm)

    def _pending(self) -> list[JobRun]:
        waiting = (one for runs in self._account.active.values() for one in runs.values())
        return sorted(
            (one for one in waiting if one.state == "PENDING"),
            key=lambda one: one.attempt.created_at,
        )

    def _evaluate(self, job_run: JobRun) -> None:
        if job_run.state != "SUBMITTED":
            return
        application = self._account.applications[job_run.application_id]
        job_run.is_ready = True
        if application.state not in ("STARTING", "STARTED"):  # there was no room for it
            self.fail(job_run, guesses.NO_VCPUS)
        if application.state != "STARTED":
            return
        try:
            why = self._account.never(application, self.demand(job_run))
        except UnsuitableError as fault:
            why = str(fault)
        if why:
            self.fail(job_run, why)
        elif self._is_full(application):
            self._queue(job_run, application)
        else:
            self._pend(job_run)

    def _is_full(self, application: Application) -> bool:
        most = application.concurrency
        return most is not None and sum(one.is_under_way for one in self._account.of(application)) >= most

    def _queue(self, job_run: JobRun, application: Application) -> None:
        job_run.queued_at = self._world.now
        self._become(job_run, "QUEUED")
        minutes = application.queue_minutes

        def time_out() -> None:
            if job_run.state == "QUEUED":
                self.cancel(job_run, guesses.QUEUE_TIMED_OUT.format(minutes=minutes), 0)

        self._world.agenda.after(minutes * MINUTE, time_out)

    def _leave_queue(self, job_run: JobRun) -> None:
        if job_run.state == "QUEUED" and job_run.queued_at is not None:
            job_run.queued_for = self._world.now - job_run.queued_at

    def _pend(self, job_run: JobRun) -> None:
        self._leave_queue(job_run)
        job_run.is_admitted = True
        self._become(job_run, "PENDING")
        minutes = job_run.timeout_minutes
        if minutes:
            details = guesses.TIMED_OUT.format(minutes=minutes)
            self._world.agenda.after(minutes * MINUTE, lambda: self.cancel(job_run, details, 0))
        self.look()

    def _begin_later(self, job_run: JobRun, *, is_warm: bool) -> None:
        between = self._world.durations.warm if is_warm else self._world.durations.cold
        number = job_run.attempt.number
        delay = self._world.draw(between, job_run.id, number)
        self._world.agenda.after(delay, lambda: self._begin(job_run, number))

    def _begin(self, job_run: JobRun, number: int) -> None:
        if job_run.state != "SCHEDULED" or job_run.attempt.number != number:
            return
        job_run.started_at = job_run.started_at or self._world.now
        assert job_run.grant is not None  # noqa: S101 - it is scheduled
        job_run.grant.since = self._world.now
        self._become(job_run, "RUNNING")
        self._world.runner.run(job_run, number, lambda outcome: self._done(job_run, number, outcome))

    def _stop(self, job_run: JobRun, grace_s: int) -> None:
        number = job_run.attempt.number
        self._world.runner.stop(job_run, number, is_forced=not grace_s)

        def kill() -> None:
            if job_run.state == "CANCELLING":
                self._world.runner.stop(job_run, number, is_forced=True)

        if grace_s:
            self._world.agenda.after(grace_s * SECOND, kill)

    def _done(self, job_run: JobRun, number: int, outcome: Outcome) -> None:
        """Hear that an attempt has ended."""
        if job_run.has_ended or job_run.attempt.number != number:
            return
        if job_run.state == "CANCELLING":
            self._end(job_run, "CANCELLED", job_run.details)
        elif not outcome.exit_code:
            self._end(job_run, "SUCCESS", guesses.STATES["SUCCESS"])
        else:
            self._failed(job_run, outcome)

    def _failed(self, job_run: JobRun, outcome: Outcome) -> None:
        told = guesses.FAILED.format(code=outcome.exit_code, message=outcome.message or "-")
        details = told[: guesses.MOST_DETAILS]
        now = self._world.now
        job_run.failed_at = [at for at in job_run.failed_at if now - at < _HOUR] + [now]
        if outcome.is_final or not _tries_again(job_run):
            self._end(job_run, "FAILED", details)
            return
        last = job_run.attempt
        self._release(job_run)
        last.state, last.details, last.updated_at = "FAILED", details, now
        job_run.attempts.append(Attempt(last.number + 1, now, now, "SUBMITTED", guesses.STATES["SUBMITTED"]))
        self._become(job_run, "PENDING")
        self.look()

    def _release(self, job_run: JobRun) -> None:
        """Give a job run's workers back; only those of one that was begun have been used."""
        if job_run.grant and job_run.grant.since is not None:
            lasted = self._world.now - job_run.grant.since
            job_run.used.append((job_run.grant.demand, lasted))
            job_run.ran_for += lasted
        job_run.grant = None

    def _end(self, job_run: JobRun, state: str, details: str) -> None:
        self._release(job_run)
        job_run.ended_at = self._world.now
        self._become(job_run, state, details)
        del self._account.active[job_run.application_id][job_run.id]
        application = self._account.applications[job_run.application_id]
        for waiting in self._account.of(application):
            if waiting.state == "QUEUED" and not self._is_full(application):
                self._pend(waiting)
        self._ended(application)
        self.look()

    def _become(self, job_run: JobRun, state: str, details: str | None = None) -> None:
        assert state in JOB_RUN_STATES[job_run.state]  # noqa: S101 - or it is a fault of ours
        job_run.state = state
        job_run.details = guesses.STATES[state] if details is None else details
        job_run.updated_at = self._world.now
        attempt = job_run.attempt
        attempt.state, attempt.details, attempt.updated_at = state, job_run.details, self._world.now
        self._world.say(job_run.id, state, attempt.number, job_run.details)

    def demand(self, job_run: JobRun) -> Demand:
        """Reckon the workers that a job run begins with.

        Raises:
            UnsuitableError: Where no worker has what is asked for.
        """
        if job_run.kind != "SPARK":
            return demand_of(DEFAULTS)
        return demand_of(properties_of(job_run.request, {"runtimeConfiguration": job_run.configurations}))


def _tries_again(job_run: JobRun) -> bool:
    policy = job_run.request.get("retryPolicy", {})
    if job_run.mode == STREAMING:
        return len(job_run.failed_at) < int(policy.get("maxFailedAttemptsPerHour", 5))
    return job_run.attempt.number < int(policy.get("maxAttempts", 1))
