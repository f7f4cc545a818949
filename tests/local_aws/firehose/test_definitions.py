"""What is kept of a delivery stream, and told of it."""

from pathlib import Path

from botocore.session import get_session
from botocore.validate import ParamValidator

from local_aws.firehose.definitions import Definition, kept
from tests.local_aws.firehose.pretended import NOON, told


def test_a_definition_is_kept_and_described_by_the_model(tmp_path: Path) -> None:
    definition = Definition(
        "ds",
        "arn:ds",
        "KinesisStreamAsSource",
        NOON,
        told(),
        "arn:aws:kinesis:us-east-1:123456789012:stream/s",
        "arn:aws:iam::123456789012:role/r",
        2,
        NOON + 1,
        {"a": "b"},
    )
    (tmp_path / "ds").mkdir()
    definition.keep(tmp_path / "ds")
    assert kept(tmp_path) == [definition]
    model = get_session().get_service_model("firehose")
    shape = model.shape_for("DeliveryStreamDescription")
    described = definition.described()
    assert not ParamValidator().validate(described, shape).has_errors()
    assert (described["VersionId"], described["LastUpdateTimestamp"]) == ("2", (NOON + 1) / 1000)
    assert described["Source"]["KinesisStreamSourceDescription"]["DeliveryStartTimestamp"] == NOON / 1000
    assert described["Destinations"][0]["ExtendedS3DestinationDescription"]["BufferingHints"] == {
        "SizeInMBs": 5,
        "IntervalInSeconds": 300,
    }
