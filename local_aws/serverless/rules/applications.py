"""Rules on applications.

https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_CreateApplication.html
"""

from collections.abc import Mapping
from typing import Any, Final

from local_aws.api.errors import validation
from local_aws.emr.rules.releases import Release
from local_aws.serverless import guesses
from local_aws.serverless.capacity import initial, is_size, maximum, size_of, total
from local_aws.serverless.entities import drivers_of, executors_of

ENGINES: Final = ("SPARK", "HIVE")
# The first release of EMR Serverless, and those that have job queues, and have them by default.
_FIRST: Final = (6, 6)
_WITH_SCHEDULER: Final = (7, 0)
_SCHEDULES_BY_DEFAULT: Final = (7, 3)
_RANGES: Final = {"maxConcurrentRuns": (1, 1000), "queueTimeoutMinutes": (15, 720)}


def check(request: Mapping[str, Any]) -> None:
    """Hold what an application is to be against the rules.

    Raises:
        AwsError: `ValidationException`, for the first that is broken.
    """
    engine, label = str(request["type"]).upper(), str(request["releaseLabel"])
    if engine not in ENGINES:
        raise validation(guesses.UNSUPPORTED_ENGINE.format(engine=request["type"]))
    release = Release.parse(label)
    if release is None or release < _FIRST:
        raise validation(guesses.UNSUPPORTED_RELEASE.format(engine=request["type"], label=label))
    _check_workers(request, engine)
    _check_maximum(request)
    _check_scheduler(request, release)


def with_defaults(request: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what AWS does where nothing is said.

    Job concurrency and queuing are enabled by default from 7.3.0 on.
    https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/release-version-730.html
    """
    release = Release.parse(str(request["releaseLabel"]))
    filled = {
        "architecture": "X86_64",
        **request,
        "autoStartConfiguration": {"enabled": True, **request.get("autoStartConfiguration", {})},
        "autoStopConfiguration": {
            "enabled": True,
            "idleTimeoutMinutes": 15,
            **request.get("autoStopConfiguration", {}),
        },
    }
    given = request.get("schedulerConfiguration")
    if given is not None or (release is not None and release >= _SCHEDULES_BY_DEFAULT):
        filled["schedulerConfiguration"] = {
            "maxConcurrentRuns": 15,
            "queueTimeoutMinutes": 360,
            **(given or {}),
        }
    return filled


def _check_workers(request: Mapping[str, Any], engine: str) -> None:
    for kind, told in request.get("initialCapacity", {}).items():
        if kind.upper() not in (drivers_of(engine), executors_of(engine)):
            raise validation(guesses.UNKNOWN_WORKER.format(kind=kind, engine=engine))
        size = size_of(told.get("workerConfiguration"))
        is_shuffle = "shuffle" in told.get("workerConfiguration", {}).get("diskType", "").lower()
        if not is_size(size, is_shuffle=is_shuffle):
            raise validation(guesses.BAD_WORKER.format(kind=kind, size=_told(size)))


def _told(size: Any) -> str:
    return f"{size.cpu} vCPU, {size.memory} GB memory, {size.disk} GB disk"


def _check_maximum(request: Mapping[str, Any]) -> None:
    limit = maximum(request)
    wanted = total(workers.all for workers in initial(request).values())
    if limit and (over := wanted.over(limit)):
        raise validation(guesses.OVER_MAXIMUM.format(what=", ".join(over)))


def _check_scheduler(request: Mapping[str, Any], release: Release) -> None:
    told = request.get("schedulerConfiguration")
    if told is None:
        return
    if release < _WITH_SCHEDULER:
        raise validation(guesses.SCHEDULER_RELEASE)
    for name, (low, high) in _RANGES.items():
        if name in told and not low <= told[name] <= high:
            raise validation(guesses.SCHEDULER_RANGE.format(name=name, low=low, high=high))
