import base64
import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from botocore.response import StreamingBody
from botocore.stub import ANY, Stubber
from moto import mock_aws
from mypy_boto3_s3 import S3Client

from local_aws.s3_server import KEY, SECRET
from orchestrator.errors import FailedError, RefusedError, TimedOutError
from orchestrator.packaging.archive import packed
from orchestrator.packaging.artifacts import Artifacts, BootstrapArtifact
from orchestrator.packaging.deploy import Collected, Patience, collect, deploy
from tests.orchestrator.aws.pretended import LongestWaits, StillClock
from tests.orchestrator.packaging.checkouts import LEFT_OUT, SCRIPTS, SOURCES, checkout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return checkout(tmp_path / "checkout", SOURCES | LEFT_OUT | SCRIPTS)


@pytest.fixture
def s3() -> Iterator[S3Client]:
    with mock_aws():
        made = client()
        made.create_bucket(Bucket="lake")
        yield made


@pytest.fixture
def stubbed() -> Iterator[tuple[S3Client, Stubber]]:
    made = client()
    with Stubber(made) as stubber:
        yield made, stubber
        stubber.assert_no_pending_responses()


def client() -> S3Client:
    once = Config(retries={"total_max_attempts": 1})
    return boto3.client(
        "s3",
        region_name="us-east-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        config=once,
    )


def uris(collected: Collected) -> set[str]:
    return {file.uri for file in collected.files}


def sha256(path: str) -> str:
    return hashlib.sha256(SCRIPTS[path].encode()).hexdigest()


def test_package_entry_files_and_scripts_lie_under_their_hashes(s3: S3Client, root: Path) -> None:
    name, content = packed(root)
    entry = hashlib.sha256(SOURCES["jobs/sales.py"].encode()).hexdigest()[:12]
    digits = hashlib.sha256(content).hexdigest()[:12]
    collected = deploy(s3, "lake", root)
    assert collected == collect("lake", root)
    artifacts = collected.artifacts
    assert artifacts == Artifacts(
        f"s3://lake/artifacts/{digits}/{name}",
        {"jobs/sales.py": f"s3://lake/artifacts/{entry}/sales.py"},
        {
            path: BootstrapArtifact(f"s3://lake/artifacts/{sha256(path)[:12]}/{path[10:]}", sha256(path))
            for path in ("bootstrap/fast reader.sh", "bootstrap/verified.sh")
        },
    )
    kept = {f"s3://lake/{each['Key']}" for each in s3.list_objects_v2(Bucket="lake")["Contents"]}
    assert kept == uris(collected)
    key = artifacts.py_files.removeprefix("s3://lake/")
    assert s3.get_object(Bucket="lake", Key=key)["Body"].read() == content


def test_a_second_deployment_changes_nothing(s3: S3Client, root: Path) -> None:
    first = deploy(s3, "lake", root)
    before = s3.list_objects_v2(Bucket="lake")["Contents"]
    assert deploy(s3, "lake", root) == first
    assert s3.list_objects_v2(Bucket="lake")["Contents"] == before


def test_other_sources_leave_the_earlier_ones_where_they_are(s3: S3Client, root: Path) -> None:
    first = uris(deploy(s3, "lake", root))
    checkout(root, {"jobs/sales.py": "def main() -> int:\n    return 1\n"})
    second = uris(deploy(s3, "lake", root))
    kept = {f"s3://lake/{each['Key']}" for each in s3.list_objects_v2(Bucket="lake")["Contents"]}
    assert len(first & second) == 2
    assert kept == first | second


def test_another_object_under_our_name_is_never_overwritten_and_never_run(s3: S3Client, root: Path) -> None:
    key = deploy(s3, "lake", root).artifacts.entry_points["jobs/sales.py"].removeprefix("s3://lake/")
    length = len(SOURCES["jobs/sales.py"])
    s3.put_object(Bucket="lake", Key=key, Body=b"x" * length)
    with pytest.raises(
        FailedError, match=f"^s3://lake/{key}: expected {length} bytes with SHA-256 .* found another"
    ):
        deploy(s3, "lake", root)
    assert s3.get_object(Bucket="lake", Key=key)["Body"].read() == b"x" * length


def test_the_same_object_put_by_other_means_is_taken(s3: S3Client, root: Path) -> None:
    collected = deploy(s3, "lake", root)
    key = collected.artifacts.entry_points["jobs/sales.py"].removeprefix("s3://lake/")
    s3.put_object(Bucket="lake", Key=key, Body=SOURCES["jobs/sales.py"].encode())
    assert deploy(s3, "lake", root) == collected


def test_a_bucket_that_is_not_there_is_a_refusal(s3: S3Client, root: Path) -> None:
    with pytest.raises(RefusedError) as refused:
        deploy(s3, "elsewhere", root)
    told = r"S3 PutObject s3://elsewhere/artifacts/\w{12}/\S+-py\.zip: NoSuchBucket: .* \(request id .*\)"
    assert re.fullmatch(told, str(refused.value))


def expected_put(content: bytes, name: str) -> dict[str, Any]:
    return {
        "Bucket": "lake",
        "Key": f"artifacts/{hashlib.sha256(content).hexdigest()[:12]}/{name}",
        "Body": content,
        "IfNoneMatch": "*",
        "ChecksumSHA256": base64.b64encode(hashlib.sha256(content).digest()).decode(),
    }


