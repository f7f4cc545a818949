"""Secrets of many kinds, made when the tests run, and an embedded AWS that remembers what it was asked."""

import gzip
import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from benchmarks.orchestrator_chaos.quick_aws import QuickAws
from local_aws.emr.entities import Cluster, Step
from local_aws.emr.simulated_runner import SimulatedRunner
from local_aws.emr.world import Outcome, World
from local_aws.loopback import Start
from tests.orchestrator import test_secrets as made

APP: Final = "planted-secrets"
# A text as somebody would write it, and what of it may be seen nowhere.
CANARIES: Final[dict[str, tuple[str, str]]] = {
    "AWS key id": (made.KEY_ID, made.KEY_ID),
    "AWS secret key": (f"aws_secret_access_key={made.FORTY}", made.FORTY),
    "AWS session token": (made.SESSION, made.SESSION),
    "password": (f"--password={made.HUNTER}", made.HUNTER),
    "JDBC URL": (f"jdbc:postgresql://u:{made.HUNTER}@db.example.com/x", made.HUNTER),
    "presigned URL": (f"https://b.s3.amazonaws.com/k?X-Amz-Signature={'ab12' * 16}", "ab12" * 16),
    "GitHub token": (made.GITHUB, made.GITHUB),
    "Slack token": (made.SLACK, made.SLACK),
    "Google key": (made.GOOGLE, made.GOOGLE),
    "Stripe key": (made.STRIPE, made.STRIPE),
    "JSON web token": (made.WEB_TOKEN, made.WEB_TOKEN),
    "private key": (made.PRIVATE, "MIIEpAIBAAKC"),
}
SECRETS: Final = tuple(secret for _, secret in CANARIES.values())
ALL: Final = "\n".join(text for text, _ in CANARIES.values())


class _Failing(SimulatedRunner):
    """Every step fails at once, and says all it knows."""

    put_log: Callable[[Cluster, Step], None]

    def run_step(self, cluster: Cluster, step: Step, done: Callable[[Outcome], None], /) -> None:
        """Fail."""
        self.put_log(cluster, step)
        told = {"Reason": "Unknown Error.", "Message": ALL, "LogFile": f"s3://logs/{ALL}"}
        self.world.agenda.after(10, lambda: done(Outcome(1, told)))


class TellingAws(QuickAws):
    """Remembers each request of ours; refuses `refused` with all canaries in the message."""

    def __init__(self, data: Path) -> None:
        """Start it."""
        self.asked: list[str] = []
        self.refused: str | None = None
        super().__init__(data)
        self.emr.account.list_lag = 0

    def _make_runner(self, world: World) -> Any:
        runner = _Failing(world)
        runner.put_log = self._put_log
        self._runner = runner
        return runner

    def _put_log(self, cluster: Cluster, step: Step) -> None:
        key = f"emr/{cluster.id}/steps/{step.id}/stderr.gz"
        text = f"Traceback (most recent call last):\n{ALL}\nValueError: {ALL}\n"
        self.s3.put_object(Bucket="logs", Key=key, Body=gzip.compress(text.encode()))

    def _answer(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if f"app/{APP}" in environ.get("HTTP_USER_AGENT", ""):
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            headers = [f"{name}: {value}" for name, value in environ.items() if name.startswith("HTTP_")]
            place = f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}"
            self.asked.append("\n".join([place, *headers, body.decode("utf-8", "replace")]))
            if self.refused and environ.get("HTTP_X_AMZ_TARGET", "").endswith(self.refused):
                return _refusal(start)
        return super()._answer(environ, start)


def _refusal(start: Start) -> Iterable[bytes]:
    body = json.dumps({"__type": "ValidationException", "message": ALL}).encode()
    start("400 -", [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(body)))])
    return [body]
