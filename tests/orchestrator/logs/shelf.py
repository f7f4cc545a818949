"""Logs on S3 beside a simulated cluster: what a test puts there is what there is."""

import gzip
import random
from typing import Any

from benchmarks.emr_chaos.requests import launch_request, step
from benchmarks.orchestrator_chaos.direct import DirectClient, VirtualClock
from local_aws.emr.emulator import Emr as EmbeddedEmr
from local_aws.emr.simulated_runner import SimulatedRunner, StepPlan
from local_aws.s3_server import S3Server
from orchestrator.aws.emr import Emr
from orchestrator.aws.objects import Objects

HOUR = 3600.0
DRIVER = "containers/application_17_0001/container_17_0001_01_000001"


class Shelf:
    """A cluster with one step that runs for some minutes, and the bucket of its logs."""

    def __init__(self, server: S3Server, *, exit_code: int = 0, log_uri: str = "s3://{bucket}/emr/") -> None:
        """Launch it and let the step begin."""
        self.server, self.bucket = server, server.new_bucket()
        plan = StepPlan("", (60, 60), exit_code=exit_code)
        self.embedded = EmbeddedEmr(lambda world: SimulatedRunner(world, [plan]))
        self.clock, client = VirtualClock(self.embedded), DirectClient(self.embedded)
        self.emr = Emr(client, client, self.clock, draws=random.Random(1))  # noqa: S311 - repeatable, no secret
        self.objects = Objects(server.client, self.clock)
        further: dict[str, Any] = {"LogUri": log_uri.format(bucket=self.bucket)} if log_uri else {}
        request: dict[str, Any] = launch_request(steps=[step()], **further)
        self.cluster_id = self.emr.run_job_flow(request, self.until())
        self.clock.sleep(HOUR / 2)
        self.step_id = self.emr.steps(self.cluster_id, self.until())[0]["Id"]

    def until(self, hours: float = 24) -> float:
        """Return an instant."""
        return self.clock.now() + hours * HOUR

    @property
    def root(self) -> str:
        """Return where the cluster's logs are."""
        return f"emr/{self.cluster_id}"

    def uri(self, name: str) -> str:
        """Return the URI of a log of the step."""
        return f"s3://{self.bucket}/{self.root}/steps/{self.step_id}/{name}"

    def put(self, name: str, text: str) -> None:
        """Put a log of the step."""
        self.put_at(f"{self.root}/steps/{self.step_id}/{name}", text)

    def put_driver(self, name: str, text: str) -> None:
        """Put a log of the driver."""
        self.put_at(f"{self.root}/{DRIVER}/{name}", text)

    def put_at(self, key: str, text: str) -> None:
        """Put a log, packed where its name says so."""
        body = gzip.compress(text.encode()) if key.endswith(".gz") else text.encode()
        self.server.client.put_object(Bucket=self.bucket, Key=key, Body=body)
