"""device_readings from s3:// to s3://: the same rows as on local paths, whatever the store's mood, and nothing left."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from local_aws.s3_server import KEY, SECRET, Faults, S3Server
from orchestrator.packaging import archive
from tests.jobs.messages import message, put
from tests.jobs.running import Places, quarantine_files, query, run_readings, table_files

pytestmark = pytest.mark.usefixtures("reader")

ROOT = Path(__file__).resolve().parents[2]
DAYS = ("2024-02-28", "2024-02-29", "2024-03-01")
ODD_NAMES = [
    "a b.gz",
    "a%20b",
    "100%.gz",
    "a+b",
    "[1]",
    "{x,y}",
    "*",
    "#1",
    "ü€😀",
    "a:b",
    "_hidden",
    ".hidden.gz",
]
# What differs from place to place or from moment to moment.
_OWN = ("started_at", "finished_at", "inputs")


@dataclass(frozen=True)
class PlacesOnS3:
    """The folders of one table in a bucket."""

    bucket: str

    def argv(self, inputs: Iterable[Path | str], *further: str) -> list[str]:
        flags = [part for uri in inputs for part in ("--input", str(uri))]
        flags += [
            "--output",
            f"s3://{self.bucket}/lake/table",
            "--quarantine",
            f"s3://{self.bucket}/lake/quarantine",
        ]
        return [*flags, "--manifest", f"s3://{self.bucket}/lake/manifest.json", *further]


def write_inputs(folder: Path) -> Path:
    """Write three days of messages, among them bad ones; later, corrections and news of one day."""
    for day in DAYS:
        times = {"event_time": f"{day}T05:00:00Z", "received_at": f"{day}T06:00:00Z"}
        good = [message(device, str(number), **times) for device in "abc" for number in range(20)]
        put(
            folder / "first" / day / "messages",
            [*good, *good[:3], "no json", message(event="x", received_at=None)],
        )
    times = {"event_time": f"{DAYS[1]}T05:00:00Z", "received_at": f"{DAYS[1]}T07:00:00Z"}
    put(folder / "second" / "messages", [message("a", "1", **times), message("z", "1", **times)])
    return folder


def upload(s3: S3Server, bucket: str, folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            s3.client.upload_file(str(path), bucket, f"raw/{path.relative_to(folder)}")


def download(s3: S3Server, bucket: str, folder: Path) -> Places:
    """Fetch a table with its quarantine and manifest."""
    for key in s3.keys(bucket, "lake/"):
        path = folder / key.removeprefix("lake/")
        path.parent.mkdir(parents=True, exist_ok=True)
        s3.client.download_file(bucket, key, str(path))
    return Places(folder)


def rows(places: Places, raw: str) -> tuple[list[Any], list[Any]]:
    """Return the rows of the table and of the quarantine; objects are named by what follows `raw`."""
    text = "SELECT * REPLACE (replace(source_object, ?, '') AS source_object) FROM files ORDER BY ALL"
    return query(text, table_files(places), [raw]), query(text, quarantine_files(places), [raw])


def comparable(manifest: dict[str, Any]) -> dict[str, Any]:
    """Leave out of a manifest what differs between places: times, and bytes, as files hold their objects' names."""
    kept = {key: value for key, value in manifest.items() if key not in _OWN}
    return kept | {"partitions": [{**found, "bytes": 0} for found in kept["partitions"]]}


def run_both(spark: SparkSession, places: Places | PlacesOnS3, raw: str) -> list[dict[str, Any]]:
    """Run the job on the first inputs, then on the second."""
    return [run_readings(spark, places, [f"{raw}/{part}"], "--run-id", part) for part in ("first", "second")]


@dataclass(frozen=True)
class Expected:
    """The inputs, and what a local run makes of them."""

    raw: Path
    table: list[Any]
    quarantine: list[Any]
    manifests: list[dict[str, Any]]


@pytest.fixture(scope="module")
def expected(
    spark: SparkSession,
    tmp_path_factory: pytest.TempPathFactory,
    reader: str,  # noqa: ARG001 - each sets it
) -> Expected:
    """Run the job on local paths."""
    folder = tmp_path_factory.mktemp("local")
    raw, places = write_inputs(folder / "raw"), Places(folder)
    manifests = run_both(spark, places, f"file:{raw}")
    return Expected(raw, *rows(places, f"file:{raw}"), [comparable(manifest) for manifest in manifests])


def assert_as_expected(s3: S3Server, bucket: str, folder: Path, expected: Expected) -> None:
    """See that the rows are those of the local run, and that nothing but data, records and manifest is left."""
    assert rows(download(s3, bucket, folder), f"s3://{bucket}/raw") == (expected.table, expected.quarantine)
    keys = [key.removeprefix("lake/") for key in s3.keys(bucket, "lake/")]
    data = [key for key in keys if key.startswith("table/event_date=")]
    refused = [key for key in keys if key.startswith("quarantine/run_id=first/part-")]
    others = ["manifest.json", "quarantine/_table", "table/_runs/first.json", "table/_runs/second.json"]
    assert sorted([*data, *refused, *others]) == keys
    assert len(data) == len(DAYS)
    assert s3.uploads(bucket) == []


