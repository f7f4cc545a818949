"""Rules on applications."""

from typing import Any

import pytest

from benchmarks.serverless_chaos.requests import application_request, worker
from local_aws.api.errors import AwsError
from local_aws.serverless import guesses
from local_aws.serverless.rules.applications import check, with_defaults


@pytest.mark.parametrize(
    ("further", "message"),
    [
        ({"type": "FLINK"}, guesses.UNSUPPORTED_ENGINE.format(engine="FLINK")),
        ({"releaseLabel": "emr-6.5.0"}, "is not supported for release label 'emr-6.5.0'"),
        ({"releaseLabel": "newest"}, "is not supported for release label 'newest'"),
        ({"initialCapacity": {"TEZ_TASK": worker(1, 4)}}, "Worker type TEZ_TASK is not supported"),
        ({"initialCapacity": {"DRIVER": worker(3, 4)}}, "3 vCPU, 4 GB memory, 20 GB disk"),
        ({"initialCapacity": {"DRIVER": worker(1, 9)}}, "1 vCPU, 9 GB memory, 20 GB disk"),
        (
            {
                "initialCapacity": {"DRIVER": worker(1, 4, 3)},
                "maximumCapacity": {"cpu": "2", "memory": "9"},
            },
            guesses.OVER_MAXIMUM.format(what="cpu, memory"),
        ),
        (
            {"schedulerConfiguration": {}, "releaseLabel": "emr-6.15.0"},
            guesses.SCHEDULER_RELEASE,
        ),
        (
            {"schedulerConfiguration": {"maxConcurrentRuns": 1001}},
            guesses.SCHEDULER_RANGE.format(name="maxConcurrentRuns", low=1, high=1000),
        ),
        (
            {"schedulerConfiguration": {"queueTimeoutMinutes": 14}},
            guesses.SCHEDULER_RANGE.format(name="queueTimeoutMinutes", low=15, high=720),
        ),
    ],
)
def test_what_breaks_a_rule_is_refused(further: dict[str, Any], message: str) -> None:
    with pytest.raises(AwsError) as raised:
        check(application_request(**further))
    assert raised.value.code == "ValidationException"
    assert message in raised.value.message


@pytest.mark.parametrize(
    "further",
    [
        {},
        {"type": "hive", "initialCapacity": {"TEZ_TASK": worker(1, 4)}},
        {"releaseLabel": "emr-spark-8.0.0"},
        {"releaseLabel": "emr-6.6.0"},
        {"schedulerConfiguration": {"maxConcurrentRuns": 1000, "queueTimeoutMinutes": 15}},
        {
            "initialCapacity": {
                "driver": {
                    "workerCount": 1,
                    "workerConfiguration": {
                        "cpu": "4",
                        "memory": "16",
                        "disk": "500 GB",
                        "diskType": "Shuffle_Optimized",
                    },
                }
            }
        },
    ],
)
def test_what_keeps_the_rules_is_taken(further: dict[str, Any]) -> None:
    check(application_request(**further))


@pytest.mark.parametrize(
    ("label", "given", "expected"),
    [
        ("emr-7.2.0", None, None),
        ("emr-7.2.0", {}, {"maxConcurrentRuns": 15, "queueTimeoutMinutes": 360}),
        ("emr-7.3.0", None, {"maxConcurrentRuns": 15, "queueTimeoutMinutes": 360}),
        ("emr-7.3.0", {"maxConcurrentRuns": 2}, {"maxConcurrentRuns": 2, "queueTimeoutMinutes": 360}),
    ],
)
def test_queues_are_there_by_default_from_7_3_on(
    label: str, given: dict[str, int] | None, expected: dict[str, int] | None
) -> None:
    further: dict[str, Any] = {} if given is None else {"schedulerConfiguration": given}
    assert with_defaults(application_request(releaseLabel=label, **further)).get(
        "schedulerConfiguration"
    ) == (expected)
