"""An S3 server inside the process: moto's, behind a layer that writes down requests and lets some fail."""

import itertools
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import boto3
from botocore.config import Config
from moto.moto_server.werkzeug_app import create_backend_app
from mypy_boto3_s3 import S3Client

from local_aws.loopback import Application, Loopback, Start

KEY, SECRET, REGION = "key-of-tests", "secret-of-tests", "us-east-1"
_REASONS = {
    403: ("AccessDenied", "Access Denied"),
    500: ("InternalError", "Internal Server Error"),
    503: ("SlowDown", "Slow Down"),
}
# Moto keeps one account a process, whichever server asks.
_BUCKETS = itertools.count(1)


@dataclass(frozen=True)
class Request:
    """One request as it came: `key` is the part of the path after the bucket, unescaped."""

    method: str
    bucket: str
    key: str
    query: dict[str, str]
    copied_from: str | None
    status: int

    @property
    def kind(self) -> str:
        """Name the S3 operation, by the method and what marks it."""
        if self.method == "PUT":
            what = "Part" if "partNumber" in self.query else "Object"
            return f"{'Copy' if self.copied_from else 'Put'}{what}"
        if self.method == "POST":
            marks = {"delete": "DeleteObjects", "uploads": "CreateUpload", "uploadId": "CompleteUpload"}
            return next((name for mark, name in marks.items() if mark in self.query), "Post")
        if self.method == "DELETE":
            return "AbortUpload" if "uploadId" in self.query else "DeleteObject"
        if self.method == "GET" and not self.key:
            return "ListUploads" if "uploads" in self.query else "ListObjects"
        return {"GET": "GetObject", "HEAD": "HeadObject" if self.key else "HeadBucket"}.get(
            self.method, self.method
        )


@dataclass
class Faults:
    """Which requests fail: each with a chance of `rate`, drawn by `seed`, or the next `count` that are `wanted`.

    They get one of `statuses`.
    """

    statuses: tuple[int, ...] = (503,)
    rate: float = 0.0
    count: int = 0
    wanted: Callable[[Request], bool] = lambda _: True
    seed: int = 7
    injected: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Seed the draw."""
        self._random = random.Random(self.seed)  # noqa: S311 - repeatable, no secret

    def strike(self, request: Request) -> int | None:
        """Draw for one request; returns the status that it gets, if it fails."""
        if not self.wanted(request) or (self.count == 0 and self._random.random() >= self.rate):
            return None
        self.count = max(0, self.count - 1)
        self.injected += 1
        return self._random.choice(self.statuses)


class S3Server:
    """A running server; every test takes buckets of its own."""

    def __init__(self) -> None:
        """Start it on a free port of this machine."""
        # Of S3 alone: moto's dispatcher would look for the service of each request among all that it has.
        self._moto: Application = create_backend_app("s3")
        self._lock = threading.Lock()
        self._requests: list[Request] = []
        self._faults: list[Faults] = []
        self._server = Loopback(self._answer, "s3-server")
        self._server.start()
        self.url = self._server.url
        self.client: S3Client = boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name=REGION,
            config=Config(s3={"addressing_style": "path"}),
        )

    def close(self) -> None:
        """Stop the server and give its sockets back."""
        self.client.close()
        self._server.close()

    def hadoop_settings(self) -> dict[str, str]:
        """Say how S3A reaches the server."""
        return {
            "fs.s3a.access.key": KEY,
            "fs.s3a.secret.key": SECRET,
            "fs.s3a.endpoint": self.url,
            "fs.s3a.endpoint.region": REGION,
            "fs.s3a.connection.ssl.enabled": "false",
            "fs.s3a.path.style.access": "true",
        }

    def new_bucket(self) -> str:
        """Make a bucket that no other test has."""
        name = f"bucket-{next(_BUCKETS)}"
        self.client.create_bucket(Bucket=name)
        return name

    @contextmanager
    def record(self, bucket: str) -> Iterator[list[Request]]:
        """Give a list that holds, after the block, the requests on a bucket that came within it."""
        found: list[Request] = []
        with self._lock:
            start = len(self._requests)
        try:
            yield found
        finally:
            with self._lock:
                found += [request for request in self._requests[start:] if request.bucket == bucket]

    @contextmanager
    def failing(self, faults: Faults) -> Iterator[Faults]:
        """Let requests fail within the block."""
        with self._lock:
            self._faults.append(faults)
        try:
            yield faults
        finally:
            with self._lock:
                self._faults.remove(faults)

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """List the keys of a bucket."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [found["Key"] for page in pages for found in page.get("Contents", [])]

    def uploads(self, bucket: str) -> list[str]:
        """List the keys of the uploads that are open in a bucket."""
        pages = self.client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket)
        return [found["Key"] for page in pages for found in page.get("Uploads", [])]

    def _answer(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        bucket, _, key = environ["PATH_INFO"].encode("latin-1").decode().lstrip("/").partition("/")
        query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
        request = Request(
            environ["REQUEST_METHOD"], bucket, key, query, environ.get("HTTP_X_AMZ_COPY_SOURCE"), 0
        )
        with self._lock:
            struck = [status for faults in self._faults if (status := faults.strike(request))]
        if struck:
            self._note(request, struck[0])
            return _refuse(struck[0], environ, start)

        def noting(status: str, *rest: Any) -> Any:
            self._note(request, int(status.split(" ", 1)[0]))
            return start(status, *rest)

        return self._moto(environ, noting)

    def _note(self, request: Request, status: int) -> None:
        with self._lock:
            self._requests.append(Request(**{**vars(request), "status": status}))


def _refuse(status: int, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """Answer as S3 does when it is busy or broken."""
    # A body that nobody reads would be taken for the next request of the connection.
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    code, reason = _REASONS[status]
    body = f"<Error><Code>{code}</Code><Message>{escape(reason)}</Message></Error>".encode()
    start(f"{status} {reason}", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
