"""Firehose's operations."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_aws.api import shapes
from local_aws.api.errors import AwsError
from local_aws.clients import client
from local_aws.firehose.service import Firehose, Surroundings
from tests.local_aws.firehose.pretended import NOON, Bucket, answering, told

MIB = 2**20


class Service:
    """A Firehose whose answers are held against the model."""

    def __init__(self, folder: Path) -> None:
        """Begin."""
        self.bucket, self._folder = Bucket(), folder
        self._kinesis = client("http://127.0.0.1:1", "kinesis")
        self._drawn = 0
        self.firehose = self._begin()

    def _begin(self) -> Firehose:
        around = Surroundings(
            "123456789012",
            "us-east-1",
            lambda: NOON,
            self._draw,
            lambda _arn, payload: answering(payload),
            self.bucket.put,
            self._kinesis,
        )
        return Firehose(self._folder, around)

    def _draw(self) -> str:
        self._drawn += 1
        return f"{self._drawn:012d}"

    def __call__(self, name: str, **request: Any) -> dict[str, Any]:
        """Carry out an operation."""
        answer = self.firehose.call(name, request)
        model = shapes.operation(name, "firehose")
        assert model is not None
        assert shapes.output_faults(model, answer) == []
        return answer

    def refused(self, name: str, **request: Any) -> tuple[str, str]:
        """Carry out an operation that is refused."""
        with pytest.raises(AwsError) as fault:
            self(name, **request)
        return fault.value.code, fault.value.message

    def create(self, name: str, **further: Any) -> None:
        """Make a stream for direct puts."""
        self(
            "CreateDeliveryStream",
            DeliveryStreamName=name,
            ExtendedS3DestinationConfiguration=told(**further),
        )

    def put(self, name: str, *texts: str) -> None:
        """Put records."""
        records = [{"Data": text} for text in texts]
        self("PutRecordBatch", DeliveryStreamName=name, Records=records)

    def restart(self) -> None:
        """End it, and begin another one."""
        self.firehose.close()
        self.firehose = self._begin()

    def close(self) -> None:
        """End it."""
        self.firehose.close()
        self._kinesis.close()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path)
    yield made
    made.close()


def test_a_stream_is_made_described_listed_and_deleted(service: Service) -> None:
    for name in ("b", "a", "c"):
        service.create(name)
    assert service("ListDeliveryStreams", Limit=2) == {
        "DeliveryStreamNames": ["a", "b"],
        "HasMoreDeliveryStreams": True,
    }
    assert service("ListDeliveryStreams", ExclusiveStartDeliveryStreamName="b") == {
        "DeliveryStreamNames": ["c"],
        "HasMoreDeliveryStreams": False,
    }
    assert (
        service("ListDeliveryStreams", DeliveryStreamType="KinesisStreamAsSource")["DeliveryStreamNames"]
        == []
    )
    found = service("DescribeDeliveryStream", DeliveryStreamName="a")["DeliveryStreamDescription"]
    assert (found["DeliveryStreamStatus"], found["VersionId"], found["DeliveryStreamType"]) == (
        "ACTIVE",
        "1",
        "DirectPut",
    )
    service("DeleteDeliveryStream", DeliveryStreamName="a")
    assert service.refused("DescribeDeliveryStream", DeliveryStreamName="a") == (
        "ResourceNotFoundException",
        "Firehose a under account 123456789012 not found.",
    )


def test_an_update_counts_up_delivers_as_before_and_then_as_told(service: Service) -> None:
    service.create("a", Prefix="old/")
    service.put("a", "b2xk")
    update = {"DeliveryStreamName": "a", "DestinationId": "destinationId-000000000001"}
    assert service.refused("UpdateDestination", **update, CurrentDeliveryStreamVersionId="2")[0] == (
        "ConcurrentModificationException"
    )
    service(
        "UpdateDestination",
        **update,
        CurrentDeliveryStreamVersionId="1",
        ExtendedS3DestinationUpdate={"Prefix": "new/"},
    )
    service.put("a", "bmV3")
    service.restart()
    assert {key.split("/")[0]: body for key, body in service.bucket.objects.items()} == {
        "old": b"old",
        "new": b"new",
    }
    assert any("/a-2-2026" in key for key in service.bucket.objects)
    found = service("DescribeDeliveryStream", DeliveryStreamName="a")["DeliveryStreamDescription"]
    assert (found["VersionId"], found["LastUpdateTimestamp"]) == ("2", NOON / 1000)


def test_tags_are_kept(service: Service) -> None:
    service.create("a")
    service("TagDeliveryStream", DeliveryStreamName="a", Tags=[{"Key": "x", "Value": "1"}, {"Key": "y"}])
    service("UntagDeliveryStream", DeliveryStreamName="a", TagKeys=["x"])
    service.restart()
    assert service("ListTagsForDeliveryStream", DeliveryStreamName="a")["Tags"] == [{"Key": "y", "Value": ""}]


def test_puts_have_their_limits(service: Service) -> None:
    service.create("a")
    most = base64.b64encode(bytes(1_024_000)).decode()
    service("PutRecord", DeliveryStreamName="a", Record={"Data": most})
    more = base64.b64encode(bytes(1_024_001)).decode()
    code, message = service.refused("PutRecord", DeliveryStreamName="a", Record={"Data": more})
    assert code == "ValidationException"
    assert "less than or equal to 1024000" in message
    assert service.refused("PutRecord", DeliveryStreamName="a", Record={"Data": "*"})[0] == (
        "SerializationException"
    )
    many = [{"Data": "A" * MIB}] * 6
    assert service.refused("PutRecordBatch", DeliveryStreamName="a", Records=many)[1] == (
        "Records size exceeds 4 MB limit"
    )
    code, message = service.refused("PutRecordBatch", DeliveryStreamName="a", Records=[{"Data": ""}] * 501)
    assert code == "ValidationException"
    assert "less than or equal to 500" in message


@pytest.mark.parametrize(
    ("further", "message"),
    [
        ({}, "serves ExtendedS3DestinationConfiguration alone"),
        (
            {"ExtendedS3DestinationConfiguration": told(), "DeliveryStreamType": "MSKAsSource"},
            "must go together",
        ),
        (
            {"ExtendedS3DestinationConfiguration": told(), "DeliveryStreamType": "KinesisStreamAsSource"},
            "must go together",
        ),
        ({"ExtendedS3DestinationConfiguration": told(S3BackupMode="Enabled")}, "S3BackupMode"),
    ],
)
def test_what_is_not_served_is_refused_and_leaves_nothing(
    service: Service, further: dict[str, Any], message: str
) -> None:
    code, told_ = service.refused("CreateDeliveryStream", DeliveryStreamName="a", **further)
    assert code == "InvalidArgumentException"
    assert message in told_
    service.create("a")
    assert service.refused(
        "CreateDeliveryStream", DeliveryStreamName="a", ExtendedS3DestinationConfiguration=told()
    ) == ("ResourceInUseException", "Firehose a under accountId 123456789012 already exists")
    assert service.refused("StartDeliveryStreamEncryption", DeliveryStreamName="a")[0] == (
        "UnknownOperationException"
    )


def test_a_stream_from_kinesis_takes_no_puts(service: Service) -> None:
    source = {
        "KinesisStreamARN": "arn:aws:kinesis:us-east-1:123456789012:stream/s",
        "RoleARN": told()["RoleARN"],
    }
    service(
        "CreateDeliveryStream",
        DeliveryStreamName="k",
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration=source,
        ExtendedS3DestinationConfiguration=told(),
    )
    assert "not permitted" in service.refused("PutRecord", DeliveryStreamName="k", Record={"Data": "YQ=="})[1]
