"""Records that mix good messages with poison, from the stream through Firehose with the packed transform to S3.

What cannot be opened is kept below processing-failed/, byte for byte, with its reason; all that is text reaches the
job, which takes what is good and puts the rest into quarantine with its reason.
"""

import base64
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingestion.firehose_transform.opening import MOST_OPENED_BYTES
from ingestion.firehose_transform.records import MOST_LINES
from local_aws.clients import client
from local_aws.server import Settings
from local_aws.stacks import deploy
from scripts import lambda_package
from tests.conftest import ROOT
from tests.infrastructure.consumer import copy_installed
from tests.ingestion.firehose_transform.making import aggregate, message
from tests.ingestion.judge import judge
from tests.local_aws.embedded import FAST, Embedded, embedded

GOOD = [message(number) for number in range(40)]
_AGGREGATE = aggregate(GOOD[:2])
_NAME = "poisoned-devices"
# Firehose keeps these: whatever good lay in them comes back by a replay, once they are mended.
NOT_OPENED = {
    "gzip cut off": gzip.compress(GOOD[0])[:-12],
    "gzip with a wrong checksum": gzip.compress(GOOD[0])[:-8] + b"\0" * 8,
    "gzip that does not decompress": b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"\xff" * 20,
    "gzip with other bytes behind it": gzip.compress(GOOD[0]) + b"more",
    "gzip of too much": gzip.compress(b" " * (MOST_OPENED_BYTES + 1)),
    "gzip of too many lines": gzip.compress(b"\n" * (MOST_LINES + 1)),
    "bytes that are no text": b"\x00\x01\x02\x03 no text",
}
# Firehose takes what is no whole aggregate for a record like any other, and so does the job: as text that is none.
DELIVERED = {
    "no UTF-8": (b"\xff\xfe\xfd", "bad_encoding"),
    "no JSON": (b"Hello", "malformed_json"),
    "JSON cut off": (GOOD[0][:-5], "malformed_json"),
    "a name twice": (b'{"device_id":"a","device_id":"b"}', "malformed_json"),
    "an array": (b"[1]", "not_an_object"),
    "null": (b"null", "not_an_object"),
    "an empty object": (b"{}", "missing_device_id"),
    "no event": (GOOD[0].replace(b"event_id", b"event"), "missing_event_id"),
    "a device that is a number": (GOOD[0].replace(b'"a",', b"7,", 1), "bad_type_device_id"),
    "a time that is none": (message(1, event_time='"yesterday"'), "bad_type_event_time"),
    "a time long ago": (message(1, event_time='"1901-01-01T00:00:00Z"'), "out_of_range_event_time"),
    "a time to come": (message(1, event_time='"2024-03-09T00:00:00Z"'), "event_time_in_future"),
    "metrics that are none": (message(1, metrics="7"), "bad_type_metrics"),
    "a metric that is text": (message(1, metrics='{"pm2_5":"many"}'), "bad_type_metrics.pm2_5"),
    "a metric beyond all": (message(1, metrics='{"pm2_5":1e9}'), "out_of_range_metrics.pm2_5"),
}


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """Give the road of the template with the transform as it is packed."""
    folder = tmp_path_factory.mktemp("road")
    package = lambda_package.build(
        ROOT, folder, lambda_package.PACKAGES["transform"], "x86_64", copy_installed
    )
    with embedded(folder, Settings(durations=FAST)) as made:
        made.s3.create_bucket(Bucket=f"{_NAME}-code")
        made.s3.upload_file(str(package), f"{_NAME}-code", "transform.zip")
        template = folder / f"{_NAME}.yaml"
        template.write_text((ROOT / "infrastructure" / "road.yaml").read_text())
        buckets = {"RawBucket": f"{_NAME}-raw", "CleanBucket": f"{_NAME}-clean"}
        code = {"CodeBucket": f"{_NAME}-code", "CodeKey": "transform.zip"}
        deploy(made.aws.url, template, Name="any-name-at-all", **buckets, **code, BufferSeconds="1")
        yield made


@pytest.mark.filterwarnings("ignore:Tried to parse AWS")
def test_good_messages_are_accepted_and_poison_is_kept_with_its_reason(
    road: Embedded, tmp_path: Path
) -> None:
    records = _mixed()
    assert len(NOT_OPENED) + len(DELIVERED) >= 15
    kinesis = client(road.aws.url, "kinesis")
    told = kinesis.put_records(
        StreamName="any-name-at-all", Records=[{"Data": each, "PartitionKey": "k"} for each in records]
    )
    assert told["FailedRecordCount"] == 0
    kinesis.close()
    road.aws.services.firehose.close()
    failed: list[dict[str, Any]] = []
    for key in road.keys(f"{_NAME}-raw"):
        body = gzip.decompress(road.s3.get_object(Bucket=f"{_NAME}-raw", Key=key)["Body"].read())
        if key.startswith("processing-failed/"):
            failed += map(json.loads, body.splitlines())
        else:
            (tmp_path / f"{len(list(tmp_path.iterdir()))}.gz").write_bytes(gzip.compress(body))
    assert sorted(base64.b64decode(each["rawData"]) for each in failed) == sorted(NOT_OPENED.values())
    assert {each["errorCode"] for each in failed} == {"Lambda.ProcessingFailedStatus"}
    verdict = judge(tmp_path)
    assert {each["event_id"] for each in verdict.accepted} == {f"a-{number}" for number in range(len(GOOD))}
    assert len(verdict.accepted) == len(GOOD)
    assert verdict.quarantined == Counter(reason for _, reason in DELIVERED.values())


def _mixed() -> list[bytes]:
    """Put poison between good messages: as records beside them, as lines among them, and behind an aggregate."""
    left = iter(GOOD[2:])
    records = [_AGGREGATE]
    for number, (bad, _) in enumerate(DELIVERED.values()):
        records += [b"\n".join([next(left), bad, next(left)])] if number % 2 else [bad, next(left)]
    for bad in NOT_OPENED.values():
        records += [bad, next(left)]
    return [*records, *left]
