"""What the tests of the commands share: an embedded AWS, and the command line pointed at it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from benchmarks.emr_chaos.requests import launch_request
from local_aws.server import Settings
from orchestrator.cli import app
from orchestrator.identity import Token, named
from orchestrator.ownership import Ownership
from tests.local_aws.embedded import Embedded, embedded

BUCKET = "emr-job-suite"


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


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Commands]:
    """Give the command line over a fresh embedded AWS."""
    monkeypatch.delenv("EMR_JOB_SUITE_BUCKET", raising=False)
    with embedded(tmp_path, Settings()) as aws:
        monkeypatch.setenv("AWS_ENDPOINT_URL", aws.aws.url)
        yield Commands(aws)
