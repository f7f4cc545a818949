"""The Firehose of a process of its own: killed at any call, it delivers everything at least once."""

import gzip
from pathlib import Path

import pytest

from benchmarks.road_chaos.blows import FIREHOSE, Blow
from benchmarks.road_chaos.evidence import is_delivered
from benchmarks.road_chaos.firehose import surroundings
from local_aws.clients import client
from local_aws.firehose.transform import FunctionError
from tests.benchmarks.road_chaos.standing import road_without_spark


@pytest.mark.filterwarnings("ignore:Tried to parse AWS")
def test_what_is_in_the_stream_is_delivered_though_it_is_killed(tmp_path: Path) -> None:
    road = road_without_spark(tmp_path)
    try:
        around = surroundings(road.aws.url)
        function = f"arn:aws:lambda:us-east-1:123456789012:function:{road.name}-transform"
        with pytest.raises(FunctionError, match="as was asked for"):
            around.invoke(function, b'{"raise": true}')
        kinesis = client(road.aws.url, "kinesis")
        sent = [b"%d" % number for number in range(30)]
        kinesis.put_records(
            StreamName=road.outputs["StreamName"],
            Records=[{"Data": each, "PartitionKey": "k"} for each in sent],
        )
        assert not is_delivered(road)
        road.aws.blows = [
            Blow(FIREHOSE, "Invoke", 1, is_after=True),
            Blow(FIREHOSE, "PUT object", 1, is_after=True),
        ]
        firehose = road.add_firehose()
        while not is_delivered(road):
            assert firehose.look() is None
        firehose.end()
        assert [blow.struck for blow in road.aws.blows] == [FIREHOSE, FIREHOSE]
        assert firehose.begun == 3
        listed = road.aws.s3.list_objects_v2(Bucket=road.raw)["Contents"]
        bodies = [road.aws.s3.get_object(Bucket=road.raw, Key=each["Key"])["Body"].read() for each in listed]
        lines = [line for body in bodies for line in gzip.decompress(body).splitlines()]
        assert set(lines) == set(sent)
        # Whoever dies between a put and remembering it puts it again.
        assert len(lines) == 2 * len(sent)
        for each in (kinesis, around.kinesis):
            each.close()
    finally:
        road.close()