def test_a_run_on_s3_gives_what_a_local_run_gives_and_leaves_nothing_else(
    spark: SparkSession, s3: S3Server, bucket: str, tmp_path: Path, expected: Expected
) -> None:
    upload(s3, bucket, expected.raw)
    with s3.record(bucket) as requests:
        manifests = run_both(spark, PlacesOnS3(bucket), f"s3://{bucket}/raw")
    assert [comparable(manifest) for manifest in manifests] == expected.manifests
    assert_as_expected(s3, bucket, tmp_path, expected)
    copied = [request for request in requests if request.kind == "CopyObject"]
    added = s3.keys(bucket, "lake/table/event_date=")
    assert set(added) <= {request.key for request in copied}
    assert not [request for request in requests if request.kind == "PutObject" and request.key in added]


@pytest.mark.one_release
def test_the_manifest_holds_the_etags_of_the_objects_as_the_store_has_them(
    spark: SparkSession, s3: S3Server, bucket: str, expected: Expected
) -> None:
    upload(s3, bucket, expected.raw)
    manifest = run_readings(spark, PlacesOnS3(bucket), [f"s3://{bucket}/raw/first"])
    etags = {found["uri"]: found["etag"] for found in manifest["inputs"]}
    pages = s3.client.list_objects_v2(Bucket=bucket, Prefix="raw/first/")["Contents"]
    assert etags == {f"s3://{bucket}/{found['Key']}": found["ETag"].strip('"') for found in pages}


@pytest.mark.one_release
def test_throttling_and_server_errors_during_a_run_change_nothing(
    spark: SparkSession, s3: S3Server, bucket: str, tmp_path: Path, expected: Expected
) -> None:
    upload(s3, bucket, expected.raw)
    with s3.failing(Faults(statuses=(500, 503), rate=0.1)) as faults:
        run_both(spark, PlacesOnS3(bucket), f"s3://{bucket}/raw")
    assert faults.injected > 20
    assert_as_expected(s3, bucket, tmp_path, expected)


@pytest.mark.one_release
def test_a_run_that_was_killed_in_the_middle_of_an_upload_is_made_good(
    spark: SparkSession, s3: S3Server, bucket: str, tmp_path: Path, expected: Expected
) -> None:
    upload(s3, bucket, expected.raw)
    staging, quarantine = "lake/table/_staging/first/0123456789ab", "lake/quarantine/run_id=first"
    marker = json.dumps({"quarantine": f"s3://{bucket}/{quarantine}"})
    s3.client.put_object(Bucket=bucket, Key=f"{staging}/attempt.json", Body=marker.encode())
    for key in (
        f"{staging}/judged/_temporary/0/",
        f"{quarantine}/_temporary/0/",
        f"{quarantine}/part-0.parquet",
    ):
        s3.client.put_object(Bucket=bucket, Key=key, Body=b"")
    for key in (f"{staging}/judged/part-0.parquet", f"{quarantine}/part-1.parquet"):
        begun = s3.client.create_multipart_upload(Bucket=bucket, Key=key)
        s3.client.upload_part(Bucket=bucket, Key=key, UploadId=begun["UploadId"], PartNumber=1, Body=b"x")
    run_both(spark, PlacesOnS3(bucket), f"s3://{bucket}/raw")
    assert_as_expected(s3, bucket, tmp_path, expected)


def test_objects_with_odd_names_are_read_as_they_are(spark: SparkSession, s3: S3Server, bucket: str) -> None:
    for name in ODD_NAMES:
        body = json.dumps(message(event=name)).encode()
        stored = gzip.compress(body) if name.endswith(".gz") else body
        s3.client.put_object(Bucket=bucket, Key=f"raw/{name}/{name}", Body=stored)
    uris = [f"s3://{bucket}/raw/{name}/{name}" for name in ODD_NAMES]
    manifest = run_readings(spark, PlacesOnS3(bucket), uris)
    assert sorted(found["uri"] for found in manifest["inputs"]) == sorted(uris)
    table = spark.read.parquet(f"s3://{bucket}/lake/table")
    read = {
        (row["event_id"], row["source_object"]) for row in table.select("event_id", "source_object").collect()
    }
    assert read == set(zip(ODD_NAMES, uris, strict=True))


@pytest.mark.one_release
def test_an_entry_file_on_s3_is_submitted_with_the_properties_that_the_script_makes(
    s3: S3Server, bucket: str, tmp_path: Path, expected: Expected
) -> None:
    upload(s3, bucket, expected.raw)
    s3.client.upload_file(str(ROOT / "jobs" / "device_readings.py"), bucket, "code/device_readings.py")
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": s3.url,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
    }
    properties = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "jars.py"), "s3"],
        env=environment, capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    command = ["spark-submit", "--master", "local[2]", "--conf", "spark.ui.enabled=false"]
    command += ["--properties-file", properties, "--py-files", str(archive.build(ROOT, tmp_path / "dist"))]
    flags = PlacesOnS3(bucket).argv([f"s3://{bucket}/raw/first"], "--run-id", "first")
    done = subprocess.run(
        [*command, f"s3://{bucket}/code/device_readings.py", *flags],
        env={**environment, "SPARK_LOCAL_IP": "127.0.0.1"}, cwd=tmp_path,
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert SECRET not in Path(properties).read_text()
    manifest = s3.client.get_object(Bucket=bucket, Key="lake/manifest.json")["Body"].read()
    assert comparable(json.loads(manifest)) == expected.manifests[0]
