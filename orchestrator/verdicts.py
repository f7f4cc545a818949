"""What to do about a failure: whether trying again can help, how often, and what else.

From the codes that EMR gives a cluster, from a step's FailureDetails, and from the lines of its logs that matter.
What is not known is not guessed: it is tried once more.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_RETRIES: Final = 3


@dataclass(frozen=True)
class Verdict:
    """What a failure is, and what to do about it."""

    kind: str
    is_retryable: bool
    most_retries: int
    next_step: str


def _permanent(kind: str, next_step: str) -> Verdict:
    return Verdict(kind, is_retryable=False, most_retries=0, next_step=next_step)


def _again(kind: str, most_retries: int, next_step: str) -> Verdict:
    return Verdict(kind, is_retryable=True, most_retries=most_retries, next_step=next_step)


NO_CAPACITY: Final = _again(
    "no capacity",
    _RETRIES,
    "EC2 had too few instances: add instance types and subnets in other zones, or let Spot fall back to On-Demand "
    "(TimeoutAction: SWITCH_TO_ON_DEMAND)",
)
ACCESS: Final = _permanent(
    "access denied",
    "a role may not do what it has to: orchestrator doctor prints the statement; the log names the action",
)
QUOTA: Final = _permanent(
    "quota",
    "the account's EC2 or EMR quota is too small: ask for more in Service Quotas, or for fewer instances",
)
MEMORY: Final = _again(
    "out of memory",
    1,
    "more memory for each task: raise spark.executor.memoryOverhead (Python workers live there) or "
    "spark.executor.memory, lower spark.executor.cores, or take a larger instance type",
)
DISK: Final = _again(
    "disk full",
    1,
    "more disk: larger EbsConfiguration volumes or more nodes; shuffles and spills fill the nodes' disks",
)
LOST_NODES: Final = _again(
    "nodes lost",
    _RETRIES,
    "Spot took nodes back, or nodes failed: more instance types in the task fleet, core On-Demand",
)
MAXIMUM: Final = _permanent(
    "maximum capacity",
    "the job run needs more than the application's maximumCapacity: raise it, or ask for fewer or smaller executors",
)
VCPUS: Final = _again(
    "no vCPUs",
    _RETRIES,
    "the account's vCPUs on EMR Serverless were all in use: ask for more in Service Quotas (L-D05C8A75), or run fewer "
    "at once",
)
USAGE: Final = _permanent("wrong usage", "the job's arguments are wrong (exit 2): its stderr says which")
DATA: Final = _permanent("job failed", "the job or its data failed (exit 1): the lines of its log say why")
CANCELLED: Final = _permanent("cancelled", "somebody has cancelled it")
INTERRUPTED: Final = _again("interrupted", _RETRIES, "its cluster ended under it: what ended that says why")
UNKNOWN: Final = _again("unknown", 1, "read its logs: orchestrator logs")

# https://docs.aws.amazon.com/emr/latest/APIReference/API_ClusterStateChangeReason.html
OF_CLUSTERS: Final[Mapping[str, Verdict]] = {
    "ALL_STEPS_COMPLETED": _permanent("done", "nothing: all steps are done"),
    "BOOTSTRAP_FAILURE": _again(
        "bootstrap failed", 1, "a bootstrap action failed: its logs are below node/ in the cluster's LogUri"
    ),
    "INSTANCE_FAILURE": LOST_NODES,
    "INSTANCE_FLEET_TIMEOUT": NO_CAPACITY,
    "INTERNAL_ERROR": _again(
        "internal error", _RETRIES, "EMR or EC2 failed; should it last, ask AWS support"
    ),
    "STEP_FAILURE": _permanent("step failed", "the failed step's reason says more: orchestrator logs"),
    "USER_REQUEST": _permanent("terminated", "somebody has ended it, the reaper, or an idle time-out"),
    "VALIDATION_ERROR": _permanent(
        "refused", "EMR cannot make this cluster: its message says what to mend in the cluster's file"
    ),
}
_CAPACITY: Final = re.compile(
    r"insufficient.{0,20}capacity|out of capacity|capacity-not-available|Spot.*not available", re.IGNORECASE
)
_QUOTA: Final = re.compile(
    r"limit ?exceeded|quota|VcpuLimit|MAX_\w+_EXCEEDED|exceeded.{0,30}(?:limit|instances)", re.IGNORECASE
)
_ACCESS: Final = re.compile(
    r"AccessDenied|Access Denied|not authorized|UnauthorizedOperation|insufficient.{0,10}permission|status code: 403",
    re.IGNORECASE,
)
_MEMORY: Final = re.compile(
    r"memory limits|OutOfMemoryError|MemoryError|Cannot allocate memory|"
    r"(?:exit(?:ed)? (?:code|status)|exitCode|Exit status)\W{0,3}(?:is )?\W?(?:137|143)\b|"
    r"ret '(?:137|143)'|Container killed"
)
_DISK: Final = re.compile(r"No space left on device|DiskErrorException|DiskOutOfSpaceException")
_NODES: Final = re.compile(
    r"Container released on a \*?lost|[Nn]ode (?:was )?lost|Slave lost|spot interruption|decommission|"
    r"FetchFailed|ExecutorLostFailure|Lost executor",
    re.IGNORECASE,
)
_EXIT: Final = re.compile(
    r"(?:[eE]xit ?[cC]ode|exit(?:ed|ing)? with(?: code| status| ret)?|SystemExit|status)[ :='\"]{1,3}(-?\d+)\b"
)
# YARN's own codes for the master of an application, which say less than its log: 13, the program raised; 15, it threw.
_OF_YARN: Final = frozenset({"13", "15"})
_USERS_PROGRAM: Final = re.compile(r"User application exited with (?:status )?(\d+)")
# What EMR Serverless says where an application may have no more, and where the account may not:
# https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/endpoints-quotas.html
_MAXIMUM: Final = re.compile(
    r"ApplicationMaxCapacityExceeded|exceed\w* .{0,30}maximum capacity", re.IGNORECASE
)
_VCPUS: Final = re.compile(r"limit on the maximum vCPU", re.IGNORECASE)
# In this order: what fills memory or disk loses executors too, and what is denied is the cause of all that follows.
_OF_TEXT: Final[Sequence[tuple[re.Pattern[str], Verdict]]] = (
    (_ACCESS, ACCESS),
    (_MAXIMUM, MAXIMUM),
    (_VCPUS, VCPUS),
    (_DISK, DISK),
    (_MEMORY, MEMORY),
    (_NODES, LOST_NODES),
)


def of_cluster(code: str | None, message: str = "", details: Iterable[Mapping[str, Any]] = ()) -> Verdict:
    """Judge why a cluster ended, by ClusterStateChangeReason and ErrorDetails."""
    verdict = OF_CLUSTERS.get(code or "", UNKNOWN)
    told = " ".join(
        [message, *(f"{each.get('ErrorCode', '')} {each.get('ErrorMessage', '')}" for each in details)]
    )
    if verdict in (OF_CLUSTERS["VALIDATION_ERROR"], OF_CLUSTERS["INTERNAL_ERROR"]):
        words = told.replace("_", " ")
        for pattern, other in ((_CAPACITY, NO_CAPACITY), (_QUOTA, QUOTA), (_ACCESS, ACCESS)):
            if pattern.search(words) or pattern.search(told):
                return other
    if verdict.kind == "bootstrap failed" and _ACCESS.search(told):
        return ACCESS
    return verdict


def of_step(state: str, failure: Mapping[str, Any] | None = None, lines: Sequence[str] = ()) -> Verdict:
    """Judge why a step ended, by its state, its FailureDetails and the lines of its logs that matter."""
    if state == "CANCELLED":
        return CANCELLED
    told = [str((failure or {}).get(name) or "") for name in ("Reason", "Message")] + list(lines)
    text = "\n".join(told)
    found = next((verdict for pattern, verdict in _OF_TEXT if pattern.search(text)), None)
    if found is not None:
        return found
    if state == "INTERRUPTED":
        return INTERRUPTED
    return _of_exit(text)


def _of_exit(text: str) -> Verdict:
    codes = _USERS_PROGRAM.findall(text) or [code for code in _EXIT.findall(text) if code not in _OF_YARN]
    if not codes:
        return DATA if "Traceback (most recent call last)" in text else UNKNOWN
    return {"1": DATA, "2": USAGE}.get(codes[-1], UNKNOWN)
