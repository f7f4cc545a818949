"""Does what follows a run, each thing once as far as its service lets it, whoever comes and however often.

A query bears the action's id as its token, so Athena begins it once. A message bears it as an attribute: it may come
more than once (a crash between the call and its record), with the same id. A run of another pipeline has it for its
key. What was done is recorded below `_state/then/`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from orchestrator.aws.retrying import Retrying
from orchestrator.engine.documents import load, save
from orchestrator.engine.edge import Edge
from orchestrator.engine.records import RunRecord, State
from orchestrator.errors import FailedError, OrchestratorError, RefusedError, TimedOutError, UsageError
from orchestrator.plans import PlannedAction

ATTRIBUTE: Final = "emr-job-suite-id"
RUN_ATTRIBUTE: Final = "emr-job-suite-run"
_KINDS: Final = (UsageError, RefusedError, TimedOutError)


class Done(msgspec.Struct, frozen=True):
    """An action that was done: `result` is the query's id, the message's, or the run's."""

    id: str
    kind: str
    target: str
    result: str
    done_at: float


@dataclass(frozen=True)
class Hands:
    """What it is done with: a client by a service's name, and how to run a pipeline under a key (returns its run)."""

    client: Callable[[str], Any]
    run: Callable[[str, Mapping[str, Any], str], str]
    retrying: Callable[[str], Retrying]


def perform(edge: Edge, hands: Hands, record: RunRecord, until: float) -> list[Done]:
    """Do what follows a run and is not done yet; return all that is done.

    Raises:
        RefusedError: AWS refuses something.
        UsageError: A pipeline cannot be run, or there are no credentials.
        TimedOutError: It was not answered in time.
    """
    if record.state is not State.SUCCEEDED:
        return []
    return [_once(edge, hands, record, action, until) for action in record.plan.then]


def _once(edge: Edge, hands: Hands, record: RunRecord, action: PlannedAction, until: float) -> Done:
    key = f"then/{record.run_id}/{action.id}.json"
    found = load(edge, key, Done, until)
    if found is not None:
        return found[0]
    try:
        result = _DOING[action.kind](hands, action, record.run_id, until)
    except OrchestratorError as fault:
        text = (
            f"run {record.run_id} has succeeded, and what follows it has not: {action.kind} {action.target}: {fault}; "
            f"orchestrator run --attach {record.run_id} does what is left"
        )
        kind = next((each for each in _KINDS if isinstance(fault, each)), FailedError)
        raise kind(text) from fault
    done = Done(action.id, action.kind, action.target, result, edge.clock.now())
    save(edge, key, done, None, until)
    edge.say(f"run {record.run_id}: {action.kind} {action.target}: {result}")
    return done


def _query(hands: Hands, action: PlannedAction, run_id: str, until: float) -> str:
    """Begin a query: https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html."""
    asked: dict[str, Any] = {
        "QueryString": action.text,
        "WorkGroup": action.target,
        # 32 to 128 characters.
        "ClientRequestToken": f"emr-job-suite-{action.id}".ljust(32, "-"),
    }
    del run_id
    if action.database is not None:
        asked["QueryExecutionContext"] = {"Database": action.database}
    if action.results is not None:
        asked["ResultConfiguration"] = {"OutputLocation": action.results}
    answer = hands.retrying("Athena").read(
        "StartQueryExecution", lambda: hands.client("athena").start_query_execution(**asked), until
    )
    return str(answer["QueryExecutionId"])


def _message(hands: Hands, action: PlannedAction, run_id: str, until: float) -> str:
    client, retrying = hands.client("sqs"), hands.retrying("SQS")
    url = action.target
    if "://" not in url:
        url = retrying.read("GetQueueUrl", lambda: client.get_queue_url(QueueName=action.target), until)[
            "QueueUrl"
        ]
    answer = retrying.read(
        "SendMessage",
        lambda: client.send_message(
            QueueUrl=url, MessageBody=_body(action, run_id), MessageAttributes=_attributes(action, run_id)
        ),
        until,
    )
    return str(answer["MessageId"])


def _notification(hands: Hands, action: PlannedAction, run_id: str, until: float) -> str:
    client = hands.client("sns")
    answer = hands.retrying("SNS").read(
        "Publish",
        lambda: client.publish(
            TopicArn=action.target,
            Message=_body(action, run_id),
            MessageAttributes=_attributes(action, run_id),
        ),
        until,
    )
    return str(answer["MessageId"])


def _run(hands: Hands, action: PlannedAction, run_id: str, until: float) -> str:
    del run_id, until
    return hands.run(action.target, action.variables, f"then-{action.id}")


def _body(action: PlannedAction, run_id: str) -> str:
    """Return the action's own text, or else what a consumer needs to find the rest."""
    return action.text or msgspec.json.encode({"run_id": run_id, "id": action.id}).decode()


def _attributes(action: PlannedAction, run_id: str) -> dict[str, dict[str, str]]:
    return {
        ATTRIBUTE: {"DataType": "String", "StringValue": action.id},
        RUN_ATTRIBUTE: {"DataType": "String", "StringValue": run_id},
    }


_DOING: Final[Mapping[str, Callable[[Hands, PlannedAction, str, float], str]]] = {
    "query": _query,
    "message": _message,
    "notification": _notification,
    "run": _run,
}
