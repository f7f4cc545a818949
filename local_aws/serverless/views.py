"""Applications and job runs as answers show them."""

from typing import Any, Final

from local_aws.serverless import billing
from local_aws.serverless.entities import Application, Attempt, JobRun
from local_aws.serverless.world import World

Json = dict[str, Any]
# What of its request an application shows as it was given.
_SHOWN: Final[tuple[str, ...]] = (
    *("name", "releaseLabel", "initialCapacity", "maximumCapacity", "autoStartConfiguration"),
    *("autoStopConfiguration", "networkConfiguration", "architecture", "imageConfiguration"),
    *("workerTypeSpecifications", "runtimeConfiguration", "monitoringConfiguration"),
    *("diskEncryptionConfiguration", "interactiveConfiguration", "schedulerConfiguration"),
    "jobLevelCostAllocationConfiguration",
)
_OF_SUMMARY: Final = ("name", "releaseLabel", "architecture")
_OF_JOB_RUN: Final[tuple[str, ...]] = (
    *("name", "executionIamPolicy", "configurationOverrides", "jobDriver", "retryPolicy", "flexExecution"),
)


def application(world: World, one: Application) -> Json:
    """Show an application whole."""
    told = {name: one.request[name] for name in _SHOWN if name in one.request}
    details = {"stateDetails": one.details} if one.details else {}
    return {
        "applicationId": one.id,
        "arn": world.application_arn(one.id),
        "type": str(one.request["type"]).capitalize(),
        "state": one.state,
        "createdAt": one.created_at / 1000,
        "updatedAt": one.updated_at / 1000,
        "tags": dict(one.tags),
        **details,
        **told,
    }


def application_summary(world: World, one: Application) -> Json:
    """Show an application as a list does."""
    whole = application(world, one)
    names = ("arn", "type", "state", "stateDetails", "createdAt", "updatedAt", *_OF_SUMMARY)
    return {"id": one.id, **{name: whole[name] for name in names if name in whole}}


def job_run(world: World, one: JobRun, attempt: Attempt) -> Json:
    """Show a job run whole, at one of its attempts."""
    is_last = attempt is one.attempt
    told: Json = {name: one.request[name] for name in _OF_JOB_RUN if name in one.request}
    shown = {
        **_common(world, one),
        "jobRunId": one.id,
        "state": one.state if is_last else attempt.state,
        "stateDetails": one.details if is_last else attempt.details,
        "tags": dict(one.tags),
        "executionTimeoutMinutes": one.timeout_minutes,
        "attempt": attempt.number,
        "attemptCreatedAt": attempt.created_at / 1000,
        "attemptUpdatedAt": attempt.updated_at / 1000,
        **told,
    }
    if one.queued_at is not None:
        since = world.now if one.state == "QUEUED" else one.queued_at + one.queued_for
        shown["queuedDurationMilliseconds"] = since - one.queued_at
    if one.started_at is not None:
        shown["startedAt"] = one.started_at / 1000
    if one.ended_at is not None:
        shown["endedAt"] = one.ended_at / 1000
        shown["totalExecutionDurationSeconds"] = -(-one.ran_for // 1000)
        shown["totalResourceUtilization"] = billing.used(one)
        shown["billedResourceUtilization"] = billing.billed(one)
    return shown


def job_run_summary(world: World, one: JobRun) -> Json:
    """Show a job run as a list does."""
    return {
        **_common(world, one),
        **_named(one),
        "id": one.id,
        "state": one.state,
        "stateDetails": one.details,
        "type": one.kind.capitalize(),
        "attempt": one.attempt.number,
        "attemptCreatedAt": one.attempt.created_at / 1000,
        "attemptUpdatedAt": one.attempt.updated_at / 1000,
    }


def attempt_summary(world: World, one: JobRun, attempt: Attempt) -> Json:
    """Show an attempt as a list does."""
    return {
        **_common(world, one),
        **_named(one),
        "id": one.id,
        "jobCreatedAt": one.created_at / 1000,
        "createdAt": attempt.created_at / 1000,
        "updatedAt": attempt.updated_at / 1000,
        "state": attempt.state,
        "stateDetails": attempt.details,
        "type": one.kind.capitalize(),
        "attempt": attempt.number,
    }


def _common(world: World, one: JobRun) -> Json:
    return {
        "applicationId": one.application_id,
        "arn": world.job_run_arn(one),
        "createdBy": f"arn:aws:iam::{world.account}:root",
        "createdAt": one.created_at / 1000,
        "updatedAt": one.updated_at / 1000,
        "executionRole": one.request["executionRoleArn"],
        "releaseLabel": one.release,
        "mode": one.mode,
    }


def _named(one: JobRun) -> Json:
    return {name: one.request[name] for name in ("name", "flexExecution") if name in one.request}
