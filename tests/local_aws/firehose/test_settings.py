"""What a delivery stream may be told."""

from typing import Any

import pytest

from local_aws.api.errors import AwsError
from local_aws.firehose.settings import MIB, Buffering, Function, destination
from tests.local_aws.firehose.pretended import told, with_function

PARTITIONED = {
    "Prefix": "a=!{partitionKeyFromLambda:a}/",
    "ErrorOutputPrefix": "!{firehose:error-output-type}/",
    "DynamicPartitioningConfiguration": {"Enabled": True},
}


def test_what_is_not_said_is_as_on_aws() -> None:
    found = destination(told())
    assert (found.bucket, found.prefix.text) == ("raw", "!{timestamp:yyyy/MM/dd/HH/}")
    assert found.buffering == Buffering(5 * MIB, 300_000)
    assert (found.is_gzip, found.extension, found.is_partitioned, found.function) == (False, "", False, None)
    assert destination(told(**PARTITIONED)).buffering == Buffering(64 * MIB, 300_000)
    assert destination(told(ProcessingConfiguration=with_function())).function == Function(
        "arn:aws:lambda:us-east-1:123456789012:function:t", Buffering(MIB, 60_000), 3
    )


def test_what_is_said_holds() -> None:
    found = destination(
        told(
            BufferingHints={"SizeInMBs": 128, "IntervalInSeconds": 0},
            CompressionFormat="GZIP",
            FileExtension=".jsonl.gz",
            ProcessingConfiguration=with_function(
                BufferSizeInMBs="0.2", BufferIntervalInSeconds="0", NumberOfRetries="0"
            ),
        )
    )
    assert found.buffering == Buffering(128 * MIB, 0)
    assert (found.is_gzip, found.extension) == (True, ".jsonl.gz")
    assert found.function is not None
    assert (found.function.buffering, found.function.retries) == (Buffering(int(0.2 * MIB), 0), 0)


@pytest.mark.parametrize(
    ("further", "message"),
    [
        (PARTITIONED | {"BufferingHints": {"SizeInMBs": 63}}, "must be at least 64"),
        (PARTITIONED | {"BufferingHints": {"IntervalInSeconds": 0}}, "zero buffering is not supported"),
        ({"CompressionFormat": "ZIP"}, "ZIP is not served"),
        ({"S3BackupMode": "Enabled"}, "S3BackupMode"),
        ({"DataFormatConversionConfiguration": {"Enabled": True}}, "DataFormatConversionConfiguration"),
        ({"CustomTimeZone": "Atlantis/Capital"}, "not a time zone"),
        ({"ProcessingConfiguration": with_function(BufferSizeInMBs="3.1")}, "expected 0.2 to 3, got 3.1"),
        ({"ProcessingConfiguration": with_function(NumberOfRetries="many")}, "expected a number, got many"),
        (
            {"ProcessingConfiguration": {"Enabled": True, "Processors": [{"Type": "Lambda"}]}},
            "needs the parameter LambdaArn",
        ),
        (
            {"ProcessingConfiguration": {"Enabled": True, "Processors": [{"Type": "Decompression"}]}},
            "Decompression is not served",
        ),
    ],
)
def test_what_aws_refuses_or_is_not_served_is_refused(further: dict[str, Any], message: str) -> None:
    with pytest.raises(AwsError, match=message) as fault:
        destination(told(**further))
    assert fault.value.code == "InvalidArgumentException"
