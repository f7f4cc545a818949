"""An embedded AWS over HTTP whose steps only take a moment, and which kills who calls it, at the call that is meant."""

import json
import re
import subprocess
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from local_aws.emr.simulated_runner import SimulatedRunner, StepPlan
from local_aws.emr.world import Durations, World
from local_aws.loopback import Start
from local_aws.server import LocalAws, Settings

# Within the orchestrator's bounds for --local.
LIST_LAG_MS: Final = 1500
_STEPS: Final = (StepPlan("", minutes=(0.005, 0.03)),)
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


class _QuickRunner(SimulatedRunner):
    """A simulated runner that a server can close."""

    running = 0

    def begin_nothing(self) -> None:
        """Nothing is to be stopped: nothing runs."""

    def close(self) -> None:
        """As above."""


class QuickAws(LocalAws):
    """A running one; `strikes` are by the ids of applications."""

    def __init__(self, data: Path) -> None:
        """Start it."""
        self.strikes: dict[str, Strike] = {}
        super().__init__(data, Settings(durations=Durations().faster(1000), log_delay_s=0))
        self.emr.quotas = None
        self.emr.account.list_lag = LIST_LAG_MS

    def _make_runner(self, world: World) -> Any:
        self._runner: Any = _QuickRunner(world, list(_STEPS))
        return self._runner

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
    """Name a call: EMR's operation, or what is done to which kind of object."""
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return str(target).rpartition(".")[2]
    kind = re.search(r"/_state/(\w+)/", environ["PATH_INFO"])
    return f"{environ['REQUEST_METHOD']} {kind[1] if kind else 'other object'}"
