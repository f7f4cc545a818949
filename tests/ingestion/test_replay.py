"""The command that replays, against the embedded AWS."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ingestion.replay import app
from local_aws.clients import client
from local_aws.server import Settings
from tests.ingestion.replaying.test_items import envelope
from tests.local_aws.embedded import FAST, embedded


def run(url: str, *arguments: str) -> Result:
    environ = {"AWS_ENDPOINT_URL": url, "COLUMNS": "200", "TERM": "dumb"}
    return CliRunner().invoke(app, [*arguments, "--local"], env=environ)


def test_failures_go_back_into_the_stream_once(tmp_path: Path) -> None:
    with embedded(tmp_path, Settings(durations=FAST)) as aws:
        kinesis: Any = client(aws.aws.url, "kinesis")
        kinesis.create_stream(StreamName="of-replay", ShardCount=1)
        aws.s3.create_bucket(Bucket="raw-of-replay")
        aws.s3.put_object(
            Bucket="raw-of-replay", Key="processing-failed/a", Body=envelope(b'{"device_id":"d"}')
        )
        asked = ["firehose", "s3://raw-of-replay/processing-failed/", "--stream", "of-replay", "-o", "json"]
        shown = run(aws.aws.url, *asked)
        assert (shown.exit_code, json.loads(shown.stdout)["sent"]) == (0, 0)
        assert "nothing was sent; do it: --yes" in shown.stderr
        for sent in (1, 0):
            done = run(aws.aws.url, *asked, "--yes")
            assert (done.exit_code, json.loads(done.stdout)["sent"]) == (0, sent), done.output
        shard = kinesis.list_shards(StreamName="of-replay")["Shards"][0]["ShardId"]
        iterator = kinesis.get_shard_iterator(
            StreamName="of-replay", ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        [record] = kinesis.get_records(ShardIterator=iterator)["Records"]
        assert (record["Data"], record["PartitionKey"]) == (b'{"device_id":"d"}', "d")
        kinesis.close()
        missing = run(aws.aws.url, "firehose", "s3://nowhere-of-replay/x", "--stream", "s")
        assert (missing.exit_code, "NoSuchBucket" in missing.stderr) == (3, True)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["firehose", "raw/x", "--stream", "s"], "raw/x: expected s3://BUCKET/PREFIX"),
        (["firehose", "s3://raw/x", "--stream", "s"], "no embedded AWS runs"),
    ],
)
def test_wrong_usage_ends_with_2(tmp_path: Path, arguments: list[str], text: str) -> None:
    environ = {
        "AWS_ENDPOINT_URL": "",
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path),
        "COLUMNS": "200",
    }
    result = CliRunner().invoke(app, [*arguments, "--local"], env=environ)
    assert (result.exit_code, text in result.stderr) == (2, True), result.output
