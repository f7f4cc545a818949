"""What moto's CloudFormation does not make: delivery streams, and versions and notifications of buckets.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kinesisfirehose-deliverystream.html
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.model import ListShape, Shape, StructureShape
from moto.core.common_models import CloudFormationModel
from moto.s3.models import FakeBucket
from mypy_boto3_s3 import S3Client

from local_aws.api import shapes

_BUCKET: Final = FakeBucket.create_from_cloudformation_json.__func__  # type: ignore[attr-defined]  # a class method's
_NOTIFICATIONS: Final = {
    "QueueConfigurations": ("QueueConfigurations", "Queue", "QueueArn"),
    "TopicConfigurations": ("TopicConfigurations", "Topic", "TopicArn"),
    "LambdaConfigurations": ("LambdaFunctionConfigurations", "Function", "LambdaFunctionArn"),
}
Call = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]


class Makers:
    """Who makes what moto does not: moto keeps one account in a process, and so does this."""

    firehose: Call | None = None
    s3: S3Client | None = None


class DeliveryStream(CloudFormationModel):
    """A delivery stream of a stack."""

    def __init__(self, name: str, arn: str) -> None:
        """Take what the Firehose has made."""
        self.name, self.arn = name, arn

    @property
    def physical_resource_id(self) -> str:
        """What `Ref` gives."""
        return self.name

    @staticmethod
    def cloudformation_name_type() -> str:
        """Name the property that holds its name."""
        return "DeliveryStreamName"

    @staticmethod
    def cloudformation_type() -> str:
        """Name its type."""
        return "AWS::KinesisFirehose::DeliveryStream"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Tell whether a template may ask for an attribute."""
        return attr == "Arn"

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """Return an attribute."""
        return {"Arn": self.arn}[attribute_name]

    @classmethod
    def create_from_cloudformation_json(  # noqa: D102 - moto's own
        cls,
        resource_name: str,
        cloudformation_json: Mapping[str, Any],
        account_id: str,  # noqa: ARG003 - moto's own
        region_name: str,  # noqa: ARG003 - moto's own
        **kwargs: Any,  # noqa: ARG003 - moto's own
    ) -> "DeliveryStream":
        asked = {**cloudformation_json["Properties"], "DeliveryStreamName": resource_name}
        made = _call("CreateDeliveryStream", asked)
        return cls(resource_name, made["DeliveryStreamARN"])

    @classmethod
    def update_from_cloudformation_json(  # noqa: D102 - moto's own
        cls,
        original_resource: "DeliveryStream",
        new_resource_name: str,  # noqa: ARG003 - moto's own
        cloudformation_json: Mapping[str, Any],
        account_id: str,  # noqa: ARG003 - moto's own
        region_name: str,  # noqa: ARG003 - moto's own
    ) -> "DeliveryStream":
        name = {"DeliveryStreamName": original_resource.name}
        found = _call("DescribeDeliveryStream", name)["DeliveryStreamDescription"]
        changed = {
            **name,
            "CurrentDeliveryStreamVersionId": found["VersionId"],
            "DestinationId": found["Destinations"][0]["DestinationId"],
            "ExtendedS3DestinationUpdate": cloudformation_json["Properties"][
                "ExtendedS3DestinationConfiguration"
            ],
        }
        _call("UpdateDestination", changed)
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(  # noqa: D102 - moto's own
        cls,
        resource_name: str,
        cloudformation_json: Mapping[str, Any],  # noqa: ARG003 - moto's own
        account_id: str,  # noqa: ARG003 - moto's own
        region_name: str,  # noqa: ARG003 - moto's own
    ) -> None:
        _call("DeleteDeliveryStream", {"DeliveryStreamName": resource_name})


def complete() -> None:
    """Let moto's stacks be complete from now on; more than once does no harm."""
    FakeBucket.create_from_cloudformation_json = classmethod(_make_bucket)  # type: ignore[assignment]  # as moto's


def notifications(told: Mapping[str, Any]) -> dict[str, Any]:
    """Write a template's NotificationConfiguration as S3's API takes it."""
    asked: dict[str, Any] = {}
    for name, (wanted, whom, arn) in _NOTIFICATIONS.items():
        for each in told.get(name, []):
            written: dict[str, Any] = {arn: each[whom], "Events": [each["Event"]]}
            rules = each.get("Filter", {}).get("S3Key", {}).get("Rules", [])
            if rules:
                written["Filter"] = {"Key": {"FilterRules": [dict(rule) for rule in rules]}}
            asked.setdefault(wanted, []).append(written)
    if told.get("EventBridgeConfiguration", {}).get("EventBridgeEnabled", "true") == "true" and (
        "EventBridgeConfiguration" in told
    ):
        asked["EventBridgeConfiguration"] = {}
    return asked


def _make_bucket(
    cls: type[FakeBucket], name: str, told: Mapping[str, Any], *given: Any, **kwargs: Any
) -> Any:
    bucket = _BUCKET(cls, name, told, *given, **kwargs)
    properties, s3 = told.get("Properties", {}), Makers.s3
    if s3 is not None:
        if "VersioningConfiguration" in properties:
            status = properties["VersioningConfiguration"]
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=status)
        if "NotificationConfiguration" in properties:
            wanted: Any = notifications(properties["NotificationConfiguration"])
            s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=wanted)
    return bucket


def _call(operation: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    if Makers.firehose is None:
        raise RuntimeError(f"{operation}: no server runs a Firehose")
    model = shapes.operation(operation, "firehose")
    assert model is not None  # noqa: S101 - they are named above
    assert model.input_shape is not None  # noqa: S101 - each of them has one
    return Makers.firehose(operation, _typed(model.input_shape, asked))


def _typed(shape: Shape, value: Any) -> Any:
    """Give a value the types of the API: templates do not tell numbers from text."""
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        members = shape.members
        return {key: _typed(members[key], each) if key in members else each for key, each in value.items()}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_typed(shape.member, each) for each in value]
    if isinstance(value, str) and shape.type_name == "integer":
        return int(value)
    if isinstance(value, str) and shape.type_name == "boolean":
        return value == "true"
    if isinstance(value, int) and shape.type_name == "string":
        return str(value)
    return value
