"""What the tests of the commands share: an embedded AWS, and the command line pointed at it.

`shop` is one whose steps only take their time, so that pipelines run in a moment and without Spark.
"""

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from typer.testing import CliRunner, Result

from benchmarks.emr_chaos.requests import launch_request
from local_aws.api.errors import AwsError
from local_aws.emr.simulated_runner import StepPlan
from local_aws.server import Settings
from orchestrator.aws import clients
from orchestrator.aws.clients import READING, Account
from orchestrator.cli import app
from orchestrator.commands import asking, roads
from orchestrator.engine.edge import Bounds
from orchestrator.events.runs import EngineRuns
from orchestrator.identity import Token, named
from orchestrator.ownership import Ownership
from tests.local_aws.embedded import Embedded, embedded
from tests.local_aws.simulated import simulated
from tests.orchestrator.commands.eventful import Eventful

BUCKET = "emr-job-suite"
QUICK = (0.0005, 0.001)
CLUSTER = """
variables: {{bucket: null}}
limits: {{max_lifetime_hours: 1}}
Name: {name}
ReleaseLabel: emr-7.14.0
LogUri: "s3://${{bucket}}/logs/"
ServiceRole: EMR_DefaultRole
JobFlowRole: EMR_EC2_DefaultRole
Applications: [{{Name: Spark}}]
Instances:
  KeepJobFlowAliveWhenNoSteps: {keeps}
  InstanceFleets:
    - {{InstanceFleetType: MASTER, TargetOnDemandCapacity: 1, InstanceTypeConfigs: [{{InstanceType: m5.xlarge}}]}}
    - {{InstanceFleetType: CORE, TargetOnDemandCapacity: 1, InstanceTypeConfigs: [{{InstanceType: m5.xlarge}}]}}
"""
PIPELINE = """
name: two
cluster: own.yaml
variables: {lake: lake}
jobs:
  readings:
    entry_point: jobs/device_readings.py
    inputs: ["s3://${lake}/raw/"]
    output: s3://${lake}/readings
  hourly:
    entry_point: jobs/readings_hourly.py
    follows: [readings]
    inputs: ["${jobs.readings.output}"]
    output: s3://${lake}/hourly
"""


@dataclass(frozen=True)
class Commands:
    """The command line, and the embedded AWS that it talks to."""

    aws: Embedded

    def run(self, *arguments: str) -> Result:
        """Run a command with --local."""
        return CliRunner().invoke(app, [*arguments, "--local"])

    def told(self, *arguments: str) -> Any:
        """Run a command that succeeds, and return its JSON document."""
        result = self.run(*arguments, "-o", "json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def launch(self, base: str, name: str = "nightly", owner: str = BUCKET, **further: Any) -> str:
        """Launch a cluster of ours, or another owner's."""
        ownership = further.pop("ownership", Ownership(owner, "r1", 3600, 600))
        request = launch_request(named(name, Token(base * 20)), Tags=ownership.tags(), **further)
        return self.aws.emr.run_job_flow(**request)["JobFlowId"]

    def states(self, *cluster_ids: str) -> list[str]:
        """Return the states of clusters."""
        return [self.aws.cluster(each).status.state for each in cluster_ids]


@dataclass(frozen=True)
class Shop(Commands):
    """A command line in a folder with `own.yaml`, `long.yaml` and the pipeline `two.yaml`; `plans` say how steps go."""

    folder: Path
    plans: list[StepPlan]
    bucket: str
    lake: str
    since: int

    @property
    def state(self) -> list[str]:
        """Name what the bucket with the state holds."""
        return self.aws.keys(self.bucket)

    def put(self, key: str, body: bytes = b"{}") -> None:
        """Let an input be there, or be another one."""
        self.aws.s3.put_object(Bucket=self.lake, Key=key, Body=body)

    def fail(self, name: str) -> None:
        """Let the steps of a job fail."""
        self.plans.insert(0, StepPlan(f"^{name}", minutes=QUICK, exit_code=1))

    def slow(self) -> None:
        """Let steps take longer than a test."""
        self.plans[:] = [StepPlan("", minutes=(60, 60))]

    def refuse(self, patch: pytest.MonkeyPatch, operation: str) -> None:
        """Let EMR refuse an operation."""
        emr = self.aws.aws.emr
        answer = emr.call

        def call(name: str, request: Mapping[str, Any]) -> Any:
            if name == operation:
                raise AwsError("ValidationException", "no such thing")
            return answer(name, request)

        patch.setattr(emr, "call", call)

    @property
    def operations(self) -> list[str]:
        """Name the calls that EMR has had in this test, in their order."""
        return [
            line.split()[2]
            for line in self.aws.aws.emr.world.trace[self.since :]
            if line.split()[1] == "CALL"
        ]


@dataclass(frozen=True)
class _Kept(Account):
    """An account whose clients are made once: making one takes longer than a call."""

    made: dict[tuple[str, int], Any] = field(default_factory=dict, hash=False)

    def client(self, service: str, config: Config = READING) -> Any:
        """Return a client of a service."""
        key = (service, id(config))
        if key not in self.made:
            self.made[key] = super().client(service, config)
        return self.made[key]


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Embedded, Account, list[StepPlan]]]:
    """Give an embedded AWS whose steps only take their time, as the plans say."""
    plans: list[StepPlan] = []
    with simulated(tmp_path_factory.mktemp("aws"), plans) as aws:
        account = clients.local_account({"AWS_ENDPOINT_URL": aws.aws.url})
        yield aws, _Kept(account.session, account.endpoint), plans


_NUMBERS = itertools.count(1)


@pytest.fixture
def shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, market: tuple[Embedded, Account, list[StepPlan]]
) -> Shop:
    """Give the command line in a folder with files, over an embedded AWS with two fresh buckets: state and inputs."""
    aws, account, plans = market
    plans[:] = [StepPlan("", minutes=QUICK)]
    number = next(_NUMBERS)
    made = Shop(aws, tmp_path, plans, f"state-{number}", f"lake-{number}", len(aws.aws.emr.world.trace))
    for name, keeps in (("own", "false"), ("long", "true")):
        (tmp_path / f"{name}.yaml").write_text(CLUSTER.format(name=name, keeps=keeps))
    (tmp_path / "two.yaml").write_text(PIPELINE.replace("{lake: lake}", f"{{lake: {made.lake}}}"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(clients, "local_account", lambda: account)
    monkeypatch.setattr(asking, "LOCAL_BOUNDS", Bounds(**{**vars(asking.LOCAL_BOUNDS), "poll_s": 0.02}))
    monkeypatch.setenv("EMR_JOB_SUITE_BUCKET", made.bucket)
    for bucket in (made.bucket, made.lake):
        aws.s3.create_bucket(Bucket=bucket)
    made.put("raw/a.json")
    return made


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Commands]:
    """Give the command line over a fresh embedded AWS."""
    monkeypatch.delenv("EMR_JOB_SUITE_BUCKET", raising=False)
    with embedded(tmp_path, Settings()) as aws:
        monkeypatch.setenv("AWS_ENDPOINT_URL", aws.aws.url)
        yield Commands(aws)


@pytest.fixture
def eventful(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Eventful]:
    """Give a shop whose lake tells a queue of its objects."""
    made = Eventful(shop)
    # No job runs here that would write a manifest: tests/orchestrator/events/test_runs.py reads some.
    monkeypatch.setattr(EngineRuns, "unread", lambda *_: None)
    monkeypatch.setattr(roads, "_LOCAL_SLICE_S", 60.0)
    yield made
    made.sqs.close()
