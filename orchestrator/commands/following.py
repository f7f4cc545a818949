"""What commands that see a run succeed do about what follows it."""

import random
from collections.abc import Mapping
from typing import Any

from orchestrator.aws.clients import READING, WRITING
from orchestrator.aws.retrying import Retrying
from orchestrator.commands.asking import planned
from orchestrator.commands.context import Context
from orchestrator.engine.edge import Edge
from orchestrator.engine.records import RunRecord
from orchestrator.follow_ups.performing import Done, Hands, perform
from orchestrator.verbs.launch import launch
from orchestrator.verbs.plan import Asked


def follow_up(found: Context, edge: Edge, record: RunRecord, until: float) -> list[Done]:
    """Do what follows a run that has succeeded, and is not done yet; return all that is done.

    Raises:
        RefusedError: AWS refuses something.
        UsageError: A pipeline cannot be run.
    """

    def run(pipeline: str, variables: Mapping[str, Any], key: str) -> str:
        made = planned(found, edge, Asked(pipeline, key=key, variables=variables), until)
        return str(launch(edge, found.s3, made, until).run_id)

    draws = random.Random()  # noqa: S311 - waits, not secrets
    hands = Hands(
        # A message that boto3 sends again by itself would come twice for no reason.
        lambda service: found.account.client(service, WRITING if service in {"sqs", "sns"} else READING),
        run,
        lambda service: Retrying(service, found.clock, draws),
    )
    return perform(edge, hands, record, until)
