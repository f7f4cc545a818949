"""An embedded AWS over HTTP whose work only takes a moment, and which kills who calls it, at the call that is meant."""

import json
import re
import subprocess
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from local_aws.api.rest import operation_of
from local_aws.emr.simulated_runner import SimulatedRunner, StepPlan
from local_aws.emr.world import Durations, World
from local_aws.loopback import Start
from local_aws.scope import scope_of
from local_aws.server import LocalAws, Settings
from local_aws.serverless import world as serverless_world
from local_aws.serverless.emulator import SERVICE
from local_aws.serverless.simulated_runner import AttemptPlan
from local_aws.serverless.simulated_runner import SimulatedRunner as AttemptRunner

# Within the orchestrator's bounds for --local.
LIST_LAG_MS: Final = 1500
_MINUTES: Final = (0.005, 0.03)
# What all job runs together may have, those of stories that are told at the same time.
_VCPUS: Final = 10_000
# What a process is told by: https://docs.aws.amazon.com/sdkref/latest/guide/feature-appid.html
APP_ID: Final = "AWS_SDK_UA_APP_ID"
_APP: Final = re.compile(r"\bapp/(\S+)")


@dataclass
class Strike:
    """The kill of a process at its n-th call, before AWS has carried it out, or after that, unanswered."""

    at: int
    is_after: bool
    process: "subprocess.Popen[str] | None" = None
    calls: int = 0
    killed_at: str | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def is_due(self) -> bool:
        """Count a call, and tell whether it is the one."""
        with self._lock:
            self.calls += 1
            return self.calls == self.at and self.process is not None

    def kill(self, call: str) -> None:
        """End the process, by SIGKILL."""
        assert self.process is not None  # noqa: S101 - it was due
        if self.process.poll() is None:
            self.killed_at = f"{'after' if self.is_after else 'before'} {call}"
            self.process.kill()
            self.process.wait()


class QuickAws(LocalAws):
    """A running one; `strikes` are by the ids of applications."""

    def __init__(self, data: Path) -> None:
        """Start it."""
        self.strikes: dict[str, Strike] = {}
        settings = Settings(
            durations=Durations().faster(1000),
            serverless=serverless_world.Durations().faster(1000),
            log_delay_s=0,
        )
        super().__init__(data, settings)
        self.emr.quotas = self.serverless.quotas = None
        self.serverless.world.vcpus = _VCPUS
        self.emr.account.list_lag = LIST_LAG_MS

    def _make_runner(self, world: World) -> Any:
        self._runner: Any = SimulatedRunner(world, [StepPlan("", minutes=_MINUTES)])
        return self._runner

    def _make_job_runner(self, world: serverless_world.World) -> Any:
        self._job_runner: Any = AttemptRunner(world, [AttemptPlan("", minutes=_MINUTES)])
        return self._job_runner

    def _answer(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        found = _APP.search(environ.get("HTTP_USER_AGENT", ""))
        strike = self.strikes.get(found[1]) if found else None
        if strike is None or not strike.is_due():
            return super()._answer(environ, start)
        if strike.is_after:
            b"".join(super()._answer(environ, lambda *_args, **_how: None))
        strike.kill(_call(environ))
        body = json.dumps({"message": "nobody hears this"}).encode()
        start("503 -", [("Content-Length", str(len(body)))])
        return [body]


def _call(environ: dict[str, Any]) -> str:
    """Name a call: the operation of EMR or EMR Serverless, or what is done to which kind of object."""
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return str(target).rpartition(".")[2]
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    scope = scope_of(environ.get("HTTP_AUTHORIZATION", ""))
    if scope and scope.service == SERVICE:
        return operation_of(SERVICE, method, path)
    kind = re.search(r"/_state/(\w+)/", path)
    return f"{method} {kind[1] if kind else 'other object'}"
