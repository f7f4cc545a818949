import pytest

from ingestion.firehose_transform.errors import WrongEventError
from ingestion.firehose_transform.events import read_event
from tests.ingestion.firehose_transform.making import ARN, STREAM_ARN, raw_event

EXPECTED = "expected a Firehose transformation event (invocationId, deliveryStreamArn, region, records), got "
NEXT = "; connect this function to a Firehose stream as its transformation, and to nothing else"


def test_an_event_is_read() -> None:
    event = read_event(raw_event([b"a"], STREAM_ARN))
    assert (event.delivery_stream, event.source_kinesis_stream_arn) == ("device-readings", STREAM_ARN)
    assert [(record.data, record.partition_key) for record in event.records] == [("YQ==", "device-7")]
    assert read_event(raw_event([b"a"])).records[0].partition_key == ""


@pytest.mark.parametrize(
    ("arn", "name"), [(ARN, "device-readings"), ("aws:lambda:events", ""), (STREAM_ARN, ""), ("", "")]
)
def test_the_delivery_streams_name_is_taken_from_its_arn(arn: str, name: str) -> None:
    assert read_event(raw_event([]) | {"deliveryStreamArn": arn}).delivery_stream == name


@pytest.mark.parametrize(
    ("event", "got"),
    [
        (
            {"Records": [{"eventSource": "aws:s3"}]},
            "an event of aws:s3: Object missing required field `invocationId`",
        ),
        (
            {"Records": [{"EventSource": "aws:sns"}]},
            "an event of aws:sns: Object missing required field `invocationId`",
        ),
        ({"source": "aws.s3"}, "an event of aws.s3: Object missing required field `invocationId`"),
        ({"Records": []}, "an object with the keys Records: Object missing required field `invocationId`"),
        ({}, "an object with the keys (none): Object missing required field `invocationId`"),
        ([], "list: Expected `object`, got `array`"),
        (None, "NoneType: Expected `object`, got `null`"),
        (
            raw_event([]) | {"records": [{"recordId": "1"}]},
            (
                "an object with the keys invocationId, deliveryStreamArn, region, records: "
                "Object missing required field `data` - at `$.records[0]`"
            ),
        ),
    ],
)
def test_another_event_is_refused_with_what_was_expected(event: object, got: str) -> None:
    with pytest.raises(WrongEventError) as refused:
        read_event(event)
    assert str(refused.value) == f"{EXPECTED}{got}{NEXT}"
