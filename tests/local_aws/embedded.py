"""An embedded AWS for a test: its clock is the machine's, and can be put on; boto3 talks to it over HTTP."""

import gzip
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from mypy_boto3_emr import EMRClient
from mypy_boto3_s3 import S3Client

from local_aws.clients import client
from local_aws.clock import clock
from local_aws.emr.entities import Cluster
from local_aws.emr.world import Durations
from local_aws.server import LocalAws, Settings
from tests.local_aws import buckets
from tests.local_aws.emr.launching import launch_request

ENDED: Final = frozenset({"TERMINATED", "TERMINATED_WITH_ERRORS"})
# Lives of clusters in tenths of a second.
FAST: Final = Durations().faster(1000)
_TIMEOUT_S: Final = 240.0
_NEVER_S: Final = 1e9


def spark_step(name: str, *arguments: str, action: str = "CONTINUE") -> dict[str, Any]:
    """Ask for a spark-submit."""
    jar = {"Jar": "command-runner.jar", "Args": ["spark-submit", *arguments]}
    return {"Name": name, "ActionOnFailure": action, "HadoopJarStep": jar}


class Embedded:
    """A running one."""

    def __init__(self, data: Path, settings: Settings) -> None:
        """Start it."""
        self._ahead = 0
        ticks = clock()
        self.aws = LocalAws(data, settings, lambda: ticks() + self._ahead)
        self.aws.emr.quotas = None
        self.data = data
        self.emr: EMRClient = client(self.aws.url, "emr")
        self.s3: S3Client = client(self.aws.url, "s3")

    def close(self) -> None:
        """End it."""
        self.emr.close()
        self.s3.close()
        self.aws.close()

    def put_on(self, seconds: int) -> None:
        """Put the clock on."""
        self._ahead += seconds * 1000
        self.aws.perform(lambda: None)

    def launch(self, steps: Sequence[Mapping[str, Any]] = (), **further: Any) -> str:
        """Launch a fleet cluster."""
        return self.emr.run_job_flow(**launch_request(steps=[dict(step) for step in steps], **further))[
            "JobFlowId"
        ]

    def add_step(self, cluster_id: str, step: Any) -> str:
        """Add a step to a cluster, and return its id."""
        return self.emr.add_job_flow_steps(JobFlowId=cluster_id, Steps=[step])["StepIds"][0]

    def cluster(self, cluster_id: str) -> Cluster:
        """Return a cluster as it stands."""
        return self.aws.emr.cluster(cluster_id)

    def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so of the EMR."""
        assert self.aws.until(is_so, _TIMEOUT_S), "it never came to be so"

    def until_state(self, cluster_id: str, *states: str) -> str:
        """Wait until a cluster is in one of some states, and return it."""
        self.until(lambda: self.cluster(cluster_id).status.state in states)
        return self.cluster(cluster_id).status.state

    def until_step(self, cluster_id: str, step_id: str, state: str) -> None:
        """Wait until a step is in a state."""

        def is_so() -> bool:
            step = self.cluster(cluster_id).step(step_id)
            return step is not None and step.status.state == state

        self.until(is_so)

    def until_end(self, cluster_id: str) -> tuple[str, str | None]:
        """Wait until a cluster has ended, and return its state and the reason's code."""
        self.until_state(cluster_id, *ENDED)
        status = self.cluster(cluster_id).status
        return status.state, status.code

    def steps(self, cluster_id: str) -> dict[str, str]:
        """Return the states of a cluster's steps by their names."""
        return {str(step.config["Name"]): step.status.state for step in self.cluster(cluster_id).steps}

    def log(self, bucket: str, key: str) -> str:
        """Return a log as text, once it is there: whole, where it is put only once."""
        self.until(lambda: key in self.keys(bucket))
        return gzip.decompress(self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()).decode()

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """List the keys of a bucket."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [found["Key"] for page in pages for found in page.get("Contents", [])]


@contextmanager
def embedded(data: Path, settings: Settings) -> Iterator[Embedded]:
    """Give a running one, and end it; its buckets go with it, for moto keeps one account a process.

    A log is put once, when it is whole, where the settings do not say how often before.
    """
    made = Embedded(data, replace(settings, log_interval_s=settings.log_interval_s or _NEVER_S))
    there = set(buckets.names(made.s3))
    try:
        yield made
    finally:
        made.close()
        buckets.remove(lambda name: name not in there)
