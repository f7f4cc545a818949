"""What templates tell of notifications, as S3 takes it."""

from typing import Any

import pytest

from local_aws import formation


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ({}, {}),
        ({"EventBridgeConfiguration": {}}, {"EventBridgeConfiguration": {}}),
        ({"EventBridgeConfiguration": {"EventBridgeEnabled": "false"}}, {}),
        ({"EventBridgeConfiguration": {"EventBridgeEnabled": "true"}}, {"EventBridgeConfiguration": {}}),
        (
            {
                "QueueConfigurations": [{"Event": "a", "Queue": "q"}, {"Event": "b", "Queue": "q"}],
                "TopicConfigurations": [{"Event": "c", "Topic": "t"}],
                "LambdaConfigurations": [
                    {
                        "Event": "d",
                        "Function": "f",
                        "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": "x/"}]}},
                    }
                ],
            },
            {
                "QueueConfigurations": [
                    {"QueueArn": "q", "Events": ["a"]},
                    {"QueueArn": "q", "Events": ["b"]},
                ],
                "TopicConfigurations": [{"TopicArn": "t", "Events": ["c"]}],
                "LambdaFunctionConfigurations": [
                    {
                        "LambdaFunctionArn": "f",
                        "Events": ["d"],
                        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "x/"}]}},
                    }
                ],
            },
        ),
    ],
)
def test_notifications_are_written_as_s3_takes_them(told: dict[str, Any], asked: dict[str, Any]) -> None:
    assert formation.notifications(told) == asked