def test_each_put_is_conditional_and_carries_its_checksum_and_a_race_is_tried_again(
    stubbed: tuple[S3Client, Stubber], tmp_path: Path
) -> None:
    """409 is a race; 412 says that it is there, and then it is not: another's deletion came between."""
    s3, stubber = stubbed
    root = checkout(tmp_path / "bare", {"jobs/__init__.py": SOURCES["jobs/__init__.py"]})
    name, content = packed(root)
    put = expected_put(content, name)
    head = {"Bucket": "lake", "Key": put["Key"], "ChecksumMode": "ENABLED"}
    stubber.add_client_error(
        "put_object", "ConditionalRequestConflict", http_status_code=409, expected_params=put
    )
    stubber.add_client_error("put_object", "PreconditionFailed", http_status_code=412, expected_params=put)
    stubber.add_client_error("head_object", "404", http_status_code=404, expected_params=head)
    stubber.add_client_error("put_object", "PreconditionFailed", http_status_code=412, expected_params=put)
    stubber.add_response(
        "head_object",
        {"ContentLength": len(content), "ChecksumSHA256": put["ChecksumSHA256"]},
        expected_params=head,
    )
    clock = StillClock()
    collected = deploy(s3, "lake", root, Patience.of(clock, draws=LongestWaits()))
    assert collected.artifacts == Artifacts(f"s3://lake/{put['Key']}", {}, {})
    assert clock.slept == [1]


def test_an_object_without_a_checksum_is_read(stubbed: tuple[S3Client, Stubber], tmp_path: Path) -> None:
    s3, stubber = stubbed
    root = checkout(tmp_path / "bare", {"jobs/__init__.py": SOURCES["jobs/__init__.py"]})
    _, content = packed(root)
    stubber.add_client_error("put_object", "PreconditionFailed", http_status_code=412)
    stubber.add_response("head_object", {"ContentLength": len(content)})
    body = StreamingBody(io.BytesIO(content), len(content))
    stubber.add_response("get_object", {"Body": body}, expected_params={"Bucket": "lake", "Key": ANY})
    assert deploy(s3, "lake", root).artifacts.py_files.startswith("s3://lake/artifacts/")


def test_a_race_without_an_end_is_a_failure_in_the_end(stubbed: tuple[S3Client, Stubber], root: Path) -> None:
    s3, stubber = stubbed
    for _ in range(5):
        stubber.add_client_error("put_object", "PreconditionFailed", http_status_code=412)
        stubber.add_client_error("head_object", "404", http_status_code=404)
    with pytest.raises(
        FailedError, match="others wrote or deleted it 5 times while it was put; run the command again"
    ):
        deploy(s3, "lake", root)


@pytest.mark.parametrize("call", ["put_object", "head_object"])
def test_a_refused_call_names_what_is_missing(
    stubbed: tuple[S3Client, Stubber], root: Path, call: str
) -> None:
    s3, stubber = stubbed
    if call == "head_object":
        stubber.add_client_error("put_object", "PreconditionFailed", http_status_code=412)
    stubber.add_client_error(call, "AccessDenied", "Access Denied", response_meta={"RequestId": "R1"})
    name = "PutObject" if call == "put_object" else "HeadObject"
    told = rf"^S3 {name} s3://lake/\S+: AccessDenied: Access Denied \(request id R1\); the caller's policy"
    with pytest.raises(RefusedError, match=told):
        deploy(s3, "lake", root)


@pytest.mark.parametrize("call", ["put_object", "head_object"])
def test_what_s3_does_not_answer_is_asked_again(
    stubbed: tuple[S3Client, Stubber], tmp_path: Path, call: str
) -> None:
    s3, stubber = stubbed
    root = checkout(tmp_path / "bare", {"jobs/__init__.py": SOURCES["jobs/__init__.py"]})
    _, content = packed(root)
    if call == "head_object":
        stubber.add_client_error("put_object", "PreconditionFailed", http_status_code=412)
    for code, status in [("SlowDown", 503), ("InternalError", 500), ("RequestTimeout", 503)]:
        stubber.add_client_error(call, code, http_status_code=status)
    checksum = base64.b64encode(hashlib.sha256(content).digest()).decode()
    stubber.add_response(call, {"ChecksumSHA256": checksum, **_length(call, content)})
    clock = StillClock()
    deploy(s3, "lake", root, Patience.of(clock, draws=LongestWaits()))
    assert clock.slept == [1, 2, 4]


def _length(call: str, content: bytes) -> dict[str, int]:
    return {"ContentLength": len(content)} if call == "head_object" else {}


def test_an_s3_that_is_not_reached_is_given_up_when_the_time_is_over(
    s3: S3Client, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://s3")

    monkeypatch.setattr(s3, "put_object", unreachable)
    clock = StillClock()
    told = r"^S3 PutObject s3://lake/\S+: not sent until the time was over \(EndpointConnectionError: Could not connect"
    with pytest.raises(TimedOutError, match=told):
        deploy(s3, "lake", root, Patience.of(clock, clock.now() + 60, LongestWaits()))
    assert 30 <= sum(clock.slept) < 60
