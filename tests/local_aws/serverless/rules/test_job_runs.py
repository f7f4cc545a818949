"""Rules on job runs."""

from typing import Any

import pytest

from benchmarks.serverless_chaos.requests import job_run_request
from local_aws.api.errors import AwsError
from local_aws.serverless import guesses
from local_aws.serverless.rules.job_runs import check, check_grace

HIVE = {"hive": {"query": "s3://b/q.sql"}}
LABEL = "emr-7.14.0"


@pytest.mark.parametrize(
    ("further", "label", "message"),
    [
        ({"jobDriver": {}}, LABEL, guesses.NO_DRIVER),
        ({"jobDriver": HIVE}, LABEL, guesses.WRONG_DRIVER.format(driver="hive", engine="SPARK")),
        ({"executionTimeoutMinutes": 0}, "emr-7.11.0", guesses.TIMEOUT_RANGE.format(low=1)),
        ({"executionTimeoutMinutes": 10_081}, "emr-7.11.0", guesses.TIMEOUT_RANGE.format(low=1)),
        ({"retryPolicy": {"maxAttempts": 11}}, LABEL, guesses.ATTEMPTS_RANGE.format(name="maxAttempts")),
        ({"retryPolicy": {"maxAttempts": 2}}, "emr-7.0.0", guesses.ATTEMPTS_RELEASE),
        (
            {"retryPolicy": {"maxAttempts": 2}, "mode": "STREAMING"},
            LABEL,
            guesses.ATTEMPTS_MODE.format(name="maxAttempts", mode="STREAMING"),
        ),
        (
            {"retryPolicy": {"maxFailedAttemptsPerHour": 2}},
            LABEL,
            guesses.ATTEMPTS_MODE.format(name="maxFailedAttemptsPerHour", mode="BATCH"),
        ),
    ],
)
def test_what_breaks_a_rule_is_refused(further: dict[str, Any], label: str, message: str) -> None:
    with pytest.raises(AwsError) as raised:
        check(job_run_request("00a", **further), "SPARK", label)
    assert (raised.value.code, raised.value.message) == ("ValidationException", message)


@pytest.mark.parametrize(
    ("further", "engine", "label"),
    [
        ({}, "SPARK", LABEL),
        ({"jobDriver": HIVE}, "HIVE", LABEL),
        ({"executionTimeoutMinutes": 10_080}, "SPARK", LABEL),
        ({"executionTimeoutMinutes": 0}, "SPARK", "emr-7.10.0"),
        ({"executionTimeoutMinutes": 0, "mode": "STREAMING"}, "SPARK", LABEL),
        ({"retryPolicy": {"maxAttempts": 10}}, "SPARK", "emr-7.1.0"),
        ({"retryPolicy": {"maxAttempts": 1}}, "SPARK", "emr-6.6.0"),
        ({"retryPolicy": {"maxFailedAttemptsPerHour": 10}, "mode": "STREAMING"}, "SPARK", LABEL),
    ],
)
def test_what_keeps_the_rules_is_taken(further: dict[str, Any], engine: str, label: str) -> None:
    check(job_run_request("00a", **further), engine, label)


@pytest.mark.parametrize(
    ("seconds", "label", "message"),
    [
        (14, LABEL, guesses.GRACE_RANGE),
        (1801, LABEL, guesses.GRACE_RANGE),
        (-1, LABEL, guesses.GRACE_RANGE),
        (15, "emr-7.8.0", guesses.GRACE_RELEASE),
        (0, "emr-7.8.0", None),
        (None, "emr-6.6.0", None),
        (15, LABEL, None),
        (1800, "emr-7.9.0", None),
    ],
)
def test_grace_has_its_range_and_its_releases(seconds: int | None, label: str, message: str | None) -> None:
    if message is None:
        check_grace(seconds, label)
        return
    with pytest.raises(AwsError) as raised:
        check_grace(seconds, label)
    assert raised.value.message == message
