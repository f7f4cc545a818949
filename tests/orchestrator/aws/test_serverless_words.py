"""What EMR Serverless says, in EMR's words."""

from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest

from orchestrator.aws.serverless_words import (
    ACTIVE,
    READY,
    STEP_STATES,
    cluster,
    is_id,
    is_request,
    step,
    summary,
)
from orchestrator.engine.judging import state_of
from orchestrator.engine.records import State

AT, LATER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
APPLICATION: dict[str, Any] = {
    "applicationId": "00fabc",
    "name": "app/ejs-0123456789abcdef0123-1",
    "state": "STOPPED",
    "stateDetails": "idle",
    "createdAt": AT,
    "updatedAt": LATER,
    "releaseLabel": "emr-7.14.0",
    "tags": {"team": "data"},
    "monitoringConfiguration": {"s3MonitoringConfiguration": {"logUri": "s3://b/logs/"}},
}
JOB_RUN: dict[str, Any] = {"jobRunId": "00gabc", "name": "job", "createdAt": AT, "updatedAt": LATER}


def enum(name: str) -> set[str]:
    model = botocore.session.get_session().get_service_model("emr-serverless")
    return set(model.shape_for(name).metadata["enum"])


def test_every_state_of_the_service_model_is_known() -> None:
    assert set(STEP_STATES) == enum("JobRunState")
    assert {*ACTIVE, "TERMINATED"} == enum("ApplicationState")
    assert set(ACTIVE) > READY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("00fvk8a7dhcpqo0b", True),
        ("j-3K2X", False),
        ("s-3K2X", False),
        ("long.yaml", False),
        ("r01abc", False),
    ],
)
def test_ids_are_told_from_those_of_emr(text: str, expected: bool) -> None:
    assert is_id(text) is expected


def test_requests_are_told_by_their_token() -> None:
    assert is_request({"name": "app", "clientToken": "t"})
    assert not is_request({"Name": "a cluster"})


def test_an_application_is_a_cluster_that_stays() -> None:
    assert cluster(APPLICATION) == {
        "Id": "00fabc",
        "Name": "app/ejs-0123456789abcdef0123-1",
        "Status": {
            "State": "STOPPED",
            "StateChangeReason": {"Message": "idle"},
            "Timeline": {"CreationDateTime": AT, "ReadyDateTime": AT},
        },
        "ReleaseLabel": "emr-7.14.0",
        "Tags": [{"Key": "team", "Value": "data"}],
        "TerminationProtected": False,
        "AutoTerminate": False,
        "LogUri": "s3://b/logs/",
    }


def test_an_application_that_is_deleted_has_an_end() -> None:
    listed = {"id": "00f", "state": "TERMINATED", "createdAt": AT, "updatedAt": LATER}
    assert summary(listed)["Status"]["Timeline"]["EndDateTime"] == LATER


def test_a_job_run_is_a_step_with_its_times() -> None:
    told = step({**JOB_RUN, "state": "RUNNING", "startedAt": LATER})
    timeline = {"CreationDateTime": AT, "StartDateTime": LATER}
    assert told == {"Id": "00gabc", "Name": "job", "Status": {"State": "RUNNING", "Timeline": timeline}}


def test_a_failure_has_its_reason_and_where_its_own_logs_are() -> None:
    monitoring = {"monitoringConfiguration": {"s3MonitoringConfiguration": {"logUri": "s3://own/"}}}
    failed = {**JOB_RUN, "state": "FAILED", "stateDetails": "why", "configurationOverrides": monitoring}
    told = step(failed)
    assert told["Status"]["FailureDetails"] == {"Reason": "FAILED", "Message": "why"}
    assert told["Status"]["Timeline"]["EndDateTime"] == LATER
    assert told["LogUri"] == "s3://own/"


@pytest.mark.parametrize(
    ("details", "state", "reason"),
    [
        ("Job run timed out after 5 minutes.", State.FAILED, "TIME_LIMIT"),
        ("Job run was cancelled by a request.", State.CANCELLED, "CANCELLED"),
    ],
)
def test_what_was_over_its_time_has_failed_and_what_somebody_cancelled_has_not(
    details: str, state: State, reason: str
) -> None:
    told = step({**JOB_RUN, "state": "CANCELLED", "stateDetails": details})
    assert (state_of(told), told["Status"]["FailureDetails"]["Reason"]) == (state, reason)


def test_what_was_billed_for_a_job_run_is_kept() -> None:
    billed = {"vCPUHour": 1.5, "memoryGBHour": 6.0, "storageGBHour": 0.0}
    told = step({**JOB_RUN, "state": "SUCCESS", "billedResourceUtilization": billed})
    assert told["Billed"] == billed
    assert "Billed" not in step({**JOB_RUN, "state": "SUCCESS"})
