"""EMR Serverless as the orchestrator uses it, against the embedded one."""

import pytest

from benchmarks.serverless_chaos.requests import application_request
from local_aws.serverless.simulated_runner import AttemptPlan
from orchestrator.aws.faults import BusyError, EndedError, RefusedCallError, UnknownOutcomeError
from orchestrator.aws.serverless import Serverless
from orchestrator.errors import TimedOutError
from tests.orchestrator.aws.serverless_room import Room, run_request


def test_the_same_request_makes_nothing_again() -> None:
    room = Room()
    request = application_request()
    made = room.serverless.create(request, room.until())
    assert room.serverless.create(request, room.until()) == made
    room.clock.sleep(60)
    run = room.serverless.start(made, run_request(), room.until())
    assert room.serverless.start(made, run_request(), room.until()) == run
    assert room.count() == (1, 1)


def test_an_answer_that_was_lost_is_asked_for_again_and_nothing_is_there_twice() -> None:
    room = Room()
    room.fault("lost_answer", "CreateApplication", 0.9)
    room.serverless.create(application_request(), room.until())
    assert room.count() == (1, 0)


def test_where_no_answer_ever_comes_nobody_knows_and_it_is_said() -> None:
    room = Room()
    room.fault("lost_answer", "CreateApplication")
    with pytest.raises(UnknownOutcomeError, match="may have been carried out"):
        room.serverless.create(application_request(), room.until(0.01))
    assert room.count() == (1, 0)


def test_a_throttled_call_was_not_done() -> None:
    room = Room()
    room.fault("throttled", "CreateApplication")
    with pytest.raises(TimedOutError):
        room.serverless.create(application_request(), room.until(0.1))
    assert room.count() == (0, 0)


def test_a_token_that_made_something_else_leaves_open_what() -> None:
    room = Room()
    room.serverless.create(application_request(), room.until())
    with pytest.raises(UnknownOutcomeError, match="ConflictException"):
        room.serverless.create(application_request(name="other"), room.until())


def test_what_aws_refuses_is_refused() -> None:
    room = Room()
    with pytest.raises(RefusedCallError, match="EMR Serverless CreateApplication: ValidationException"):
        room.serverless.create(application_request(type="PIG"), room.until())


def test_an_application_that_stops_takes_job_runs_when_it_has_stopped() -> None:
    room = Room()
    application = room.application()
    room.client.start_application(applicationId=application)
    room.clock.sleep(120)
    room.client.stop_application(applicationId=application)
    with pytest.raises(BusyError):
        room.serverless.start(application, run_request(), room.until())
    room.clock.sleep(60)
    assert room.serverless.start(application, run_request(), room.until())


def test_an_application_that_is_deleted_or_unknown_has_ended() -> None:
    room = Room()
    application = room.application()
    room.serverless.terminate([application], room.until())
    for each in (application, "00nobody"):
        with pytest.raises(EndedError):
            room.serverless.start(each, run_request(), room.until())
        assert room.serverless.status(each, room.until())["State"] == "TERMINATED"
    assert room.serverless.steps("00nobody", room.until()) == []


def test_an_application_ends_with_what_runs_on_it() -> None:
    room = Room(AttemptPlan("", (600, 600)))
    application = room.application()
    room.serverless.start(application, run_request(), room.until())
    room.clock.sleep(300)
    room.serverless.terminate([application], room.until())
    assert room.serverless.status(application, room.until())["State"] == "TERMINATED"
    (step,) = room.serverless.steps(application, room.until())
    assert step["Status"]["State"] == "CANCELLED"


def test_an_end_that_does_not_come_in_time_is_told() -> None:
    room = Room()
    application = room.application()
    room.client.start_application(applicationId=application)
    with pytest.raises(TimedOutError, match=f"{application}: STARTING when the time to end it was over"):
        room.serverless.terminate([application], room.clock.now() + 4)


def test_lists_are_whole_oldest_first_and_know_when_what_runs_began() -> None:
    room = Room(AttemptPlan("job 0", (600, 600)))
    application = room.application()
    for number in range(60):
        room.serverless.start(application, run_request(str(number)), room.until(9))
        room.clock.sleep(200)
    steps = room.serverless.steps(application, room.until())
    assert [each["Name"] for each in steps] == [f"job {number}" for number in range(60)]
    assert steps[0]["Status"]["State"] == "RUNNING"
    assert "StartDateTime" in steps[0]["Status"]["Timeline"]
    late = room.serverless.steps(application, room.until(), since=room.clock.now() - 500)
    assert [each["Name"] for each in late] == ["job 58", "job 59"]
    running = room.serverless.steps(application, room.until(), states=["RUNNING"])
    assert [each["Name"] for each in running] == ["job 0"]
    assert room.serverless.newest_steps(application, room.until())[0]["Name"] == "job 59"


def test_applications_are_listed_those_that_are_deleted_where_all_are_asked_for() -> None:
    room = Room()
    first = room.application()
    second = room.serverless.create(application_request("second"), room.until())
    room.clock.sleep(60)
    room.serverless.terminate([first], room.until())
    assert [each["Id"] for each in room.serverless.clusters(room.until())] == [first, second]
    assert [each["Id"] for each in room.serverless.clusters(room.until(), states=["WAITING"])] == [second]
    late = room.serverless.clusters(room.until(), created_after=room.clock.now() - 100)
    assert [each["Id"] for each in late] == [second]


def test_a_job_run_is_cancelled_and_one_that_is_over_is_told() -> None:
    room = Room()
    application = room.application()
    run = room.serverless.start(application, run_request(), room.until())
    assert room.serverless.cancel_steps(application, [run], room.until()) == [
        {"StepId": run, "Status": "SUBMITTED"}
    ]
    room.clock.sleep(60)
    (told,) = room.serverless.cancel_steps(application, [run], room.until())
    assert (told["Status"], "cannot be cancelled" in told["Reason"]) == ("FAILED", True)
    assert room.serverless.step(application, run, room.until())["Status"]["State"] == "CANCELLED"


def test_the_end_of_an_application_is_looked_for_as_often_as_its_pause_says() -> None:
    looks = {}
    for pause_s in (10.0, 1.0):
        room = Room()
        edge = Serverless(room.client, room.clock, pause_s=pause_s)
        made = room.application()
        room.embedded.call("StartApplication", {"applicationId": made})
        room.clock.sleep(60)
        edge.terminate([made], room.until())
        looks[pause_s] = sum(line.endswith("CALL GetApplication") for line in room.embedded.world.trace)
    assert looks[1.0] > looks[10.0]
