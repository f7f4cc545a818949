"""What follows a run: each thing once as far as its service lets it, whatever crashes."""

import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from msgspec.structs import replace

from benchmarks.orchestrator_chaos.scenarios import run_command
from benchmarks.orchestrator_chaos.simulation import Simulation, own_cluster, plan_of, planned_job
from benchmarks.orchestrator_chaos.stage import Crash
from orchestrator.aws.retrying import Retrying
from orchestrator.engine.edge import Edge
from orchestrator.engine.records import RunRecord, State
from orchestrator.errors import OrchestratorError, RefusedError, UsageError
from orchestrator.follow_ups.performing import Done, Hands, perform
from orchestrator.plans import PlannedAction

QUERY = PlannedAction(
    id="0123456789abcdef0123",
    kind="query",
    text="SELECT 1",
    target="primary",
    database="lake",
    results="s3://results/a/",
)
MESSAGE = PlannedAction(id="m" * 20, kind="message", target="next")
NOTIFICATION = PlannedAction(id="n" * 20, kind="notification", target="arn:topic", text="done")
RUN = PlannedAction(id="r" * 20, kind="run", target="other", variables={"lake": "l"})
ALL = [QUERY, MESSAGE, NOTIFICATION, RUN]


class Services:
    """Athena, SQS, SNS and another pipeline; `on_call` may fail a call."""

    def __init__(self) -> None:
        """Begin."""
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.queries: dict[str, str] = {}
        self.on_call: Callable[[str], None] = lambda _name: None

    def _call(self, name: str, asked: Mapping[str, Any]) -> None:
        self.calls.append((name, dict(asked)))
        self.on_call(name)

    def start_query_execution(self, **asked: Any) -> dict[str, str]:
        """Begin a query, or find the one of its token."""
        query = self.queries.setdefault(asked["ClientRequestToken"], f"q-{len(self.queries)}")
        self._call("query", asked)
        return {"QueryExecutionId": query}

    def get_queue_url(self, **asked: Any) -> dict[str, str]:
        """Find a queue."""
        return {"QueueUrl": f"https://{asked['QueueName']}"}

    def send_message(self, **asked: Any) -> dict[str, str]:
        """Take a message."""
        self._call("message", asked)
        return {"MessageId": f"m-{len(self.calls)}"}

    def publish(self, **asked: Any) -> dict[str, str]:
        """Take a notification."""
        self._call("notification", asked)
        return {"MessageId": f"n-{len(self.calls)}"}

    def run(self, pipeline: str, variables: Mapping[str, Any], key: str) -> str:
        """Run a pipeline."""
        self._call("run", {"pipeline": pipeline, "variables": dict(variables), "key": key})
        return "rother"


class World:
    """A run that has succeeded, and what follows it."""

    def __init__(self, *actions: PlannedAction) -> None:
        """Let it succeed."""
        self.simulation, self.services = Simulation(), Services()
        jobs = [planned_job("readings", "nightly", "s3://lake/t", action="TERMINATE_CLUSTER")]
        plan = plan_of("nightly", jobs, own_cluster("nightly", jobs))
        self.record: RunRecord = self.play(lambda edge: run_command(plan, edge))
        plan = replace(plan, then=list(actions))
        self.record = replace(self.record, plan=plan)

    def play(self, what: Callable[[Edge], Any]) -> Any:
        """Let a process do something; what it raises is returned."""
        actor = self.simulation.actor("user", what)
        self.simulation.play([actor])
        if isinstance(actor.error, OrchestratorError):
            return actor.error
        assert actor.error is None, actor.error
        return actor.result

    def perform(self) -> Any:
        """Do what follows."""
        return self.play(self._perform)

    def _perform(self, edge: Edge) -> list[Done]:
        draws = random.Random(1)  # noqa: S311 - repeatable, no secret
        hands = Hands(
            lambda _service: self.services, self.services.run, lambda name: Retrying(name, edge.clock, draws)
        )
        return perform(edge, hands, self.record, edge.clock.now() + 600)


def attributes(action: PlannedAction, run_id: str) -> dict[str, dict[str, str]]:
    return {
        "emr-job-suite-id": {"DataType": "String", "StringValue": action.id},
        "emr-job-suite-run": {"DataType": "String", "StringValue": run_id},
    }


