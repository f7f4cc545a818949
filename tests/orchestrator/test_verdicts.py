"""What is done about a failure: a table of what EMR, EC2 and Spark say."""

from typing import Any

import pytest
from botocore.session import get_session

from orchestrator import verdicts
from orchestrator.verdicts import OF_CLUSTERS, Verdict, of_cluster, of_step
from tests.orchestrator.logs import samples


def test_each_code_of_the_service_model_has_a_verdict() -> None:
    shape = get_session().get_service_model("emr").shape_for("ClusterStateChangeReasonCode")
    assert set(OF_CLUSTERS) == set(vars(shape)["_shape_model"]["enum"])


def test_what_is_not_tried_again_is_tried_no_times_and_each_says_what_to_do() -> None:
    found = [each for each in vars(verdicts).values() if isinstance(each, Verdict)] + list(
        OF_CLUSTERS.values()
    )
    assert len(found) > 15
    assert all(each.is_retryable == (each.most_retries > 0) for each in found)
    assert all(len(each.next_step) > 10 for each in found)


@pytest.mark.parametrize(
    ("code", "message", "kind", "most_retries"),
    [
        ("VALIDATION_ERROR", "The subnet subnet-1 does not exist", "refused", 0),
        ("VALIDATION_ERROR", "Invalid InstanceProfile: EMR_EC2_DefaultRole", "refused", 0),
        ("VALIDATION_ERROR", "The requested release label is not valid", "refused", 0),
        ("VALIDATION_ERROR", "You are not authorized to perform this operation", "access denied", 0),
        ("VALIDATION_ERROR", "The number of instances exceeded your EC2 limit", "quota", 0),
        (
            "BOOTSTRAP_FAILURE",
            "On the master instance (i-1), bootstrap action 1 returned 1",
            "bootstrap failed",
            1,
        ),
        ("BOOTSTRAP_FAILURE", "s3://b/x.sh: Access Denied", "access denied", 0),
        ("INSTANCE_FAILURE", "The master node was terminated by user.", "nodes lost", 3),
        ("INSTANCE_FLEET_TIMEOUT", "The time-out of the fleet", "no capacity", 3),
        ("INTERNAL_ERROR", "EC2 is out of capacity for m5.xlarge", "no capacity", 3),
        ("INTERNAL_ERROR", "An internal error occurred", "internal error", 3),
        ("STEP_FAILURE", "Shut down as step failed", "step failed", 0),
        ("USER_REQUEST", "Terminated by user request", "terminated", 0),
        ("ALL_STEPS_COMPLETED", "Steps completed", "done", 0),
        (None, "", "unknown", 1),
        ("SOMETHING_NEW", "", "unknown", 1),
    ],
)
def test_of_a_cluster(code: str | None, message: str, kind: str, most_retries: int) -> None:
    found = of_cluster(code, message)
    assert (found.kind, found.most_retries) == (kind, most_retries)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY_AZ", "no capacity"),
        ("INTERNAL_ERROR_SPOT_PRICE_INCREASE_PRIMARY", "internal error"),
        ("VALIDATION_ERROR_MAX_ON_DEMAND_INSTANCES_PER_INSTANCE_TYPE_EXCEEDED", "quota"),
        ("VALIDATION_ERROR_SUBNET_NOT_FROM_ONE_VPC", "refused"),
        ("VALIDATION_ERROR_INVALID_SSH_KEY_NAME", "refused"),
    ],
)
def test_error_details_say_more_than_the_code(code: str, kind: str) -> None:
    of = code[: code.index("_ERROR") + len("_ERROR")]
    assert of_cluster(of, "", [{"ErrorCode": code, "ErrorMessage": ""}]).kind == kind


@pytest.mark.parametrize(
    ("state", "failure", "lines", "kind", "most_retries"),
    [
        ("FAILED", None, [], "unknown", 1),
        ("FAILED", {"Reason": "Unknown Error."}, [], "unknown", 1),
        (
            "FAILED",
            {},
            ["2026-01-01T00:00:00.000Z WARN Step failed with exitCode 2 and took 3 seconds"],
            "wrong usage",
            0,
        ),
        ("FAILED", {}, ["Command exiting with ret '1'"], "job failed", 0),
        ("FAILED", {}, ["INFO ApplicationMaster: Final app status: FAILED, exitCode: 13"], "unknown", 1),
        (
            "FAILED",
            {},
            [
                "exitCode: 13, (reason: User application exited with status 2)",
                "Step failed with exitCode 1 and took",
            ],
            "wrong usage",
            0,
        ),
        (
            "FAILED",
            {},
            ["INFO waitProcessCompletion ended with exit code 2 : hadoop jar x"],
            "wrong usage",
            0,
        ),
        ("FAILED", {}, samples.PYTHON.splitlines(), "job failed", 0),
        ("FAILED", {}, samples.LOST_EXECUTORS.splitlines(), "out of memory", 1),
        ("FAILED", {}, samples.MEMORY_LIMITS.splitlines(), "out of memory", 1),
        ("FAILED", {}, samples.JAVA.splitlines(), "access denied", 0),
        ("FAILED", {}, ["Command exiting with ret '137'"], "out of memory", 1),
        ("FAILED", {}, ["Command exiting with ret '143'"], "out of memory", 1),
        ("FAILED", {"Message": "java.io.IOException: No space left on device"}, [], "disk full", 1),
        ("FAILED", {}, ["ExecutorLostFailure: Container released on a *lost* node"], "nodes lost", 3),
        ("FAILED", {}, ["FetchFailed(BlockManagerId(1, ip-10-0-0-1))"], "nodes lost", 3),
        ("FAILED", {}, samples.CONTROLLER.splitlines(), "unknown", 1),
        (
            "FAILED",
            {"Message": "Job failed, please check logs. ExitCode: 2. Last few exceptions: x"},
            [],
            "wrong usage",
            0,
        ),
        ("FAILED", {"Message": "Job failed. ExitCode: 1."}, [], "job failed", 0),
        ("FAILED", {"Message": "ApplicationMaxCapacityExceededException: cpu"}, [], "maximum capacity", 0),
        (
            "FAILED",
            {
                "Message": "The account has reached the service limit on the maximum vCPU it can use concurrently"
            },
            [],
            "no vCPUs",
            3,
        ),
        ("INTERRUPTED", {}, [], "interrupted", 3),
        ("CANCELLED", {}, ["Command exiting with ret '143'"], "cancelled", 0),
    ],
)
def test_of_a_step(
    state: str, failure: dict[str, Any] | None, lines: list[str], kind: str, most_retries: int
) -> None:
    found = of_step(state, failure, lines)
    assert (found.kind, found.most_retries) == (kind, most_retries)
