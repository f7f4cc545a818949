"""Rules on job runs.

https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_StartJobRun.html
"""

from collections.abc import Mapping
from typing import Any, Final

from local_aws.api.errors import validation
from local_aws.emr.rules.releases import Release
from local_aws.serverless import guesses
from local_aws.serverless.entities import BATCH, STREAMING

_MOST_MINUTES: Final = 10_080
_MOST_ATTEMPTS: Final = 10
# From 7.11 on a batch job has a time-out, of seven days at most.
_TIMES_OUT: Final = (7, 11)
# https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/jobs-resiliency.html
_RETRIES: Final = (7, 1)
# https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/job-cancellation-grace-period.html
_HAS_GRACE: Final = (7, 9)
_GRACE: Final = range(15, 1801)
# Which member of a retry policy is for which mode.
_OF_MODE: Final = {"maxAttempts": BATCH, "maxFailedAttemptsPerHour": STREAMING}
_DRIVERS: Final = {"SPARK": "sparkSubmit", "HIVE": "hive"}


def check(request: Mapping[str, Any], engine: str, label: str) -> None:
    """Hold a job run for an application against the rules.

    Raises:
        AwsError: `ValidationException`, for the first that is broken.
    """
    release = Release.parse(label) or Release(0, 0, 0)
    _check_driver(request.get("jobDriver", {}), engine)
    mode = request.get("mode", BATCH)
    minutes = request.get("executionTimeoutMinutes")
    if mode == BATCH and release >= _TIMES_OUT and minutes is not None and not 1 <= minutes <= _MOST_MINUTES:
        raise validation(guesses.TIMEOUT_RANGE.format(low=1))
    _check_retries(request.get("retryPolicy", {}), mode, release)


def check_grace(seconds: int | None, label: str) -> None:
    """Hold the grace of a cancellation against the rules.

    Raises:
        AwsError: `ValidationException`, where it is out of range, or the release has none.
    """
    if seconds is None:
        return
    if seconds and seconds not in _GRACE:
        raise validation(guesses.GRACE_RANGE)
    if seconds and (Release.parse(label) or Release(0, 0, 0)) < _HAS_GRACE:
        raise validation(guesses.GRACE_RELEASE)


def _check_driver(driver: Mapping[str, Any], engine: str) -> None:
    found = [name for name in _DRIVERS.values() if name in driver]
    if len(found) != 1:
        raise validation(guesses.NO_DRIVER)
    if found != [_DRIVERS[engine]]:
        raise validation(guesses.WRONG_DRIVER.format(driver=found[0], engine=engine))


def _check_retries(policy: Mapping[str, Any], mode: str, release: Release) -> None:
    for name, of in _OF_MODE.items():
        if name not in policy:
            continue
        if mode != of:
            raise validation(guesses.ATTEMPTS_MODE.format(name=name, mode=mode))
        if not 1 <= policy[name] <= _MOST_ATTEMPTS:
            raise validation(guesses.ATTEMPTS_RANGE.format(name=name))
        if policy[name] > 1 and release < _RETRIES:
            raise validation(guesses.ATTEMPTS_RELEASE)
