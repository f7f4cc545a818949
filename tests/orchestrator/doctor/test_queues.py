"""Queues that are there, and queues that are not."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from local_aws.clients import client
from orchestrator.doctor.checks import Check, State
from orchestrator.doctor.queues import check_queue


@pytest.fixture
def sqs() -> Any:
    return client("http://127.0.0.1:1", "sqs")


def test_a_queue_that_is_there_is_told_with_its_url(sqs: Any) -> None:
    with Stubber(sqs) as stub:
        stub.add_response("get_queue_url", {"QueueUrl": "https://q"}, {"QueueName": "q"})
        assert list(check_queue(sqs, "q")) == [Check("queue q", State.OK, "https://q")]


@pytest.mark.parametrize("code", ["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"])
def test_a_queue_that_is_not_there_is_told_with_the_command_that_makes_it(sqs: Any, code: str) -> None:
    with Stubber(sqs) as stub:
        stub.add_client_error("get_queue_url", code)
        assert list(check_queue(sqs, "q")) == [
            Check("queue q", State.MISSING, "there is none", "aws sqs create-queue --queue-name q")
        ]


def test_a_refusal_is_for_who_asks(sqs: Any) -> None:
    with Stubber(sqs) as stub:
        stub.add_client_error("get_queue_url", "AccessDenied")
        with pytest.raises(ClientError):
            list(check_queue(sqs, "q"))


def test_at_a_url_nobody_looks(sqs: Any) -> None:
    [found] = check_queue(sqs, "https://sqs/1/q")
    assert (found.state, found.found) == (State.OK, "named by its URL: nobody has looked")
