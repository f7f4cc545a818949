"""The embedded AWS: one endpoint on this machine, our own EMR, EMR Serverless and Firehose, and moto for the rest.

One account, one Region. A step's `s3://` is the S3 of the same endpoint.
"""

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from mypy_boto3_s3 import S3Client

from local_aws.api.wire import CONTENT_TYPE, EMR
from local_aws.clients import REGION, VARIABLES, client
from local_aws.clock import clock as machine_clock
from local_aws.emr.emulator import Emr
from local_aws.emr.world import Durations, World
from local_aws.emr_server import EmrApplication
from local_aws.fault_script import FaultScript
from local_aws.hadoop.engine import Hadoop
from local_aws.loopback import Application, Loopback, Start
from local_aws.running.environments import ROOT
from local_aws.running.guarding import Guard
from local_aws.running.job_runner import JobRunner
from local_aws.running.logs import LogStore
from local_aws.running.memory import Memory, machine_mib
from local_aws.running.real_runner import RealRunner
from local_aws.running.workshop import Workshop
from local_aws.scope import Scope, is_from_here, scope_of
from local_aws.serverless import world as serverless_world
from local_aws.serverless.emulator import SERVICE, Serverless
from local_aws.serverless_server import DASHBOARDS, ServerlessApplication
from local_aws.services import Services

STATUS_PATH: Final = "/_local_aws/status"
# A cluster is ready in some seconds, not minutes.
_TIMES_FASTER: Final = 60
SHORT: Final = Durations().faster(_TIMES_FASTER)
_LONGEST_WAIT_S: Final = 1.0
_NOT_SERVED: Final = frozenset({"emr-containers", "elasticmapreduce"})


class Engine(StrEnum):
    """What steps run on: Spark alone, or real HDFS and YARN of each cluster."""

    LOCAL = "local"
    YARN = "yarn"


@dataclass(frozen=True)
class Settings:
    """How the embedded AWS behaves; `speed` is how many seconds of EMR pass in one of the machine's."""

    port: int = 0
    seed: str = "0"
    speed: float = 1.0
    log_delay_s: float = 5.0
    # How often the logs of what still runs are put; None: as late, but once in a second of the machine at most.
    log_interval_s: float | None = None
    faults: FaultScript = field(default_factory=FaultScript)
    durations: Durations = SHORT
    serverless: serverless_world.Durations = field(
        default_factory=lambda: serverless_world.Durations().faster(_TIMES_FASTER)
    )
    engine: Engine = Engine.LOCAL
    memory_mib: int = field(default_factory=machine_mib)
    # What all EMR Serverless applications may have together.
    vcpus: int = serverless_world.DEFAULT_VCPUS
    checkout: Path = ROOT


