"""Who calls, what is called, and who is killed at which call."""

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from benchmarks.road_chaos.blows import COMPONENTS, DRIVER, Blow, StrikingAws, call_of, caller, drawn
from local_aws.clients import REGION
from local_aws.server import Settings


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Boto3/1.44.5 md/Botocore#1.44.5 app/consumer-2", "consumer-2"),
        ("Hadoop 3.3.4, aws-sdk-java/1.12.262 Linux/6 OpenJDK", DRIVER),
        ("Boto3/1.44.5 md/Botocore#1.44.5", None),
    ],
)
def test_a_caller_is_known_by_its_application_or_as_the_driver(agent: str, name: str | None) -> None:
    assert caller({"HTTP_USER_AGENT": agent}) == name


@pytest.mark.parametrize(
    ("environ", "call"),
    [
        ({"HTTP_X_AMZ_TARGET": "Kinesis_20131202.PutRecords"}, "PutRecords"),
        ({"PATH_INFO": "/2015-03-31/functions/f/invocations", "REQUEST_METHOD": "POST"}, "Invoke"),
        ({"PATH_INFO": "/raw/devices/2026/01/01/00/x", "REQUEST_METHOD": "PUT"}, "PUT object"),
        (
            {"PATH_INFO": "/state/_state/ledger/road/arrived/00000001/1.json", "REQUEST_METHOD": "PUT"},
            "PUT _state/ledger arrived",
        ),
        ({"PATH_INFO": "/state/_state/runs/r1.json", "REQUEST_METHOD": "GET"}, "GET _state/runs"),
        ({"PATH_INFO": "/clean/t/_staging/r1/a/x.parquet", "REQUEST_METHOD": "PUT"}, "PUT _staging"),
        (
            {"PATH_INFO": "/clean/t/event_date=2016-01-01/1.parquet", "REQUEST_METHOD": "PUT"},
            "PUT event_date=",
        ),
    ],
)
def test_a_call_is_named_by_what_is_done_to_what(environ: Mapping[str, Any], call: str) -> None:
    assert call_of(environ) == call


def test_each_component_is_drawn_and_the_same_seed_gives_the_same() -> None:
    for seed in range(20):
        blows = _drawn(seed, 3000)
        assert {blow.component for blow in blows} == set(COMPONENTS)
        assert list(map(str, blows)) == list(map(str, _drawn(seed, 3000)))
    assert max(blow.at for seed in range(50) for blow in _drawn(seed, 200_000)) > 100


def _drawn(seed: int, messages: int) -> list[Blow]:
    return drawn(random.Random(seed), messages)  # noqa: S311 - a seed that gives the same again


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[StrikingAws]:
    made = StrikingAws(tmp_path, Settings())
    yield made
    made.close()


def _client(aws: StrikingAws, app: str) -> Any:
    session = boto3.Session("k", "s", region_name=REGION)
    once = Config(retries={"total_max_attempts": 1}, user_agent_appid=app)  # type: ignore[call-arg] # the stubs do not know it
    return session.client("sqs", endpoint_url=aws.url, config=once)


@pytest.mark.parametrize(("is_after", "left"), [(False, ["first"]), (True, ["first", "second"])])
def test_who_makes_the_call_that_is_meant_is_killed_before_it_or_after(
    aws: StrikingAws, is_after: bool, left: list[str]
) -> None:
    killed: list[str] = []
    aws.kill = lambda name: not killed.append(name)  # type: ignore[func-returns-value] # it is there
    aws.blows = [Blow("consumer", "SendMessage", 2, is_after), Blow("consumer", "SendMessage", 1, is_after)]
    one, other = _client(aws, "consumer-1"), _client(aws, "consumer-2")
    url = one.create_queue(QueueName=f"blows-{is_after}")["QueueUrl"]
    one.send_message(QueueUrl=url, MessageBody="first")
    with pytest.raises(ClientError):
        other.send_message(QueueUrl=url, MessageBody="second")
    assert killed == ["consumer-2"]
    assert [blow.struck for blow in aws.blows] == ["consumer-2", None]
    found = one.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert sorted(each["Body"] for each in found) == left
    # Blows of a component come down one after the other.
    with pytest.raises(ClientError):
        one.send_message(QueueUrl=url, MessageBody="third")
    assert killed == ["consumer-2", "consumer-1"]
    for each in (one, other):
        each.close()


def test_a_blow_on_who_is_gone_has_struck_nobody(aws: StrikingAws) -> None:
    aws.blows = [Blow("consumer", "CreateQueue", 1, is_after=True)]
    sqs = _client(aws, "consumer-1")
    with pytest.raises(ClientError):
        sqs.create_queue(QueueName="of-nobody")
    assert aws.blows[0].struck is None
    assert aws.seen == []
    sqs.list_queues()
    [seen] = aws.seen
    assert (seen.caller, seen.call, seen.path) == ("consumer-1", "ListQueues", "/")
    assert str(aws.blows[0]) == "consumer after CreateQueue 1"
    sqs.close()
