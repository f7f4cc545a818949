import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from orchestrator.local.place import Place
from orchestrator.local.server import Absent, ServerFile, Status, look

STATUS: dict[str, Any] = {
    "pid": 7,
    "token": "secret",
    "url": "http://127.0.0.1:4566",
    "region": "us-east-1",
    "started_at": "2026-11-26T15:00:00Z",
    "data": "/data",
    "clusters": {"WAITING": 1},
    "running_steps": 2,
}


class Answers(HTTPServer):
    """A server that gives one answer."""

    body: bytes = msgspec.json.encode(STATUS)


class _Handler(BaseHTTPRequestHandler):
    server: Answers

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/_local_aws/status" else 404)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def answers() -> Iterator[Answers]:
    with Answers(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def written(folder: Path, url: str, pid: int = 7, token: str = "secret") -> Place:  # noqa: S107 - of no account
    file = ServerFile(pid, url, token)
    (folder / "server.json").write_bytes(msgspec.json.encode(file))
    return Place(folder)


def url_of(answers: Answers) -> str:
    return f"http://127.0.0.1:{answers.server_port}"


def test_a_server_that_answers_with_the_token_of_its_file_is_found(tmp_path: Path, answers: Answers) -> None:
    assert look(written(tmp_path, url_of(answers))) == Status(
        pid=7,
        token="secret",  # noqa: S106 - of no account
        url="http://127.0.0.1:4566",
        region="us-east-1",
        started_at=datetime(2026, 11, 26, 15, tzinfo=UTC),
        data="/data",
        clusters={"WAITING": 1},
        running_steps=2,
    )


def test_a_proxy_is_not_asked(tmp_path: Path, answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert isinstance(look(written(tmp_path, url_of(answers))), Status)


def test_a_server_that_tells_its_seed_is_understood(tmp_path: Path, answers: Answers) -> None:
    answers.body = msgspec.json.encode({**STATUS, "seed": "1f"})
    found = look(written(tmp_path, url_of(answers)))
    assert isinstance(found, Status)
    assert found.seed == "1f"


@pytest.mark.parametrize("changes", [{"token": "of another run"}, {"pid": 8}])
def test_another_server_at_the_url_is_not_taken_for_it(
    tmp_path: Path, answers: Answers, changes: dict[str, Any]
) -> None:
    url = url_of(answers)
    assert look(written(tmp_path, url, **changes)) == Absent(
        f"server.json names pid {changes.get('pid', 7)} at {url}, where another server answers, pid 7 of '/data'"
    )


def test_a_stranger_at_the_url_is_not_taken_for_it(tmp_path: Path, answers: Answers) -> None:
    answers.body = b"<html>hello</html>"
    found = look(written(tmp_path, url_of(answers)))
    assert isinstance(found, Absent)
    assert f"{url_of(answers)}, where no embedded AWS answers (JSON is malformed" in found.reason


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:1", "(Connection refused)"),
        ("http://127.0.0.1:many", "(Port could not be cast"),
    ],
)
def test_a_file_that_was_left_behind_is_no_server(tmp_path: Path, url: str, words: str) -> None:
    found = look(written(tmp_path, url))
    assert isinstance(found, Absent)
    assert f"server.json names pid 7 at {url}, where no embedded AWS answers {words}" in found.reason


def test_a_folder_without_a_file_has_no_server(tmp_path: Path) -> None:
    assert look(Place(tmp_path)) == Absent("there is no server.json")
    assert look(Place(tmp_path / "not there")) == Absent("there is no server.json")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"pid": "7", "url": "u", "token": "t"}'])
def test_a_damaged_file_is_no_server(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "server.json").write_bytes(content)
    found = look(Place(tmp_path))
    assert isinstance(found, Absent)
    assert found.reason.startswith("server.json is not as a server writes it (")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "server.json").mkdir()
    assert look(Place(tmp_path)) == Absent("server.json cannot be read (Is a directory)")