class LocalAws:
    """A running embedded AWS, whose work is done below the folder `data`; `about` is told with its status."""

    def __init__(self, data: Path, settings: Settings, clock: Callable[[], int] | None = None) -> None:
        """Start it; a clock of one's own takes the place of the machine's.

        Raises:
            OSError: Where the port is taken.
        """
        self.clock = clock or machine_clock(settings.speed)
        self._speed, self._engine = settings.speed, settings.engine
        self._others: Application = DomainDispatcherApplication(create_backend_app)
        self._server = Loopback(self._answer, "local-aws", settings.port)
        self.url = self._server.url
        self.s3: S3Client = client(self.url, "s3")
        self._workshop = self._make_workshop(data, settings)
        self.emr = Emr(
            self._make_runner,
            seed=settings.seed,
            region_name=REGION,
            now=self.clock(),
            durations=settings.durations,
        )
        settings.faults.apply(self.emr)
        self._application = EmrApplication(self.emr, self.clock)
        self.serverless = Serverless(
            self._make_job_runner,
            seed=settings.seed,
            agenda=self.emr.world.agenda,
            durations=settings.serverless,
            dashboards=f"{self.url}{DASHBOARDS}",
        )
        self.serverless.world.vcpus = settings.vcpus
        settings.faults.apply_to_calls(self.serverless.faults)
        self._serverless = ServerlessApplication(self.serverless, self.perform, self._workshop.folder)
        self.about: dict[str, object] = {"url": self.url, "region": REGION}
        self._is_closing = False
        self._ticker = threading.Thread(target=self._tick, name="local-aws-ticker")
        self._server.start()
        self._guard = Guard(self._workshop.folder)
        self.services = Services(data.resolve(), self.url, self.s3, self.clock)
        self._ticker.start()

    def end_work(self) -> None:
        """End all steps and bootstrap actions, and deliver what waits; the services still answer."""
        self.services.end_work()
        self.perform(self._stop_ticking)
        self._ticker.join()
        self._runner.close()
        self._job_runner.close()

    def close(self) -> None:
        """End all work and the server."""
        if not self._is_closing:
            self.end_work()
        self.services.close()
        self.s3.close()
        self._server.close()
        self._guard.close()

    def perform(self, do: Callable[[], None]) -> None:
        """Let time pass up to now, and do something to the EMR, alone."""
        self._application.perform(do)

    def until(self, is_so: Callable[[], bool], timeout_s: float) -> bool:
        """Wait, while time goes by, until something is so of the EMR; tells whether it is."""
        changed = self._application.changed
        with changed:
            return changed.wait_for(is_so, timeout_s)

    def status(self) -> dict[str, Any]:
        """Tell what there is: clusters by state, and how many steps and bootstrap actions run."""
        told: dict[str, Any] = {**self.about, "clusters": {}}

        def look() -> None:
            states = [machine.cluster.status.state for machine in self.emr.account.machines.values()]
            told["clusters"] = {state: states.count(state) for state in sorted(set(states))}
            told["running_steps"] = self._runner.running
            applications = [one.state for one in self.serverless.service.account.applications.values()]
            told["applications"] = {state: applications.count(state) for state in sorted(set(applications))}
            told["running_job_runs"] = self._job_runner.running

        self.perform(look)
        return told

    def _make_workshop(self, data: Path, settings: Settings) -> Workshop:
        return Workshop(
            data.resolve() / "clusters",
            self.url,
            self.s3,
            VARIABLES,
            self.perform,
            int(settings.log_delay_s * 1000),
            int((settings.log_interval_s or max(settings.log_delay_s, settings.speed)) * 1000),
            Memory(settings.memory_mib),
            settings.checkout,
        )

    def _make_runner(self, world: World) -> RealRunner:
        hadoop = Hadoop(self._workshop) if self._engine == Engine.YARN else None
        self._runner = RealRunner(world, self._workshop, LogStore(self.s3), hadoop)
        return self._runner

    def _make_job_runner(self, world: serverless_world.World) -> JobRunner:
        self._job_runner = JobRunner(world, self._workshop, LogStore(self.s3))
        return self._job_runner

    def _stop_ticking(self) -> None:
        self._is_closing = True
        self._runner.begin_nothing()
        self._job_runner.begin_nothing()

    def _tick(self) -> None:
        """Do what is due, whether somebody asks or not."""
        changed, agenda = self._application.changed, self.emr.world.agenda
        with changed:
            while not self._is_closing:
                self._application.advance()
                changed.notify_all()
                due = agenda.next_at
                wait = _LONGEST_WAIT_S if due is None else (due - self.clock()) / 1000 / self._speed
                changed.wait(min(max(wait, 0.001), _LONGEST_WAIT_S))

    def _answer(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if not is_from_here(environ):
            message = "the embedded AWS answers programs of this machine only, not pages of a browser"
            return _tell(start, 403, "application/json", {"message": message})
        if environ["PATH_INFO"] == STATUS_PATH:
            return _tell(start, 200, "application/json", self.status())
        if environ["PATH_INFO"].startswith(DASHBOARDS):
            return self._show(environ["PATH_INFO"], start)
        return self._answer_client(environ, start)

    def _answer_client(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        scope = scope_of(environ.get("HTTP_AUTHORIZATION", ""))
        if environ.get("HTTP_X_AMZ_TARGET", "").startswith(EMR):
            return self._answer_own(self._application, scope, environ, start)
        if scope and scope.service == SERVICE:
            return self._answer_own(self._serverless, scope, environ, start)
        if scope and scope.service in _NOT_SERVED:
            # Moto would answer that all is well, with nothing done.
            message = f"{scope.service}: not served by the embedded AWS"
            refusal = {"__type": "UnknownOperationException", "message": message}
            return _tell(start, 400, CONTENT_TYPE, refusal)
        if not self.services.is_for(environ):
            return self._others(environ, start)
        return _refuse_unsigned(start) if scope is None else self.services.answer(environ, start)

    def _show(self, path: str, start: Start) -> Iterable[bytes]:
        text = self._serverless.dashboard(path)
        if text is None:
            return _tell(start, 404, "application/json", {"message": f"no attempt of a job run at {path}"})
        body = text.encode()
        start("200 -", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))])
        return [body]

    def _answer_own(
        self, application: Application, scope: Scope | None, environ: dict[str, Any], start: Start
    ) -> Iterable[bytes]:
        if self._is_closing:
            refusal = {"__type": "ServiceUnavailableException", "message": "the embedded AWS ends"}
            return _tell(start, 503, CONTENT_TYPE, refusal)
        if scope is None:
            return _refuse_unsigned(start)
        if scope.region != REGION:
            message = f"Credential should be scoped to a valid region: the embedded AWS is {REGION}, got {scope.region}"
            refusal = {"__type": "InvalidSignatureException", "message": message}
            return _tell(start, 400, CONTENT_TYPE, refusal)
        return application(environ, start)


def _refuse_unsigned(start: Start) -> Iterable[bytes]:
    refusal = {"__type": "MissingAuthenticationTokenException", "message": "Missing Authentication Token"}
    return _tell(start, 400, CONTENT_TYPE, refusal)


def _tell(start: Start, status: int, content_type: str, told: dict[str, Any]) -> Iterable[bytes]:
    body = json.dumps(told).encode()
    start(f"{status} -", [("Content-Type", content_type), ("Content-Length", str(len(body)))])
    return [body]
