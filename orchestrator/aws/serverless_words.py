"""What EMR Serverless says, in EMR's words: an application is a cluster that stays, a job run one of its steps.

So whatever drives, lists, ends and explains clusters and steps does it for both. States of applications stay AWS's own
(CREATED, STARTED, STOPPED …), those of job runs become states of steps.

https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_Types.html
"""

import re
from collections.abc import Mapping
from typing import Any, Final

Record = Mapping[str, Any]
# States of an application in which it takes job runs, or will, started or not.
READY: Final = frozenset({"CREATED", "STARTED", "STOPPED"})
ACTIVE: Final = ("CREATING", "CREATED", "STARTING", "STARTED", "STOPPING", "STOPPED")
# https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/job-states.html
STEP_STATES: Final[Mapping[str, str]] = {
    "SUBMITTED": "PENDING",
    "QUEUED": "PENDING",
    "PENDING": "PENDING",
    "SCHEDULED": "PENDING",
    "RUNNING": "RUNNING",
    "SUCCESS": "COMPLETED",
    "FAILED": "FAILED",
    "CANCELLING": "CANCEL_PENDING",
    "CANCELLED": "CANCELLED",
}
# A job run that was over its time ends as CANCELLED, too; AWS documents no words.
_TIMED_OUT: Final = re.compile(r"tim(?:ed|e)[ -]?out", re.IGNORECASE)
# As orchestrator.engine.judging calls it: the job was given a time, and has not ended in it.
TIME_LIMIT: Final = "TIME_LIMIT"
_ENDED: Final = frozenset({"COMPLETED", "FAILED", "CANCELLED"})
# https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_Application.html: both have digits, and no dash.
_ID: Final = re.compile(r"0[0-9a-z]{5,63}")


def is_id(text: str) -> bool:
    """Tell whether it is the id of an application or a job run, and not of a cluster or a step."""
    return _ID.fullmatch(text) is not None


def is_request(request: Record) -> bool:
    """Tell a CreateApplication or StartJobRun request from one of EMR."""
    return "clientToken" in request


def summary(application: Record) -> dict[str, Any]:
    """Read an `ApplicationSummary` or `Application` as a `ClusterSummary`."""
    return {
        "Id": str(application.get("applicationId") or application["id"]),
        "Name": str(application.get("name", "")),
        "Status": _status(application),
    }


def cluster(application: Record) -> dict[str, Any]:
    """Read an `Application` as a `Cluster`."""
    told = {
        **summary(application),
        "ReleaseLabel": application.get("releaseLabel"),
        "Tags": [{"Key": key, "Value": value} for key, value in application.get("tags", {}).items()],
        "TerminationProtected": False,
        "AutoTerminate": False,
    }
    return _with_log_uri(told, application)


def step(job_run: Record) -> dict[str, Any]:
    """Read a `JobRun` or `JobRunSummary` as a `Step`, with what was billed for it, which only the first tells."""
    billed = job_run.get("billedResourceUtilization")
    told = {
        "Id": str(job_run.get("jobRunId") or job_run["id"]),
        "Name": str(job_run.get("name", "")),
        "Status": _step_status(job_run),
        **({"Billed": dict(billed)} if billed else {}),
    }
    return _with_log_uri(told, job_run.get("configurationOverrides") or {})


def _status(application: Record) -> dict[str, Any]:
    state = str(application["state"])
    ended = {"EndDateTime": application["updatedAt"]} if state == "TERMINATED" else {}
    return {
        "State": state,
        "StateChangeReason": {"Message": str(application.get("stateDetails") or "")},
        "Timeline": {
            "CreationDateTime": application["createdAt"],
            "ReadyDateTime": application["createdAt"],
            **ended,
        },
    }


def _step_status(job_run: Record) -> dict[str, Any]:
    state = STEP_STATES[str(job_run["state"])]
    details = str(job_run.get("stateDetails") or "")
    reason = state
    if state == "CANCELLED" and _TIMED_OUT.search(details):
        state, reason = "FAILED", TIME_LIMIT
    timeline = {"CreationDateTime": job_run["createdAt"]}
    if job_run.get("startedAt"):
        timeline["StartDateTime"] = job_run["startedAt"]
    if state in _ENDED:
        timeline["EndDateTime"] = job_run.get("endedAt") or job_run["updatedAt"]
    told: dict[str, Any] = {"State": state, "Timeline": timeline}
    if state in {"FAILED", "CANCELLED"}:
        told["FailureDetails"] = {"Reason": reason, "Message": details}
    return told


def _with_log_uri(told: dict[str, Any], holder: Record) -> dict[str, Any]:
    monitoring = holder.get("monitoringConfiguration") or {}
    uri = (monitoring.get("s3MonitoringConfiguration") or {}).get("logUri")
    return {**told, "LogUri": uri} if uri else told
