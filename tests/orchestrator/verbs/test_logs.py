"""Which steps somebody means, and what is said where there are no logs."""

from collections.abc import Iterator

import pytest

from benchmarks.emr_chaos.requests import launch_request, step
from local_aws.s3_server import S3Server
from orchestrator.aws.faults import RefusedCallError
from orchestrator.errors import UsageError
from orchestrator.identity import Token, named
from orchestrator.logs.following import Pace
from orchestrator.ownership import Ownership
from orchestrator.verbs.logs import Edge, StepName, logs, steps_of
from tests.orchestrator.logs.shelf import Shelf

TOKEN = Token("0123456789abcdef0123")


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    """Start an S3."""
    server = S3Server()
    yield server
    server.close()


def edge(shelf: Shelf) -> tuple[Edge, list[str]]:
    said: list[str] = []
    return Edge(shelf.emr, shelf.objects, shelf.clock, said.append), said


def launch_ours(shelf: Shelf, run_id: str, bucket: str = "mine") -> str:
    tags = Ownership(bucket, run_id).tags()
    request = launch_request(named("ours", TOKEN), steps=[step("a"), step("b")], Tags=tags)
    cluster = shelf.emr.run_job_flow(request, shelf.until())
    shelf.clock.sleep(60)
    return cluster


def ids(shelf: Shelf, cluster: str) -> list[StepName]:
    return [StepName(cluster, each["Id"]) for each in shelf.emr.steps(cluster, shelf.until())]


def find(shelf: Shelf, what: str, cluster: str | None = None) -> list[StepName]:
    recorded = {"recorded": [StepName("j-R", "s-R")]}
    return steps_of(shelf.emr, what, cluster, "mine", lambda run: recorded.get(run, []), shelf.until())


def test_steps_are_found_by_step_by_cluster_by_record_and_by_the_tag_of_their_run(server: S3Server) -> None:
    shelf = Shelf(server)
    cluster = launch_ours(shelf, "r1")
    launch_ours(shelf, "r1", "another-bucket")
    both = ids(shelf, cluster)
    assert find(shelf, both[1].step_id, cluster) == [both[1]]
    assert find(shelf, both[1].step_id) == [both[1]]
    assert find(shelf, cluster) == both
    assert find(shelf, "r1") == both
    assert find(shelf, "recorded") == [StepName("j-R", "s-R")]


def test_what_is_not_found_is_told_with_what_is_accepted(server: S3Server) -> None:
    shelf = Shelf(server)
    with pytest.raises(
        UsageError, match=r"r9: expected the id of a step \(s-…\), a cluster \(j-…\) or a run; no run"
    ):
        find(shelf, "r9")
    with pytest.raises(
        UsageError,
        match=r"s-9: not among the steps of our newest 0 clusters; name its cluster: --cluster j-…",
    ):
        find(shelf, "s-9")


def test_without_a_log_uri_nothing_will_ever_come(server: S3Server) -> None:
    shelf = Shelf(server, log_uri="")
    with pytest.raises(UsageError) as raised:
        logs(edge(shelf)[0], StepName(shelf.cluster_id, shelf.step_id), shelf.until())
    assert str(raised.value) == (
        f"{shelf.step_id}: neither it nor its cluster {shelf.cluster_id} has a LogUri, so EMR keeps no logs of it; "
        "give the cluster's file a LogUri (s3://…) for the next one"
    )


def test_where_nothing_is_there_yet_it_is_said_what_will_be_where_and_when(server: S3Server) -> None:
    shelf = Shelf(server)
    found, said = edge(shelf)
    assert list(logs(found, StepName(shelf.cluster_id, shelf.step_id), shelf.until())) == []
    [text] = said
    assert text == (
        f"{shelf.step_id}: RUNNING, no logs yet; expected below {shelf.uri('')}: EMR puts them there about every 5 "
        "minutes while the step runs, the last ones some minutes after its end"
    )


def test_logs_are_followed_to_the_steps_end(server: S3Server) -> None:
    shelf = Shelf(server)
    shelf.put("stderr.gz", "one\n")
    found, said = edge(shelf)
    lines = logs(found, StepName(shelf.cluster_id, shelf.step_id), shelf.until(), Pace(60, 300))
    assert [line.text for line in lines] == ["one"]
    told = shelf.emr.step(shelf.cluster_id, shelf.step_id, shelf.until())
    assert (told["Status"]["State"], said) == ("COMPLETED", [])


def test_a_step_that_is_not_there_is_refused_by_emr(server: S3Server) -> None:
    shelf = Shelf(server)
    with pytest.raises(RefusedCallError, match="EMR DescribeStep: InvalidRequestException"):
        logs(edge(shelf)[0], StepName(shelf.cluster_id, "s-NONE"), shelf.until())
