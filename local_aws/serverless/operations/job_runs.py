"""The operations on job runs."""

from contextlib import suppress
from typing import Any

from local_aws.api.errors import AwsError, validation
from local_aws.serverless import guesses, refusals, views
from local_aws.serverless.account import Request, kind_of
from local_aws.serverless.entities import MODIFIABLE, STREAMING, Application, Attempt, JobRun
from local_aws.serverless.job_run_lives import STREAMING_GRACE_S
from local_aws.serverless.pages import grouped, page
from local_aws.serverless.rules import job_runs as rules
from local_aws.serverless.service import Service

Json = dict[str, Any]


def start_job_run(service: Service, request: Request) -> Json:
    """Start a job run; the same request with the same token starts none again.

    https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_StartJobRun.html
    """
    application = service.account.application(request)
    made = service.tokens.find("StartJobRun", request, refusals.conflict())
    if made is None:
        label = str(application.request["releaseLabel"])
        rules.check(request, kind_of(application), label)
        _start_itself(service, application)
        made = _submit(service, application, request, label)
        service.tokens.keep("StartJobRun", request, made)
    job_run = service.account.job_runs[made]
    return {"applicationId": application.id, "jobRunId": made, "arn": service.world.job_run_arn(job_run)}


def get_job_run(service: Service, request: Request) -> Json:
    """Show a job run, at the attempt that is asked for, or the last."""
    job_run = service.account.job_run(request)
    attempt = _attempt(job_run, request)
    return {"jobRun": views.job_run(service.world, job_run, attempt)}


def list_job_runs(service: Service, request: Request) -> Json:
    """List an application's job runs, the newest first."""
    application = service.account.application(request)
    after, before = request.get("createdAtAfter"), request.get("createdAtBefore")
    every = reversed(service.account.job_runs.values())
    wanted = [
        one
        for one in every
        if one.application_id == application.id
        and (after is None or one.created_at / 1000 >= after)
        and (before is None or one.created_at / 1000 <= before)
        and request.get("mode") in (None, one.mode)
    ]
    found, more = page(grouped(wanted, request.get("states") or None), request)
    return {"jobRuns": [views.job_run_summary(service.world, one) for one in found], **more}


def cancel_job_run(service: Service, request: Request) -> Json:
    """Cancel a job run; one that is being cancelled goes on to its end.

    https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/job-cancellation-grace-period.html
    """
    job_run = service.account.job_run(request)
    grace = request.get("shutdownGracePeriodInSeconds")
    rules.check_grace(grace, job_run.release)
    if job_run.has_ended:
        raise validation(guesses.CANNOT_CANCEL.format(id=job_run.id, state=job_run.state))
    default = STREAMING_GRACE_S if job_run.mode == STREAMING else 0
    service.job_runs.cancel(job_run, guesses.CANCELLED_BY_USER, default if grace is None else int(grace))
    return {"applicationId": job_run.application_id, "jobRunId": job_run.id}


def list_job_run_attempts(service: Service, request: Request) -> Json:
    """List a job run's attempts, the last first."""
    job_run = service.account.job_run(request)
    found, more = page(list(reversed(job_run.attempts)), request)
    return {"jobRunAttempts": [views.attempt_summary(service.world, job_run, one) for one in found], **more}


def get_dashboard_for_job_run(service: Service, request: Request) -> Json:
    """Say where a job run can be looked at, once it has begun to run."""
    job_run = service.account.job_run(request)
    attempt = _attempt(job_run, request)
    if job_run.started_at is None:
        raise validation(guesses.NO_DASHBOARD.format(id=job_run.id, state=job_run.state))
    place = f"{job_run.application_id}/{job_run.id}/{attempt.number}"
    return {"url": f"{service.dashboards}/{place}"}


def _start_itself(service: Service, application: Application) -> None:
    """See that an application takes job runs, or will."""
    if application.state in MODIFIABLE:
        if not application.starts_itself:
            raise validation(guesses.NOT_STARTED.format(state=application.state))
        with suppress(AwsError):  # where there is no room for it, its job run tells so at its end
            service.applications.start(application)
    elif application.state not in ("STARTING", "STARTED"):
        raise validation(guesses.ENDING.format(state=application.state))


def _submit(service: Service, application: Application, request: Request, label: str) -> str:
    now = service.world.now
    job_run = JobRun(
        service.world.ids.next(),
        application.id,
        {name: value for name, value in request.items() if name not in ("clientToken", "tags")},
        label,
        application.request.get("runtimeConfiguration", []),
        application.request.get("monitoringConfiguration", {}),
        kind_of(application),
        now,
        now,
        tags=dict(request.get("tags", {})),
    )
    service.job_runs.submit(job_run)
    service.applications.look(application)
    return job_run.id


def _attempt(job_run: JobRun, request: Request) -> Attempt:
    number = int(request.get("attempt", len(job_run.attempts)))
    if number > len(job_run.attempts):
        raise refusals.missing(guesses.NO_ATTEMPT.format(attempt=number, id=job_run.id))
    return job_run.attempts[number - 1]
