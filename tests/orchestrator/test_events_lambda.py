"""The consumer as a Lambda function."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from orchestrator import events_lambda
from orchestrator.errors import UsageError
from orchestrator.events.consuming import REASON
from tests.orchestrator.events.pretended import BEGINNING, notification
from tests.orchestrator.events.test_draining import Works
from tests.orchestrator.events.test_turning import RUNNING, SUCCEEDED, Runs

CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000)
UNTIL = BEGINNING + 600


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch) -> Works:
    made = Works(Runs(RUNNING, SUCCEEDED))
    monkeypatch.setenv("EMR_JOB_SUITE_BUCKET", "state")
    monkeypatch.setenv("EMR_JOB_SUITE_PIPELINE", "p")
    monkeypatch.setattr(events_lambda, "made", lambda *_: made.crew)
    return made


def of_sqs(**bodies: str) -> dict[str, Any]:
    return {
        "Records": [
            {"messageId": name, "eventSource": "aws:sqs", "body": body} for name, body in bodies.items()
        ]
    }


def known(works: Works) -> set[str]:
    batch = works.world.ledger.cut(works.crew.road.policy(is_due=True), UNTIL)
    return set() if batch is None else {event.key for event in batch.objects}


def test_messages_of_sqs_are_recorded_and_those_that_cannot_be_put_aside_come_again(works: Works) -> None:
    works.dead.refused = {"neither"}
    event = of_sqs(
        a=notification("devices/a", "devices/b"), b="poison", c="neither", d=notification("devices/c")
    )
    told = events_lambda.handler(event, CONTEXT)
    assert told == {"events": 3, "put_aside": 1, "batchItemFailures": [{"itemIdentifier": "c"}]}
    assert [each.attributes[REASON] for each in works.dead.sent] == ["not_json"]
    assert known(works) == {"devices/a", "devices/b", "devices/c"}


def test_an_event_of_s3_is_recorded_directly(works: Works, capsys: pytest.CaptureFixture[str]) -> None:
    assert events_lambda.handler(json.loads(notification("devices/a")), CONTEXT) == {"batchItemFailures": []}
    assert json.loads(capsys.readouterr().out) == {"batchItemFailures": []}
    assert known(works) == {"devices/a"}


def test_what_can_be_neither_recorded_nor_put_aside_fails_the_invocation(works: Works) -> None:
    event = {"nothing": "known"}
    works.dead.refused = {json.dumps(event)}
    with pytest.raises(UsageError, match="neither recorded nor put aside"):
        events_lambda.handler(event, CONTEXT)


@pytest.mark.usefixtures("works")
def test_on_its_schedule_it_takes_a_turn() -> None:
    events_lambda.handler(json.loads(notification("devices/a")), CONTEXT)
    scheduled = {"source": "aws.events", "detail-type": "Scheduled Event"}
    assert events_lambda.handler(scheduled, CONTEXT) == {"closed": [], "cut": 1, "open": [1]}
    assert events_lambda.handler(scheduled, CONTEXT) == {
        "closed": [{"batch": 1, "outcome": "done", "run_id": SUCCEEDED.run_id}],
        "cut": None,
        "open": [],
    }


@pytest.mark.usefixtures("works")
@pytest.mark.parametrize("name", ["EMR_JOB_SUITE_BUCKET", "EMR_JOB_SUITE_PIPELINE"])
def test_what_the_environment_does_not_name_is_told(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(UsageError, match=f"{name}: expected it in the function's environment"):
        events_lambda.handler(of_sqs(), CONTEXT)
