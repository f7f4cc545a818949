"""A shop whose lake tells a queue of its objects."""

import json
from typing import Any

from local_aws.clients import client

TRIGGER = """
trigger:
  queue: {name}
  dead_letter_queue: {name}-dead
  max_attempts: 2
"""


class Eventful:
    """A shop whose lake tells a queue of its objects; manifests of its runs list what they were given."""

    def __init__(self, shop: Any) -> None:
        """Make queues, and let the bucket tell one of them."""
        self.shop = shop
        self.sqs = client(shop.aws.aws.url, "sqs")
        self.name = f"events-of-{shop.lake}"
        self.url, self.dead = (
            self.sqs.create_queue(QueueName=each)["QueueUrl"] for each in (self.name, f"{self.name}-dead")
        )
        arn = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]
        shop.aws.s3.put_bucket_notification_configuration(
            Bucket=shop.lake,
            NotificationConfiguration={
                "QueueConfigurations": [
                    {
                        "QueueArn": arn["QueueArn"],
                        "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
                        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "raw/"}]}},
                    }
                ]
            },
        )
        text = (shop.folder / "two.yaml").read_text()
        (shop.folder / "two.yaml").write_text(text + TRIGGER.format(name=self.name))

    def put(self, *keys: str) -> None:
        """Put objects."""
        for key in keys:
            self.shop.put(key)

    def aside(self) -> list[Any]:
        """Return what was put aside."""
        answer = self.sqs.receive_message(
            QueueUrl=self.dead, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        return list(answer.get("Messages", []))

    def counts(self) -> dict[str, int]:
        """Count objects as the ledger does, but for those that there are none of."""
        told = self.shop.told("ledger", "status", "two.yaml")["counts"]
        return {each["state"]: each["objects"] for each in told if each["objects"]}

    def read_by(self, run_id: str) -> list[str]:
        """Return what the first job of a run was told to read."""
        shop = self.shop
        record = json.loads(self._text(shop.bucket, f"_state/runs/{run_id}.json"))
        [step, *_] = [job["step"] for job in record["plan"]["jobs"]]
        given = step["HadoopJarStep"]["Args"] if "HadoopJarStep" in step else _arguments(step)
        [listed] = [each for each in given if each.startswith("--inputs-from=")]
        bucket, _, key = listed.removeprefix("--inputs-from=s3://").partition("/")
        return self._text(bucket, key).splitlines()

    def _text(self, bucket: str, key: str) -> str:
        body: bytes = self.shop.aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return body.decode()


def _arguments(job_run: Any) -> list[str]:
    return list(job_run["jobDriver"]["sparkSubmit"]["entryPointArguments"])
