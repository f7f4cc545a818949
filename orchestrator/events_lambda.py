"""A consumer of events as a Lambda function, for three kinds of invocation.

- By SQS (an event source mapping with ReportBatchItemFailures): the messages' events are recorded in one put; what
  nobody can read goes to the dead-letter queue; messages that could be neither are reported, and come again.
- Directly, by S3, SNS or EventBridge: the same, for one body.
- On a schedule: a turn, as `orchestrator events serve` takes them: batches are looked after, cut, begun, closed.

The environment: EMR_JOB_SUITE_BUCKET (the bucket with our state), EMR_JOB_SUITE_PIPELINE (a pipeline's name), and
EMR_JOB_SUITE_VARIABLES (a JSON object of values for its file). Anything that cannot be recorded raises: Lambda and SQS
bring it again.
"""

import json
import os
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from orchestrator.aws.clients import is_embedded
from orchestrator.commands.context import BUCKET_VARIABLE, context
from orchestrator.commands.roads import crew_of, road_of
from orchestrator.errors import UsageError
from orchestrator.events.consuming import record as record_all
from orchestrator.events.draining import Crew

PIPELINE: Final = "EMR_JOB_SUITE_PIPELINE"
VARIABLES: Final = "EMR_JOB_SUITE_VARIABLES"
# What is left to log the line, and for Lambda to end.
_RESERVE_S: Final = 10.0
# The next turn comes in a minute: nobody pays for a function that waits for a cluster.
_SLICE_S: Final = 10.0
_SCHEDULES: Final = frozenset({"aws.events", "aws.scheduler"})


def handler(event: Mapping[str, Any], lambda_context: Any) -> dict[str, Any]:
    """Record what an event tells of, or take a turn.

    Raises:
        UsageError: The environment names no bucket or no pipeline.
        RefusedError: AWS refuses something; what was not recorded comes again.
    """
    crew = made(_setting(BUCKET_VARIABLE), _setting(PIPELINE), os.environ.get(VARIABLES, "{}"))
    seconds = lambda_context.get_remaining_time_in_millis() / 1000 - _RESERVE_S
    until = crew.road.edge.clock.now() + seconds
    if event.get("source") in _SCHEDULES:
        return _logged(turn(crew, until))
    records = event.get("Records")
    if isinstance(records, list) and records and records[0].get("eventSource") == "aws:sqs":
        return _logged(record(crew, {each["messageId"]: each["body"] for each in records}, until))
    failed = record(crew, {"event": json.dumps(event)}, until)["batchItemFailures"]
    if failed:
        raise UsageError(
            "the event could be neither recorded nor put aside: the dead-letter queue has not taken it"
        )
    return _logged({"batchItemFailures": []})


@cache
def made(bucket: str, pipeline: str, variables: str) -> Crew:
    """Make what takes turns, which is kept as long as Lambda keeps the process.

    Raises:
        UsageError: The pipeline's file is not what it must be, or has no trigger.
    """
    given = [f"{name}={json.dumps(value)}" for name, value in json.loads(variables).items()]
    found = context(local=is_embedded(), profile=None, region=None, bucket=bucket)
    return crew_of(found, road_of(found, pipeline, given), pipeline, given, None, _SLICE_S)


def record(crew: Crew, bodies: Mapping[str, str], until: float) -> dict[str, Any]:
    """Record the events of messages, by their ids; return those that the dead-letter queue has not taken."""
    taken = record_all(crew.road.source(crew.sqs), crew.turning.ledger, bodies, until)
    return {
        "events": taken.events,
        "put_aside": taken.put_aside,
        "batchItemFailures": [{"itemIdentifier": name} for name in sorted(taken.failed)],
    }


def turn(crew: Crew, until: float) -> dict[str, Any]:
    """Take one turn."""
    found = crew.turning.turn(crew.road.policy(), until)
    return {
        "closed": [
            {"batch": each.batch.number, "outcome": str(each.outcome), "run_id": each.run_id}
            for each in found.closed
        ],
        "cut": None if found.cut is None else found.cut.number,
        "open": found.open,
    }


def _setting(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise UsageError(f"{name}: expected it in the function's environment, got none")
    return value


def _logged(told: dict[str, Any]) -> dict[str, Any]:
    print(json.dumps(told))  # what Lambda keeps as its log
    return told