def test_all_is_done_with_its_token_id_or_key_and_recorded() -> None:
    world = World(*ALL)
    done = world.perform()
    run_id = world.record.run_id
    assert world.services.calls == [
        (
            "query",
            {
                "QueryString": "SELECT 1",
                "WorkGroup": "primary",
                "ClientRequestToken": f"emr-job-suite-{QUERY.id}",
                "QueryExecutionContext": {"Database": "lake"},
                "ResultConfiguration": {"OutputLocation": "s3://results/a/"},
            },
        ),
        (
            "message",
            {
                "QueueUrl": "https://next",
                "MessageBody": f'{{"run_id":"{run_id}","id":"{MESSAGE.id}"}}',
                "MessageAttributes": attributes(MESSAGE, run_id),
            },
        ),
        (
            "notification",
            {
                "TopicArn": "arn:topic",
                "Message": "done",
                "MessageAttributes": attributes(NOTIFICATION, run_id),
            },
        ),
        ("run", {"pipeline": "other", "variables": {"lake": "l"}, "key": f"then-{RUN.id}"}),
    ]
    assert [(each.kind, each.result) for each in done] == [
        ("query", "q-0"),
        ("message", "m-2"),
        ("notification", "n-3"),
        ("run", "rother"),
    ]
    assert len(QUERY.id) + len("emr-job-suite-") >= 32


def test_what_is_done_is_not_done_again() -> None:
    world = World(*ALL)
    first = world.perform()
    assert world.perform() == first
    assert len(world.services.calls) == 4


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED, State.RUNNING])
def test_nothing_follows_a_run_that_has_not_succeeded(state: State) -> None:
    world = World(*ALL)
    world.record = replace(world.record, state=state)
    assert world.perform() == []
    assert world.services.calls == []


@pytest.mark.parametrize("kind", ["query", "message", "notification", "run"])
def test_after_a_crash_right_after_a_call_the_rest_is_done_and_the_query_begun_once(kind: str) -> None:
    world = World(*ALL)
    crashes = [kind]

    def crash(name: str) -> None:
        if name in crashes:
            crashes.remove(name)
            raise Crash

    world.services.on_call = crash
    done = world.perform()
    assert [each.kind for each in done] == ["query", "message", "notification", "run"]
    counts = {name: sum(each == name for each, _ in world.services.calls) for name, _ in world.services.calls}
    assert counts == {name: 1 + (name == kind) for name in ("query", "message", "notification", "run")}
    assert len(world.services.queries) == 1
    # What comes twice bears the same id.
    assert len({str(asked) for name, asked in world.services.calls if name == kind}) == 1


@pytest.mark.parametrize("kind", ["query", "message"])
def test_a_lost_answer_is_asked_for_again(kind: str) -> None:
    world = World(*ALL)
    losses = [kind]

    def lose(name: str) -> None:
        if name in losses:
            losses.remove(name)
            raise ConnectionClosedError(endpoint_url="x")

    world.services.on_call = lose
    assert len(world.perform()) == 4
    assert len(world.services.queries) == 1


def test_what_is_refused_is_told_with_the_way_back_and_what_was_done_stays() -> None:
    world = World(*ALL)

    def refuse(name: str) -> None:
        if name == "message":
            told: Any = {"Error": {"Code": "AccessDenied", "Message": "no"}}
            raise ClientError(told, "SendMessage")

    world.services.on_call = refuse
    fault = world.perform()
    assert isinstance(fault, RefusedError)
    assert f"run {world.record.run_id} has succeeded, and what follows it has not: message next: SQS" in str(
        fault
    )
    assert f"orchestrator run --attach {world.record.run_id} does what is left" in str(fault)
    world.services.on_call = lambda _name: None
    assert len(world.perform()) == 4
    assert [name for name, _ in world.services.calls].count("query") == 1


def test_a_pipeline_that_cannot_be_run_is_wrong_usage() -> None:
    world = World(RUN)

    def refuse(_name: str) -> None:
        raise UsageError("there is no pipeline other")

    world.services.on_call = refuse
    assert isinstance(world.perform(), UsageError)
