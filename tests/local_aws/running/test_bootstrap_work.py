"""Bootstrap actions' scripts."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_aws.emr.entities import Cluster, Status
from local_aws.emr.world import Outcome
from local_aws.running import bootstrap_work
from local_aws.running.memory import Memory
from local_aws.running.work import Work
from local_aws.running.workshop import Workshop
from local_aws.s3_server import S3Server


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    made = S3Server()
    yield made
    made.close()


def run(server: S3Server, folder: Path, action: dict[str, Any]) -> Outcome:
    shop = Workshop(folder, server.url, server.client, {"A": "b"}, lambda do: do(), 0, 0, Memory(1))
    request = {"BootstrapActions": [{"Name": "x", "ScriptBootstrapAction": action}]}
    cluster = Cluster("j-1", request, Status("BOOTSTRAPPING", 0), True, False, 1, {})
    told: list[Outcome] = []
    work = Work(folder / "w", lambda work: bootstrap_work.run(shop, cluster, 1, work), told.append)
    work.begin()
    work.join()
    return told[0]


def put(server: S3Server, text: str) -> str:
    bucket = server.new_bucket()
    server.client.put_object(Bucket=bucket, Key="a.sh", Body=text.encode())
    return f"s3://{bucket}/a.sh"


def test_a_script_sees_the_embedded_aws_and_its_home_is_scratch(server: S3Server, tmp_path: Path) -> None:
    path = put(server, '#!/bin/bash\necho "$AWS_ENDPOINT_URL $A $HOME $#"\n')
    assert run(server, tmp_path, {"Path": path, "Args": ["1", "2"]}) == Outcome(0)
    assert (tmp_path / "w/stdout").read_text() == f"{server.url} b {tmp_path}/w/scratch 2\n"


def test_its_exit_code_is_the_outcome(server: S3Server, tmp_path: Path) -> None:
    assert run(server, tmp_path, {"Path": put(server, "#!/bin/sh\nsudo true\nexit 5\n")}) == Outcome(5)
    assert "no root on a laptop" in (tmp_path / "w/stderr").read_text()


@pytest.mark.parametrize("text", ["exit 0\n", "#!/bin/sh\r\nexit 0\r\n"])
def test_a_script_that_is_no_program_says_what_is_wrong_with_it(
    server: S3Server, tmp_path: Path, text: str
) -> None:
    assert run(server, tmp_path, {"Path": put(server, text)}) == Outcome(126)
    told = (tmp_path / "w/controller").read_text()
    assert "expected #! and a program, without a carriage return" in told
    assert "cannot execute it" in told


@pytest.mark.parametrize(
    ("path", "told"),
    [("s3://no-such-bucket/a.sh", "NoSuchBucket"), ("/usr/bin/true", "expected s3://bucket/key on a laptop")],
)
def test_a_script_that_cannot_be_had_is_missing(
    server: S3Server, tmp_path: Path, path: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        outcome = run(server, tmp_path, {"Path": path})
    assert outcome == Outcome(1, is_missing=True)
    assert told in (tmp_path / "w/controller").read_text()
