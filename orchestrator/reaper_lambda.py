"""The reaper as a Lambda function on a schedule (`infrastructure/reaper.yaml`).

It needs what Lambda's Python has, boto3, and this package; no state. The environment names the owner:
EMR_JOB_SUITE_BUCKET. It logs one line of JSON, and raises only after all was tried, so that the alarm hears of it.
"""

import json
import os
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import boto3

from orchestrator.aws.both import EmrWithServerless
from orchestrator.aws.clock import SystemClock
from orchestrator.aws.patience import READING, WRITING
from orchestrator.aws.serverless import Serverless
from orchestrator.errors import FailedError, UsageError
from orchestrator.verbs.reap import Reaped, Reaper

OWNER: Final = "EMR_JOB_SUITE_BUCKET"
# What is left to log the line, and for Lambda to end.
_RESERVE_S: Final = 10.0


def handler(_event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Reap once.

    Raises:
        UsageError: The environment names no owner.
        FailedError: Some clusters could not be looked at, or not be ended.
    """
    owner = os.environ.get(OWNER)
    if not owner:
        raise UsageError(
            f"{OWNER}: expected the bucket with our state, which names whose clusters are ours, got none"
        )
    reaper = reaper_of(owner)
    return run(reaper, reaper.clock.now() + context.get_remaining_time_in_millis() / 1000 - _RESERVE_S)


@cache
def reaper_of(owner: str) -> Reaper:
    """Make a reaper, which is kept as long as Lambda keeps the process: it remembers tags and its rates."""
    clock = SystemClock()
    serverless = Serverless(boto3.client("emr-serverless", config=WRITING), clock)
    reading, writing = boto3.client("emr", config=READING), boto3.client("emr", config=WRITING)
    emr = EmrWithServerless(reading, writing, serverless, clock, say=print)
    return Reaper(emr, owner, clock)


def run(reaper: Reaper, until: float) -> dict[str, Any]:
    """Reap once, and log it.

    Raises:
        FailedError: Some clusters could not be looked at, or not be ended.
    """
    told = line(reaper.owner, reaper.reap(until, is_to_end=True))
    print(json.dumps(told))  # what Lambda keeps as its log
    if told["faults"]:
        raise FailedError(
            f"{len(told['faults'])} clusters could not be looked at, or not be ended: {told['faults']}"
        )
    return told


def line(owner: str, reaped: Reaped) -> dict[str, Any]:
    """Return what is logged of a round."""
    ended = [each for each in reaped.sentences if reaped.error(each.cluster_id) is None]
    return {
        "owner": owner,
        "looked_at": reaped.looked_at,
        "ended": [{"id": each.cluster_id, "rule": str(each.rule), "reason": each.reason} for each in ended],
        "faults": [{"id": each.cluster_id, "error": each.error} for each in reaped.faults],
    }
