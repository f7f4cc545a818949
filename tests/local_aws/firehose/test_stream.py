"""A delivery stream: objects and their names, partitions, failures, and crashes at any put."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.firehose.stream import Stream
from tests.local_aws.firehose.pretended import NOON, Crash, Laboratory, records, told, with_function


def flushed(laboratory: Laboratory) -> Stream:
    stream = laboratory.stream()
    while stream.advance(all_of_it=True):
        pass
    return stream


def test_records_are_put_together_as_they_are_and_named_as_firehose_does(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, records("a", "b"), told(Prefix="raw/"))
    stream = flushed(laboratory)
    assert laboratory.bucket.objects == {
        "raw/2026/04/01/12/devices-1-2026-04-01-12-00-00-000000000001": b"ab"
    }
    assert laboratory.delivered() == {"shard-0": "000000", "shard-1": "000001"}
    assert stream.counts == {"read": 2, "written": 2, "dropped": 0, "failed": 0, "objects": 1}
    assert stream.is_empty


def test_gzip_has_its_extension_and_a_delimiter_is_appended(tmp_path: Path) -> None:
    delimited = {"Enabled": True, "Processors": [{"Type": "AppendDelimiterToRecord"}]}
    laboratory = Laboratory(
        tmp_path,
        records("a", "b"),
        told(CompressionFormat="GZIP", ProcessingConfiguration=delimited, CustomTimeZone="Asia/Tokyo"),
    )
    flushed(laboratory)
    [(key, body)] = laboratory.bucket.objects.items()
    assert key == "2026/04/01/21/devices-1-2026-04-01-21-00-00-000000000001.gz"
    assert gzip.decompress(body) == b"a\nb\n"


def test_buffers_wait_for_their_size_or_their_age(tmp_path: Path) -> None:
    hints = {"SizeInMBs": 1, "IntervalInSeconds": 60}
    laboratory = Laboratory(tmp_path, records("a", "b", "c", "d"), told(BufferingHints=hints))
    stream = laboratory.stream()
    stream.advance()
    assert laboratory.bucket.objects == {}
    laboratory.now += 59_999
    stream.advance()
    assert laboratory.bucket.objects == {}
    laboratory.now += 1
    stream.advance()
    assert list(laboratory.bucket.objects.values()) == [b"abcd"]
    laboratory.records.clear()
    big = Laboratory(tmp_path / "big", records("x" * 2**20), told(BufferingHints=hints))
    big.folder.mkdir()
    big.stream().advance()
    assert len(big.bucket.objects) == 1


def test_what_a_function_drops_or_fails_is_counted_and_failures_are_kept_in_their_envelope(
    tmp_path: Path,
) -> None:
    laboratory = Laboratory(
        tmp_path, records("good", "drop me", "fail me"), told(ProcessingConfiguration=with_function())
    )
    stream = flushed(laboratory)
    assert stream.counts == {"read": 3, "written": 1, "dropped": 1, "failed": 1, "objects": 2}
    [good] = [body for key, body in laboratory.bucket.objects.items() if "processing-failed" not in key]
    assert good == b"GOOD\n"
    [(key, failed)] = [
        (key, body) for key, body in laboratory.bucket.objects.items() if "processing-failed" in key
    ]
    assert key.startswith("processing-failed/2026/04/01/12/devices-1-")
    assert json.loads(failed) == {
        "attemptsMade": 1,
        "arrivalTimestamp": NOON + 2000,
        "errorCode": "Lambda.ProcessingFailedStatus",
        "errorMessage": "ProcessingFailed status set for record",
        "attemptEndingTimestamp": NOON,
        "rawData": "ZmFpbCBtZQ==",
        "lambdaArn": "arn:aws:lambda:us-east-1:123456789012:function:t",
    }


def test_batches_for_the_function_are_no_larger_than_asked_for(tmp_path: Path) -> None:
    sizes: list[int] = []
    function = with_function(BufferSizeInMBs="0.2")
    laboratory = Laboratory(tmp_path, records(*["x" * 60_000] * 7), told(ProcessingConfiguration=function))
    original = laboratory.invoke

    def invoke(payload: bytes) -> bytes:
        sizes.append(len(json.loads(payload)["records"]))
        return original(payload)

    laboratory.invoke = invoke
    flushed(laboratory)
    assert sizes == [3, 3, 1]


PARTITIONED = told(
    Prefix="first=!{partitionKeyFromLambda:first}/at=!{timestamp:HH}/",
    ErrorOutputPrefix="errors/!{firehose:error-output-type}/",
    DynamicPartitioningConfiguration={"Enabled": True},
    ProcessingConfiguration=with_function(),
)


def test_each_partition_has_its_object_and_who_has_no_key_fails(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, records("apple", "bean", "avocado", ""), PARTITIONED)
    flushed(laboratory)
    found = {key.rpartition("/")[0]: body for key, body in laboratory.bucket.objects.items()}
    assert found["first=a/at=12"] == b"APPLE\nAVOCADO\n"
    assert found["first=b/at=12"] == b"BEAN\n"
    assert json.loads(found["errors/processing-failed"])["errorCode"] == (
        "DynamicPartitioning.MetadataExtractionFailed"
    )
    assert set(found) == {"first=a/at=12", "first=b/at=12", "errors/processing-failed"}


def test_a_put_that_is_refused_is_tried_again_later(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, records("a"))
    laboratory.bucket.faults = ["refused", "refused"]
    stream = flushed(laboratory)
    assert (laboratory.bucket.objects, stream.is_empty) == ({}, False)
    laboratory.now += 4_999
    assert not stream.advance()
    for _ in range(2):
        laboratory.now += 5_000
        stream.advance()
    assert list(laboratory.bucket.objects.values()) == [b"a"]


texts = st.lists(st.from_regex(r"(drop|fail|[ab])[a-z]{0,3}", fullmatch=True), min_size=1, max_size=12)
faults = st.lists(st.sampled_from(["", "refused", "crash before", "crash after"]), max_size=8)


@given(
    texts=texts,
    faults=faults,
    is_partitioned=st.booleans(),
    minutes=st.lists(st.integers(0, 10), max_size=20),
)
def test_whatever_crashes_every_record_is_delivered_or_dropped(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str],
    faults: list[str],
    is_partitioned: bool,
    minutes: list[int],
) -> None:
    configuration = PARTITIONED if is_partitioned else told(ProcessingConfiguration=with_function())
    named = [f"{text}{number:02d}" for number, text in enumerate(texts)]
    laboratory = Laboratory(tmp_path_factory.mktemp("stream"), records(*named), configuration)
    laboratory.bucket.faults = faults
    stream, passing = laboratory.stream(), iter(minutes)
    for _ in range(200):
        laboratory.now += 60_000 * next(passing, 10)
        try:
            if not stream.advance(all_of_it=len(minutes) % 2 == 0) and stream.is_empty:
                break
        except Crash:
            stream = laboratory.stream()
    kept = {text.lower() for text in laboratory.bucket.lines()}
    assert kept == {text.encode() for text in named if not text.startswith("drop")}
    assert laboratory.delivered() == {each.shard: each.sequence for each in laboratory.records}
