"""Archives that a job brings."""

import shutil
import sys
import tarfile
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.running.archives import python_of, unpack
from local_aws.running.spark_command import CannotRunError
from local_aws.s3_server import S3Server


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    made = S3Server()
    yield made
    made.close()


def packed(folder: Path, name: str) -> Path:
    """Pack a folder with one file."""
    source = folder / "source"
    source.mkdir()
    (source / "a.txt").write_text("one")
    kind = "zip" if name.endswith(".zip") else "gztar"
    made = Path(shutil.make_archive(str(folder / "made"), kind, source))
    return made.rename(folder / name)


@pytest.mark.parametrize("name", ["env.tar.gz", "env.zip"])
def test_archives_are_unpacked_under_their_names(server: S3Server, tmp_path: Path, name: str) -> None:
    path = packed(tmp_path, name)
    bucket = server.new_bucket()
    server.client.upload_file(str(path), bucket, f"a/{name}")
    unpack(server.client, f"s3://{bucket}/a/{name}#environment, file://{path}", tmp_path / "scratch")
    found = {
        one.relative_to(tmp_path / "scratch").as_posix() for one in (tmp_path / "scratch").rglob("*.txt")
    }
    assert found == {"environment/a.txt", f"{name}/a.txt"}
    assert {one.name for one in (tmp_path / "scratch").iterdir()} == {"environment", name}


def test_no_archives_are_none(server: S3Server, tmp_path: Path) -> None:
    unpack(server.client, None, tmp_path / "scratch")
    assert list((tmp_path / "scratch").iterdir()) == []


def test_what_is_no_archive_or_not_there_is_named(server: S3Server, tmp_path: Path) -> None:
    (tmp_path / "x.tar.gz").write_text("no archive")
    for uri in (f"{tmp_path}/x.tar.gz", f"{tmp_path}/none.zip", "s3://no-such-bucket/x.zip"):
        with pytest.raises(CannotRunError, match=uri):
            unpack(server.client, f"{uri}#environment", tmp_path / "scratch")


def test_what_leads_out_of_its_folder_is_refused(server: S3Server, tmp_path: Path) -> None:
    (tmp_path / "evil").write_text("x")
    with tarfile.open(tmp_path / "x.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "evil", "../../evil2")
    with pytest.raises(CannotRunError, match="outside the destination"):
        unpack(server.client, f"{tmp_path}/x.tar.gz", tmp_path / "below" / "scratch")
    assert not (tmp_path / "evil2").exists()


def test_a_python_in_an_archive_is_used_where_it_runs(server: S3Server, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", symlinks=True)
    path = shutil.make_archive(str(tmp_path / "env"), "gztar", tmp_path / "venv")
    unpack(server.client, f"{path}#environment", tmp_path)
    assert python_of("./environment/bin/python", tmp_path) == str(tmp_path / "environment/bin/python")


def test_a_python_that_does_not_run_or_is_not_the_jobs_own_is_none(tmp_path: Path) -> None:
    (tmp_path / "python").write_bytes(b"\x7fELF of another machine")
    (tmp_path / "python").chmod(0o755)
    for wanted in ("./python", "environment/bin/python", sys.executable, None):
        assert python_of(wanted, tmp_path) is None
