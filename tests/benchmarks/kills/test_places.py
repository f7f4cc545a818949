"""Places that are put back into an earlier state."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.kills.places import LocalScene, S3Scene, Scene
from local_aws.s3_server import S3Server


@pytest.fixture
def server() -> Iterator[S3Server]:
    running = S3Server()
    yield running
    running.close()


def write(scene: Scene, server: S3Server, name: str, text: str) -> None:
    """Write a file of the scene."""
    if isinstance(scene, LocalScene):
        path = Path(scene.uri) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    else:
        bucket, _, prefix = scene.uri.removeprefix("s3://").partition("/")
        server.client.put_object(Bucket=bucket, Key=f"{prefix}/{name}", Body=text.encode())


def contents(scene: Scene) -> dict[str, str]:
    folder = scene.look()
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_saved_state_is_put_back_whole(server: S3Server, tmp_path: Path) -> None:
    for scene in (LocalScene(tmp_path / "local"), S3Scene(server, tmp_path / "s3")):
        scene.restore("nothing")
        write(scene, server, "a/b", "one")
        write(scene, server, "c", "two")
        scene.save("first")
        write(scene, server, "a/b", "changed")
        write(scene, server, "d/e", "more")
        scene.save("second")
        scene.restore("first")
        assert contents(scene) == {"a/b": "one", "c": "two"}
        scene.restore("second")
        assert contents(scene) == {"a/b": "changed", "c": "two", "d/e": "more"}
        scene.restore("nothing")
        assert contents(scene) == {}


def test_what_is_being_uploaded_is_seen_on_s3_alone(server: S3Server, tmp_path: Path) -> None:
    scene = S3Scene(server, tmp_path)
    bucket = scene.uri.removeprefix("s3://").partition("/")[0]
    server.client.create_multipart_upload(Bucket=bucket, Key="place/table/x")
    assert scene.uploads() == ["place/table/x"]
    assert scene.environment()["AWS_ENDPOINT_URL"] == server.url
    assert (LocalScene(tmp_path).uploads(), LocalScene(tmp_path).environment()) == ([], {})
