"""What a pipeline knows of its objects, and how that is mended."""

import json

from local_aws.emr.simulated_runner import StepPlan
from tests.orchestrator.commands.conftest import QUICK
from tests.orchestrator.commands.eventful import Eventful


def test_an_object_that_makes_runs_fail_ends_alone_and_dead_and_can_be_retried(eventful: Eventful) -> None:
    eventful.shop.fail("readings")
    eventful.put("raw/b.json", "raw/c.json")
    result = eventful.shop.run("events", "drain", "two.yaml", "-o", "json")
    assert result.exit_code == 1
    batches = json.loads(result.stdout)["batches"]
    assert [(each["objects"], each["outcome"]) for each in batches] == [
        (2, "failed"),
        (1, "failed"),
        (1, "failed"),
    ]
    assert eventful.counts() == {"dead": 2}
    dead = eventful.shop.told("ledger", "status", "two.yaml")["dead"]
    assert all("readings" in each["reason"] for each in dead)
    shown = eventful.shop.run("ledger", "retry", "two.yaml", "--prefix", "raw/b")
    assert (shown.exit_code, "1 objects would be taken again" in shown.stderr) == (0, True)
    eventful.shop.plans[:] = [StepPlan("", minutes=QUICK)]
    eventful.shop.told("ledger", "retry", "two.yaml", "--prefix", "raw/b", "--yes")
    [batch] = eventful.shop.told("events", "drain", "two.yaml")["batches"]
    assert (batch["objects"], batch["outcome"]) == (1, "done")
    eventful.shop.told("ledger", "forget", "two.yaml", "--yes")
    assert eventful.counts() == {"done": 1, "forgotten": 1}
