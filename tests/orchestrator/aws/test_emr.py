"""EMR as the orchestrator uses it, against stubs, the service model and the embedded EMR."""

import inspect
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.session import get_session
from botocore.stub import Stubber

from benchmarks.emr_chaos.requests import launch_request, step
from benchmarks.orchestrator_chaos.direct import DirectClient, VirtualClock
from local_aws import clients
from local_aws.emr.emulator import Emr as EmbeddedEmr
from local_aws.emr.faults import CallFault
from local_aws.emr.simulated_runner import SimulatedRunner, StepPlan
from orchestrator.aws import emr as edge
from orchestrator.aws.emr import Emr, created_at, seconds
from orchestrator.aws.faults import RefusedCallError, UnknownOutcomeError
from orchestrator.errors import TimedOutError
from tests.orchestrator.aws.pretended import BEGINNING, LongestWaits, StillClock

UNTIL = BEGINNING + 600
HOUR = 3600.0


@pytest.fixture
def stubbed() -> Iterator[tuple[Emr, Stubber]]:
    """Give the edge over a stubbed client."""
    client = clients.client("http://127.0.0.1:1", "emr")
    with Stubber(client) as stubber:
        yield Emr(client, client, StillClock(), draws=LongestWaits()), stubber
        stubber.assert_no_pending_responses()
    client.close()


class Simulated:
    """The edge over the embedded EMR, quotas included."""

    def __init__(self) -> None:
        """Begin without clusters."""
        self.embedded = EmbeddedEmr(lambda world: SimulatedRunner(world, [StepPlan("", (1, 2))]))
        self.clock, client = VirtualClock(self.embedded), DirectClient(self.embedded)
        self.emr = Emr(client, client, self.clock, draws=random.Random(1))  # noqa: S311 - repeatable, no secret

    def until(self, hours: float = 1) -> float:
        """Return an instant."""
        return self.clock.now() + hours * HOUR

    def fault(self, kind: str, operation: str | None = None, rate: float = 1.0) -> None:
        """Let calls fail."""
        self.embedded.faults.script.append(CallFault(kind, rate, operation))


def summary(cluster_id: str, second: int) -> dict[str, Any]:
    created = datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC)
    return {"Id": cluster_id, "Status": {"State": "WAITING", "Timeline": {"CreationDateTime": created}}}


def test_all_operations_and_their_methods_are_in_the_service_model() -> None:
    names = set(get_session().get_service_model("emr").operation_names)
    source = inspect.getsource(edge)
    client = DirectClient(EmbeddedEmr(SimulatedRunner))
    used = {name for name in names if f'"{name}"' in source}
    assert used == {
        "AddJobFlowSteps",
        "CancelSteps",
        "DescribeCluster",
        "DescribeStep",
        "ListClusters",
        "ListInstanceFleets",
        "ListSteps",
        "RunJobFlow",
        "SetTerminationProtection",
        "TerminateJobFlows",
    }
    assert set(edge._METHODS) < used
    assert all(callable(getattr(client, method)) for method in edge._METHODS.values())


def test_the_way_of_cancelling_is_one_that_emr_has() -> None:
    shape = get_session().get_service_model("emr").shape_for("StepCancellationOption")
    assert "SEND_INTERRUPT" in vars(shape)["_shape_model"]["enum"]


def test_clusters_are_listed_over_all_pages_once_each_oldest_first(stubbed: tuple[Emr, Stubber]) -> None:
    emr, stubber = stubbed
    asked = {"ClusterStates": ["WAITING"], "CreatedAfter": datetime.fromtimestamp(BEGINNING, UTC)}
    stubber.add_response(
        "list_clusters", {"Clusters": [summary("j-3", 3), summary("j-2", 1)], "Marker": "m"}, asked
    )
    stubber.add_response(
        "list_clusters", {"Clusters": [summary("j-2", 1), summary("j-1", 1)]}, {**asked, "Marker": "m"}
    )
    found = emr.clusters(UNTIL, created_after=BEGINNING, states=["WAITING"])
    assert [each["Id"] for each in found] == ["j-1", "j-2", "j-3"]


def test_a_throttled_page_is_asked_for_again_and_no_page_before_it(stubbed: tuple[Emr, Stubber]) -> None:
    emr, stubber = stubbed
    stubber.add_response("list_clusters", {"Clusters": [summary("j-1", 1)], "Marker": "m"}, {})
    stubber.add_client_error("list_clusters", "ThrottlingException", "Rate exceeded")
    stubber.add_response("list_clusters", {"Clusters": [summary("j-2", 2)]}, {"Marker": "m"})
    assert [each["Id"] for each in emr.clusters(UNTIL)] == ["j-1", "j-2"]


def test_clusters_end_ten_a_call(stubbed: tuple[Emr, Stubber]) -> None:
    emr, stubber = stubbed
    ids = [f"j-{number}" for number in range(21)]
    for batch in (ids[:10], ids[10:20], ids[20:]):
        stubber.add_response("terminate_job_flows", {}, {"JobFlowIds": batch})
    emr.terminate(ids, UNTIL)


def test_no_cluster_is_no_call(stubbed: tuple[Emr, Stubber]) -> None:
    stubbed[0].terminate([], UNTIL)


def test_steps_are_cancelled_256_a_call_and_all_answers_come_back(stubbed: tuple[Emr, Stubber]) -> None:
    emr, stubber = stubbed
    ids = [f"s-{number}" for number in range(257)]
    for batch in (ids[:256], ids[256:]):
        told = [{"StepId": each, "Status": "SUBMITTED"} for each in batch]
        asked = {"ClusterId": "j-1", "StepIds": batch, "StepCancellationOption": "SEND_INTERRUPT"}
        stubber.add_response("cancel_steps", {"CancelStepsInfoList": told}, asked)
    assert [each["StepId"] for each in emr.cancel_steps("j-1", ids, UNTIL)] == ids


