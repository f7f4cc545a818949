"""EMR and EMR Serverless behind one set of methods."""

import inspect

from benchmarks.emr_chaos.requests import launch_request, step
from benchmarks.serverless_chaos.requests import application_request
from orchestrator.aws.both import EmrWithServerless
from orchestrator.aws.emr import Emr
from tests.orchestrator.aws.pretended import client_error
from tests.orchestrator.aws.serverless_room import Room, run_request


def test_whatever_names_a_cluster_is_answered_for_an_application_too() -> None:
    # What these do, they do by the others.
    by_others = {"__init__", "status", "step_state"}
    own = {name for name, _ in inspect.getmembers(Emr, inspect.isfunction) if not name.startswith("_")}
    assert own - set(vars(EmrWithServerless)) == by_others - {"__init__"}


def test_requests_and_ids_say_which_service_is_meant() -> None:
    room = Room()
    until = room.until()
    application = room.emr.run_job_flow(application_request(), until)
    cluster = room.emr.run_job_flow(launch_request("cluster"), until)
    assert cluster.startswith("j-")
    room.clock.sleep(900)
    until = room.until()
    assert [each["Id"] for each in room.emr.clusters(until)] == [cluster, application]
    assert [each["Id"] for each in room.emr.clusters_like(application_request(), until, created_after=0)] == [
        application
    ]
    assert [each["Id"] for each in room.emr.clusters_like({}, until, created_after=0)] == [cluster]
    (run,) = room.emr.add_steps(application, [run_request()], until)
    (submitted,) = room.emr.add_steps(cluster, [step("s")], until)
    for where, what in ((application, run), (cluster, submitted)):
        assert room.emr.step(where, what, until)["Id"] == what
        assert [each["Id"] for each in room.emr.steps(where, until)] == [what]
        assert [each["Id"] for each in room.emr.newest_steps(where, until)] == [what]
        assert room.emr.step_state(where, what, until) in {"PENDING", "RUNNING"}
        assert room.emr.cancel_steps(where, [what], until)[0]["Status"] == "SUBMITTED"
        assert room.emr.status(where, until)["State"] == room.emr.cluster(where, until)["Status"]["State"]
    assert room.emr.fleets(application, until) == []
    assert len(room.emr.fleets(cluster, until)) > 0


def test_both_end() -> None:
    room = Room()
    application = room.application()
    cluster = room.emr.run_job_flow(launch_request("cluster"), room.until())
    for each in (application, cluster):
        room.emr.lift_protection(each, room.until())
    room.emr.terminate([application, cluster], room.until())
    room.clock.sleep(600)
    ended = [room.emr.status(each, room.until())["State"] for each in (application, cluster)]
    assert ended == ["TERMINATED", "TERMINATED"]


def test_who_may_not_list_applications_has_the_clusters_and_is_told() -> None:
    room = Room()
    cluster = room.emr.run_job_flow(launch_request("cluster"), room.until())
    setattr(room.client, "list_applications", _denied)  # noqa: B010 - its methods are made when they are asked for
    assert [each["Id"] for each in room.emr.clusters(room.until())] == [cluster]
    assert len(room.said) == 1
    assert (
        "applications of EMR Serverless are left out: EMR Serverless ListApplications: AccessDenied"
        in (room.said[0])
    )


def _denied(**_: object) -> None:
    raise client_error("AccessDeniedException", "not yours")
