"""Stacks on the embedded AWS: delivery streams, and what buckets keep and tell."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.clients import client
from local_aws.server import Settings
from local_aws.stacks import deploy
from tests.local_aws.embedded import Embedded, embedded

BUCKET = "bucket-of-a-stack"
DELIVERY = {
    "Type": "AWS::KinesisFirehose::DeliveryStream",
    "Properties": {
        "DeliveryStreamName": "of-a-stack",
        "ExtendedS3DestinationConfiguration": {
            "BucketARN": {"Fn::GetAtt": ["Raw", "Arn"]},
            "RoleARN": "arn:aws:iam::123456789012:role/any",
            "BufferingHints": {"IntervalInSeconds": {"Ref": "Seconds"}, "SizeInMBs": 1},
        },
    },
}
TEMPLATE: dict[str, Any] = {
    "Parameters": {"Seconds": {"Type": "Number", "Default": 0}},
    "Resources": {
        "Raw": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "BucketName": BUCKET,
                "VersioningConfiguration": {"Status": "Enabled"},
                "NotificationConfiguration": {
                    "QueueConfigurations": [
                        {"Event": "s3:ObjectCreated:*", "Queue": {"Fn::GetAtt": ["Events", "Arn"]}}
                    ]
                },
            },
        },
        "Events": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "events-of-a-stack"}},
        "Delivery": DELIVERY,
    },
    "Outputs": {
        "Delivery": {"Value": {"Ref": "Delivery"}},
        "Arn": {"Value": {"Fn::GetAtt": ["Delivery", "Arn"]}},
    },
}


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[Embedded]:
    with embedded(tmp_path / "aws", Settings()) as made:
        yield made


def written(folder: Path, template: dict[str, Any]) -> Path:
    path = folder / "a-stack.json"
    path.write_text(json.dumps(template))
    return path


def test_a_stack_lives_its_life(aws: Embedded, tmp_path: Path) -> None:
    url = aws.aws.url
    firehose, cloudformation = client(url, "firehose"), client(url, "cloudformation")

    def seconds() -> int:
        described = firehose.describe_delivery_stream(DeliveryStreamName="of-a-stack")
        [to] = described["DeliveryStreamDescription"]["Destinations"]
        found: int = to["ExtendedS3DestinationDescription"]["BufferingHints"]["IntervalInSeconds"]
        return found

    arn = "arn:aws:firehose:us-east-1:123456789012:deliverystream/of-a-stack"
    path = written(tmp_path, TEMPLATE)
    assert deploy(url, path, Seconds="7") == {"Delivery": "of-a-stack", "Arn": arn}
    assert seconds() == 7
    assert aws.s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    told = aws.s3.get_bucket_notification_configuration(Bucket=BUCKET)["QueueConfigurations"]
    assert [(each["QueueArn"].rpartition(":")[2], each["Events"]) for each in told] == [
        ("events-of-a-stack", ["s3:ObjectCreated:*"])
    ]
    again = {"ParameterKey": "Seconds", "ParameterValue": "9"}
    changed = {**TEMPLATE, "Description": "changed"}
    cloudformation.update_stack(StackName="a-stack", TemplateBody=json.dumps(changed), Parameters=[again])
    assert seconds() == 9
    cloudformation.delete_stack(StackName="a-stack")
    with pytest.raises(ClientError, match="of-a-stack under account 123456789012 not found"):
        seconds()
    firehose.close()
    cloudformation.close()
