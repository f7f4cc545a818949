"""Operations by name."""

import pytest

from benchmarks.serverless_chaos.requests import application_request
from local_aws.api.errors import AwsError
from local_aws.api.shapes import service
from local_aws.emr.agenda import Agenda
from local_aws.emr.faults import CallFault, LostAnswerError
from local_aws.serverless.emulator import OPERATIONS, RATES, SERVICE, Serverless
from local_aws.serverless.simulated_runner import SimulatedRunner
from tests.local_aws.serverless.laptop import HOUR, Laptop

# Interactive sessions: a notebook's, which no job is.
_SESSIONS = {
    "GetResourceDashboard",
    "GetSession",
    "GetSessionEndpoint",
    "ListSessions",
    "StartSession",
    "TerminateSession",
}


def test_all_operations_but_those_of_sessions_are_there() -> None:
    assert set(OPERATIONS) == set(service(SERVICE).operation_names) - _SESSIONS
    assert set(RATES) == set(OPERATIONS)


def test_others_are_not_known() -> None:
    code, message = Laptop().refused("StartSession", applicationId="00a")
    assert (code, message) == (
        "UnknownOperationException",
        "StartSession: not served by the embedded AWS",
    )


def test_the_same_calls_give_the_same_trace() -> None:
    def trace(seed: str) -> list[str]:
        laptop = Laptop(seed=seed)
        made = laptop.started()
        laptop.run(made, seconds=HOUR)
        return laptop.world.trace

    assert trace("a") == trace("a") != trace("b")


@pytest.mark.parametrize(
    ("request_", "code", "message"),
    [
        ({"type": "SPARK"}, "ValidationException", "2 validation errors detected"),
        ({**application_request(), "name": 5}, "SerializationException", "NUMBER_VALUE"),
        (application_request("bad token"), "ValidationException", "regular expression pattern"),
    ],
)
def test_requests_are_held_against_the_model(request_: dict[str, object], code: str, message: str) -> None:
    told = Laptop().refused("CreateApplication", **request_)
    assert told[0] == code
    assert message in told[1]


def test_calls_are_limited_as_aws_limits_them() -> None:
    serverless = Serverless(SimulatedRunner)
    for _ in range(25):
        serverless.call("ListApplications", {})
    with pytest.raises(AwsError, match="ThrottlingException: Rate exceeded"):
        serverless.call("ListApplications", {})
    serverless.advance(1)
    serverless.call("ListApplications", {})


def test_a_fault_strikes_before_or_after() -> None:
    laptop = Laptop()
    laptop.serverless.faults.script = [CallFault("server_error", 1)]
    assert laptop.refused("CreateApplication", **application_request())[0] == "InternalServerException"
    assert laptop.account.applications == {}
    laptop.serverless.faults.script = [CallFault("lost_answer", 1)]
    with pytest.raises(LostAnswerError):
        laptop.call("CreateApplication", **application_request())
    laptop.serverless.faults.script = []
    again = laptop.call("CreateApplication", **application_request())["applicationId"]
    assert list(laptop.account.applications) == [again], "the token finds what the lost answer told"


def test_another_agenda_moves_it() -> None:
    agenda = Agenda(1000)
    serverless = Serverless(SimulatedRunner, agenda=agenda)
    made = serverless.call("CreateApplication", application_request())["applicationId"]
    agenda.advance(10_000)
    assert serverless.call("GetApplication", {"applicationId": made})["application"]["state"] == "CREATED"


def test_nulls_are_as_if_they_were_not_there() -> None:
    laptop = Laptop()
    made = laptop.create(maximumCapacity=None, tags=None)
    assert "maximumCapacity" not in laptop.call("GetApplication", applicationId=made)["application"]
