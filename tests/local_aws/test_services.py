"""Firehose and functions at the endpoint, as boto3 and S3's events use them."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError

from local_aws.clients import client as made_for
from local_aws.server import Settings
from tests.local_aws.embedded import FAST, Embedded, embedded
from tests.local_aws.firehose.pretended import told
from tests.local_aws.functions.zips import zipped

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


_NUMBERS = itertools.count(1)


class Account:
    """An embedded AWS with a role, a function, a bucket and a queue for its events."""

    def __init__(self, data: Path) -> None:
        """Make them."""
        self._context = embedded(data, Settings(durations=FAST))
        self.embedded: Embedded = self._context.__enter__()
        names = ("firehose", "lambda", "kinesis", "s3", "sqs", "iam")
        self.clients = {name: made_for(self.embedded.aws.url, name) for name in names}
        # Moto keeps one account a process, whichever server asks: names must be new.
        self.name = f"of-services-{next(_NUMBERS)}"
        role = self["iam"].create_role(RoleName=self.name, AssumeRolePolicyDocument=json.dumps(TRUST))
        self.role = role["Role"]["Arn"]
        self.function = self["lambda"].create_function(
            FunctionName=self.name,
            Runtime="python3.11",
            Role=self.role,
            Handler="handlers.handler",
            Code={"ZipFile": zipped()},
            Timeout=30,
        )["FunctionArn"]

    def __getitem__(self, name: str) -> Any:
        """Return a client."""
        return self.clients[name]

    def bucket(self, name: str) -> str:
        """Make a bucket."""
        self["s3"].create_bucket(Bucket=name)
        return name

    def deliver(self) -> None:
        """Let all streams deliver what they have, as at the server's end."""
        self.embedded.aws.services.firehose.close()

    def objects(self, bucket: str) -> list[bytes]:
        """Return the objects of a bucket, in the order of their names."""
        found = self["s3"].list_objects_v2(Bucket=bucket).get("Contents", [])
        return [self["s3"].get_object(Bucket=bucket, Key=each["Key"])["Body"].read() for each in found]

    def close(self) -> None:
        """End it."""
        for each in self.clients.values():
            each.close()
        self._context.__exit__(None, None, None)


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    made = Account(tmp_path / "aws")
    yield made
    made.close()


def processing(arn: str) -> dict[str, Any]:
    parameters = [{"ParameterName": "LambdaArn", "ParameterValue": arn}]
    return {"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": parameters}]}


def test_messages_go_from_a_stream_by_a_function_to_a_bucket_and_an_event_tells_of_them(
    account: Account,
) -> None:
    bucket, kinesis, sqs = account.bucket("raw-of-road"), account["kinesis"], account["sqs"]
    queue = sqs.create_queue(QueueName="events-of-road")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    account["s3"].put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]
        },
    )
    kinesis.create_stream(StreamName="devices", ShardCount=2)
    stream = kinesis.describe_stream_summary(StreamName="devices")["StreamDescriptionSummary"]["StreamARN"]
    account["firehose"].create_delivery_stream(
        DeliveryStreamName="road",
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={"KinesisStreamARN": stream, "RoleARN": account.role},
        ExtendedS3DestinationConfiguration=told(
            BucketARN=f"arn:aws:s3:::{bucket}", ProcessingConfiguration=processing(account.function)
        ),
    )
    records = [{"Data": b"%d" % number, "PartitionKey": str(number)} for number in range(100)]
    assert kinesis.put_records(StreamName="devices", Records=records)["FailedRecordCount"] == 0
    account.deliver()
    [body] = account.objects(bucket)
    assert sorted(map(int, body.split())) == list(range(100))
    received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    events = [json.loads(message["Body"]) for message in received]
    [record] = [record for event in events for record in event.get("Records", [])]
    [key] = [each["Key"] for each in account["s3"].list_objects_v2(Bucket=bucket)["Contents"]]
    assert record["s3"]["object"]["key"] == key
    assert int(record["s3"]["object"]["sequencer"], 16) > 0


def test_direct_puts_are_delivered_and_those_that_were_not_come_with_the_next_server(tmp_path: Path) -> None:
    first = Account(tmp_path / "aws")
    bucket = first.bucket("raw-of-puts")
    firehose = first["firehose"]
    destination = told(BucketARN=f"arn:aws:s3:::{bucket}-not-yet")
    firehose.create_delivery_stream(DeliveryStreamName="puts", ExtendedS3DestinationConfiguration=destination)
    assert firehose.put_record(DeliveryStreamName="puts", Record={"Data": b"a"})["RecordId"]
    told_ = firehose.put_record_batch(DeliveryStreamName="puts", Records=[{"Data": b"b"}, {"Data": b"c"}])
    assert (told_["FailedPutCount"], len(told_["RequestResponses"])) == (0, 2)
    first.close()
    second = Account(tmp_path / "aws")
    second.bucket(f"{bucket}-not-yet")
    assert second["firehose"].list_delivery_streams()["DeliveryStreamNames"] == ["puts"]
    second.deliver()
    assert second.objects(f"{bucket}-not-yet") == [b"abc"]
    second.close()


def test_a_function_is_invoked_and_its_failures_are_told(account: Account) -> None:
    invoke = account["lambda"].invoke
    found = invoke(FunctionName=account.name, Payload=b"{}")
    assert (found["StatusCode"], "FunctionError" in found) == (200, False)
    assert json.loads(found["Payload"].read())["name"] == account.name
    failed = invoke(FunctionName=account.function, Payload=b'{"raise": 1}')
    assert failed["FunctionError"] == "Unhandled"
    assert json.loads(failed["Payload"].read())["errorType"] == "ValueError"
    assert invoke(FunctionName=account.name, InvocationType="Event", Payload=b"{}")["StatusCode"] == 202
    for name, payload, code in (
        ("other", b"{}", "ResourceNotFoundException"),
        (account.name, b"{", "InvalidRequestContentException"),
    ):
        with pytest.raises(ClientError) as fault:
            invoke(FunctionName=name, Payload=payload)
        assert fault.value.response["Error"]["Code"] == code


def test_new_code_is_run_from_then_on(account: Account) -> None:
    account["lambda"].invoke(FunctionName=account.name, Payload=b"{}")
    account["lambda"].update_function_code(
        FunctionName=account.name, ZipFile=zipped("def handler(event, context):\n    return 'new'\n")
    )
    assert account["lambda"].invoke(FunctionName=account.name, Payload=b"{}")["Payload"].read() == b'"new"'


def test_who_does_not_sign_is_refused(account: Account) -> None:
    pool = urllib3.PoolManager()
    for path, headers in (
        ("/2015-03-31/functions/f/invocations", {}),
        ("/", {"X-Amz-Target": "Firehose_20150804.ListDeliveryStreams"}),
    ):
        answer = pool.request("POST", account.embedded.aws.url + path, headers=headers, body=b"{}")
        assert (answer.status, answer.json()["__type"]) == (400, "MissingAuthenticationTokenException")
    pool.clear()
