"""Files of a driver on the cluster."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.running.localizing import localize
from local_aws.running.spark_command import CannotRunError
from local_aws.s3_server import S3Server


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    made = S3Server()
    yield made
    made.close()


def test_files_stand_in_the_folder_under_their_names(server: S3Server, tmp_path: Path) -> None:
    bucket = server.new_bucket()
    server.client.put_object(Bucket=bucket, Key="a/conf.json", Body=b"one")
    (tmp_path / "local.txt").write_text("two")
    files = f"s3://{bucket}/a/conf.json, s3a://{bucket}/a/conf.json#other, file://{tmp_path}/local.txt"
    localize(server.client, files, tmp_path / "scratch")
    found = {path.name: path.read_text() for path in (tmp_path / "scratch").iterdir()}
    assert found == {"conf.json": "one", "other": "one", "local.txt": "two"}


def test_no_files_are_none(server: S3Server, tmp_path: Path) -> None:
    localize(server.client, None, tmp_path / "scratch")
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize("uri", ["s3://no-such-bucket/x", "/no/such/file", "s3://no-key"])
def test_a_file_that_cannot_be_had_is_named(server: S3Server, tmp_path: Path, uri: str) -> None:
    with pytest.raises(CannotRunError, match=f"--files: expected {uri}, failed: "):
        localize(server.client, uri, tmp_path / "scratch")
