"""What becomes of a call, whatever service it is made to."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from local_aws.api.errors import AwsError
from local_aws.emr.agenda import Agenda
from local_aws.emr.calling import Called
from local_aws.emr.faults import CallFault, LostAnswerError
from local_aws.emr.quotas import Quotas, Rate
from local_aws.emr.scene import Scene


def list_job_runs(seen: list[Any], request: Mapping[str, Any]) -> dict[str, Any]:
    if request["applicationId"] == "00refused":
        raise AwsError("ResourceNotFoundException", "none", 404)
    seen.append(request)
    return {"jobRuns": seen}


def made(burst: int = 100) -> tuple[Called[list[Any]], list[Any], Scene]:
    seen: list[Any] = []
    world = Scene("0", "us-east-1", "123456789012", Agenda(1000))
    quotas = Quotas(world.now, {"ListJobRuns": Rate(burst, 1)}, Rate(100, 100))
    return Called("emr-serverless", {"ListJobRuns": list_job_runs}, seen, world, quotas), seen, world


def test_an_operation_works_with_its_subject_and_is_traced() -> None:
    called, seen, world = made()
    asked = {"applicationId": "00a", "createdAtAfter": datetime(2026, 1, 1, tzinfo=UTC), "states": None}
    answer = called.call("ListJobRuns", asked)
    assert seen == [{"applicationId": "00a", "createdAtAfter": 1_767_225_600.0}]
    answer["jobRuns"].clear()
    assert seen, "an answer is nobody's to change"
    assert world.trace == ["1000 CALL ListJobRuns"]


def test_a_refusal_is_traced_and_told() -> None:
    called, _, world = made()
    with pytest.raises(AwsError, match="none"):
        called.call("ListJobRuns", {"applicationId": "00refused"})
    with pytest.raises(AwsError, match="ValidationException"):
        called.call("ListJobRuns", {})
    assert [line.split(":")[0] for line in world.trace] == [
        "1000 CALL ListJobRuns ResourceNotFoundException",
        "1000 CALL ListJobRuns ValidationException",
    ]


@pytest.mark.parametrize("name", ["RunJobFlow", "StartJobRun"])
def test_what_is_no_operation_of_the_service_or_not_served_is_unknown(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(AwsError, match="UnknownOperationException"):
        made()[0].call(name, {})
    assert f"{name}: no such operation here" in caplog.text


def test_calls_are_as_many_as_the_quotas_allow_and_go_on_with_time() -> None:
    called, seen, _ = made(burst=2)
    asked = {"applicationId": "00a"}
    for _ in range(2):
        called.call("ListJobRuns", asked)
    with pytest.raises(AwsError, match="ThrottlingException"):
        called.call("ListJobRuns", asked)
    called.advance(1)
    called.call("ListJobRuns", asked)
    called.quotas = None
    called.call("ListJobRuns", asked)
    assert len(seen) == 4


def test_a_fault_strikes_before_anything_is_done_or_after() -> None:
    called, seen, _ = made()
    called.faults.script = [CallFault("server_error", 1)]
    with pytest.raises(AwsError, match="InternalServerException"):
        called.call("ListJobRuns", {"applicationId": "00a"})
    assert seen == []
    called.faults.script = [CallFault("lost_answer", 1)]
    with pytest.raises(LostAnswerError):
        called.call("ListJobRuns", {"applicationId": "00a"})
    assert len(seen) == 1