def test_a_life_of_a_cluster() -> None:
    sim = Simulated()
    steps = [step("first"), step("second")]
    cluster = sim.emr.run_job_flow(launch_request("ours", steps=steps), sim.until())
    sim.clock.sleep(HOUR)
    added = sim.emr.add_steps(cluster, [step("third")], sim.until())
    assert [each["Name"] for each in sim.emr.steps(cluster, sim.until())] == ["first", "second", "third"]
    assert [each["Id"] for each in sim.emr.steps(cluster, sim.until(), states=["PENDING"])] == added
    newest = sim.emr.newest_steps(cluster, sim.until())
    assert [each["Name"] for each in newest] == ["third", "second", "first"]
    assert sim.emr.step(cluster, added[0], sim.until())["Name"] == "third"
    assert {each["InstanceFleetType"] for each in sim.emr.fleets(cluster, sim.until())} == {"MASTER", "CORE"}
    assert sim.emr.cluster(cluster, sim.until())["Name"] == "ours"
    sim.emr.terminate([cluster], sim.until())
    sim.clock.sleep(HOUR)
    assert sim.emr.clusters(sim.until(), states=["WAITING", "RUNNING"]) == []
    [ended] = sim.emr.clusters(sim.until())
    assert (ended["Id"], ended["Status"]["State"]) == (cluster, "TERMINATED")


def test_a_protected_cluster_is_refused_until_its_protection_is_lifted() -> None:
    sim = Simulated()
    protected = launch_request(instances={"TerminationProtected": True})
    cluster = sim.emr.run_job_flow(protected, sim.until())
    with pytest.raises(RefusedCallError, match="termination protected"):
        sim.emr.terminate([cluster], sim.until())
    sim.emr.lift_protection(cluster, sim.until())
    sim.emr.terminate([cluster], sim.until())
    assert sim.emr.cluster(cluster, sim.until())["Status"]["State"] == "TERMINATING"


@pytest.mark.parametrize("kind", ["server_error", "lost_answer"])
def test_a_launch_whose_outcome_is_unknown_is_not_repeated(kind: str) -> None:
    sim = Simulated()
    sim.fault(kind, "RunJobFlow")
    with pytest.raises(UnknownOutcomeError, match="EMR RunJobFlow: no answer came"):
        sim.emr.run_job_flow(launch_request(), sim.until())
    assert len(sim.emr.clusters(sim.until())) == (kind == "lost_answer")


def test_steps_whose_outcome_is_unknown_are_not_added_twice() -> None:
    sim = Simulated()
    cluster = sim.emr.run_job_flow(launch_request(), sim.until())
    sim.fault("lost_answer", "AddJobFlowSteps")
    with pytest.raises(UnknownOutcomeError, match="EMR AddJobFlowSteps: no answer came"):
        sim.emr.add_steps(cluster, [step()], sim.until())
    assert len(sim.emr.steps(cluster, sim.until())) == 1


@pytest.mark.parametrize("answer", [{}, {"JobFlowId": ""}])
def test_a_launch_whose_answer_was_cut_short_may_have_happened(
    stubbed: tuple[Emr, Stubber], answer: dict[str, Any]
) -> None:
    emr, stubber = stubbed
    stubber.add_response("run_job_flow", answer)
    with pytest.raises(
        UnknownOutcomeError, match="the answer has no JobFlowId; it may have been carried out"
    ):
        emr.run_job_flow(launch_request(), UNTIL)


@pytest.mark.parametrize("answer", [{}, {"StepIds": ["s-1"]}])
def test_steps_whose_answer_was_cut_short_may_have_been_added(
    stubbed: tuple[Emr, Stubber], answer: dict[str, Any]
) -> None:
    emr, stubber = stubbed
    stubber.add_response("add_job_flow_steps", answer)
    with pytest.raises(UnknownOutcomeError, match="the answer has no StepIds; it may have been carried out"):
        emr.add_steps("j-1", [step(), step()], UNTIL)


def test_throttled_launches_come_through_once() -> None:
    sim = Simulated()
    sim.fault("throttled", rate=0.5)
    ids = {sim.emr.run_job_flow(launch_request(), sim.until()) for _ in range(20)}
    assert {each["Id"] for each in sim.emr.clusters(sim.until())} == ids
    assert len(ids) == 20


def test_a_launch_that_was_throttled_all_the_time_has_not_happened() -> None:
    sim = Simulated()
    sim.fault("throttled", "RunJobFlow")
    with pytest.raises(TimedOutError, match="EMR RunJobFlow: throttled until the time was over"):
        sim.emr.run_job_flow(launch_request(), sim.until(0.1))
    assert sim.emr.clusters(sim.until()) == []


def test_reads_go_on_below_the_quotas_though_half_of_them_fail() -> None:
    sim = Simulated()
    cluster = sim.emr.run_job_flow(launch_request(), sim.until())
    for kind in ("server_error", "lost_answer", "throttled"):
        sim.fault(kind, rate=0.2)
    for _ in range(50):
        assert sim.emr.cluster(cluster, sim.until())["Id"] == cluster


@pytest.mark.parametrize(
    ("instant", "found"),
    [(datetime(2026, 1, 1, tzinfo=UTC), BEGINNING), (BEGINNING, BEGINNING), (None, 0.0)],
)
def test_instants_are_seconds(instant: Any, found: float) -> None:
    assert seconds(instant) == found


def test_a_cluster_was_created_when_its_timeline_says() -> None:
    assert created_at(summary("j-1", 7)) == BEGINNING + 7
    assert created_at({"Status": {}}) == 0.0
