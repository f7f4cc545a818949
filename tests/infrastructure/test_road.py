"""The road's stack: as CloudFormation takes it, closed where it can be, and a Firehose that the embedded one takes."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ingestion.firehose_transform.streams.registry import STREAMS
from local_aws.clients import client
from local_aws.server import Settings
from local_aws.stacks import deploy
from orchestrator.events.consuming import Source
from orchestrator.ledger.ledger import DAY_S
from tests.infrastructure.templates import FOLDER, allowances, lint, read, statements
from tests.local_aws.embedded import Embedded, embedded
from tests.local_aws.functions.zips import zipped

TEMPLATE = FOLDER / "road.yaml"
HANDLER = "ingestion/firehose_transform/handler.py"
GIVEN = {
    "Name": "road-devices",
    "RawBucket": "raw-of-road-template",
    "CleanBucket": "clean-of-road-template",
    "CodeBucket": "code-of-road-template",
    "CodeKey": "transform.zip",
}


@pytest.fixture(scope="module")
def resources() -> Mapping[str, Any]:
    """Read the resources."""
    found: Mapping[str, Any] = read(TEMPLATE)["Resources"]
    return found


def test_the_linter_of_cloudformation_has_nothing_to_say() -> None:
    assert lint(TEMPLATE) == (0, "")


def test_nobody_may_do_everything_or_anything_to_all(resources: Mapping[str, Any]) -> None:
    found = list(allowances(resources))
    assert {name for name, _, _ in found} == {"Senders", "TransformRole", "DeliveryRole", "Consumers"}
    for name, sid, statement in found:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        assert not [action for action in actions if "*" in action], (name, sid)
        assert statement["Resource"] != "*", (name, sid)


@pytest.mark.parametrize(("policy", "name"), [("RawPolicy", "Raw"), ("CleanPolicy", "Clean")])
def test_buckets_are_encrypted_private_versioned_and_answer_by_tls_alone(
    resources: Mapping[str, Any], policy: str, name: str
) -> None:
    bucket = resources[name]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert resources[name]["DeletionPolicy"] == "Retain"
    [statement] = statements(resources[policy]).values()
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize("name", ["Events", "Failed"])
def test_queues_take_events_of_our_bucket_in_our_account_alone(
    resources: Mapping[str, Any], name: str
) -> None:
    allow = statements(resources[f"{name}Policy"])["FromTheBucket"]
    assert allow["Principal"] == {"Service": "s3.amazonaws.com"}
    assert allow["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        "ArnEquals": {"aws:SourceArn": {"Fn::Sub": "arn:${AWS::Partition}:s3:::${RawBucket}"}},
    }
    assert resources[name]["Properties"]["SqsManagedSseEnabled"] is True


def test_what_can_go_wrong_has_its_alarm(resources: Mapping[str, Any]) -> None:
    alarms = {
        name: each["Properties"]
        for name, each in resources.items()
        if each["Type"] == "AWS::CloudWatch::Alarm"
    }
    assert {name: alarm["MetricName"] for name, alarm in alarms.items()} == {
        "Behind": "GetRecords.IteratorAgeMilliseconds",
        "Stale": "DeliveryToS3.DataFreshness",
        "NotTransformed": "ApproximateNumberOfMessagesVisible",
        "SomethingIsDead": "ApproximateNumberOfMessagesVisible",
        "NobodyConsumes": "ApproximateAgeOfOldestMessage",
    }
    assert all("AlarmActions" in alarm for alarm in alarms.values())


def test_the_handler_is_where_the_package_has_it(resources: Mapping[str, Any]) -> None:
    handler = resources["Transform"]["Properties"]["Handler"]
    assert handler == f"{HANDLER.removesuffix('.py').replace('/', '.')}.handler"


def test_the_transform_knows_whose_messages_they_are_whatever_the_name_of_the_road() -> None:
    template = read(TEMPLATE)
    variables = template["Resources"]["Transform"]["Properties"]["Environment"]["Variables"]
    assert variables == {"TRANSFORM_STREAM": {"Ref": "Messages"}}
    assert template["Parameters"]["Messages"]["Default"] in {stream.name for stream in STREAMS}


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[Embedded]:
    with embedded(tmp_path, Settings()) as made:
        made.s3.create_bucket(Bucket=GIVEN["CodeBucket"])
        made.s3.put_object(Bucket=GIVEN["CodeBucket"], Key=GIVEN["CodeKey"], Body=zipped(name=HANDLER))
        yield made


@pytest.mark.filterwarnings("ignore:Tried to parse AWS")
def test_the_stack_is_made_and_a_record_goes_its_way(aws: Embedded) -> None:
    url = aws.aws.url
    outputs = deploy(url, TEMPLATE, **GIVEN, BufferSeconds="0", BufferMiB="1")
    kinesis, sqs = client(url, "kinesis"), client(url, "sqs")
    kinesis.put_records(StreamName=outputs["StreamName"], Records=[{"Data": b"a", "PartitionKey": "k"}])
    aws.aws.services.firehose.close()
    [key] = [each["Key"] for each in aws.s3.list_objects_v2(Bucket=GIVEN["RawBucket"])["Contents"]]
    assert key.startswith(f"{GIVEN['Name']}/20")
    assert aws.log(GIVEN["RawBucket"], key) == "a\n"
    queue = sqs.get_queue_url(QueueName=f"{GIVEN['Name']}-events")["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    told = [json.loads(message["Body"]) for message in messages]
    records = [record["s3"]["object"] for each in told for record in each.get("Records", [])]
    assert [(each["key"], "versionId" in each) for each in records] == [(key, True)]
    for each in (kinesis, sqs):
        each.close()


def test_events_outlast_days_in_which_no_consumer_can_record_them(resources: Mapping[str, Any]) -> None:
    queue = resources["Events"]["Properties"]
    received_s = queue["RedrivePolicy"]["maxReceiveCount"] * Source.visible_after_s
    assert 3 * DAY_S < received_s < queue["MessageRetentionPeriod"]
