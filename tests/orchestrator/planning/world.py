"""What tests of plans share: a lake in memory, files of a user, and plans made of them."""

import hashlib
import io
from functools import cache
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from orchestrator.aws.objects import Objects
from orchestrator.checkout import ROOT
from orchestrator.config.cluster import ClusterConfig, load_cluster
from orchestrator.config.pipeline import Pipeline, load_pipeline
from orchestrator.packaging.deploy import Collected, collect
from orchestrator.planning.runs import Request, plan_run
from orchestrator.plans import Plan
from tests.orchestrator.aws.pretended import BEGINNING, StillClock

BUCKET = "state"
UNTIL = BEGINNING + 60
CLUSTER = """
variables: {{bucket: null, cores: 1}}
limits: {{max_lifetime_hours: 2, idle_timeout_seconds: 600}}
Name: {name}
ReleaseLabel: emr-7.14.0
LogUri: "s3://${{bucket}}/logs/"
ServiceRole: EMR_DefaultRole
JobFlowRole: EMR_EC2_DefaultRole
Applications: [{{Name: Spark}}]
Tags: [{{Key: team, Value: data}}, {{Key: "emr-job-suite:owner", Value: stranger}}]
Instances:
  KeepJobFlowAliveWhenNoSteps: {keeps}
  InstanceFleets:
    - {{InstanceFleetType: MASTER, TargetOnDemandCapacity: 1, InstanceTypeConfigs: [{{InstanceType: m5.xlarge}}]}}
    - InstanceFleetType: CORE
      TargetOnDemandCapacity: ${{cores}}
      InstanceTypeConfigs: [{{InstanceType: m5.xlarge}}]
{further}
"""
PIPELINE = """
name: two
cluster: own.yaml
variables: {lake: lake, further: null}
jobs:
  readings:
    entry_point: jobs/device_readings.py
    inputs: ["s3://${lake}/raw/"]
    output: s3://${lake}/readings
    quarantine: s3://${lake}/refused
    retries: 2
    time_limit_minutes: 30
  hourly:
    entry_point: jobs/readings_hourly.py
    follows: [readings]
    inputs: ["${jobs.readings.output}"]
    output: s3://${lake}/hourly
"""
INPUTS = {"raw/a.json": b"one", "raw/day/b.json": b"two"}


class Lake:
    """As much of boto3's S3 as plans and uploads need; `puts` are the URIs that were written, in their order.

    `asked` counts the calls that write, whether something was there already or not.
    """

    def __init__(self, objects: dict[str, bytes] | None = None) -> None:
        """Begin with objects of the bucket `lake`."""
        given = INPUTS if objects is None else objects
        self.objects = {f"s3://lake/{key}": body for key, body in given.items()}
        self.puts: list[str] = []
        self.asked = 0
        self.is_closed = False

    def list_objects_v2(self, *, Bucket: str, Prefix: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """List objects, all on one page."""
        if self.is_closed:
            raise _error("ListObjectsV2", "AccessDenied", 403)
        start = f"s3://{Bucket}/"
        return {
            "Contents": [
                {"Key": uri.removeprefix(start), "Size": len(body), "ETag": hashlib.sha256(body).hexdigest()}
                for uri, body in self.objects.items()
                if uri.startswith(start + Prefix)
            ]
        }

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """Write an object where none is."""
        uri = f"s3://{Bucket}/{Key}"
        self.asked += 1
        if uri in self.objects:
            raise _error("PutObject", "PreconditionFailed", 412)
        self.objects[uri] = Body
        self.puts.append(uri)
        return {}

    def head_object(self, *, Bucket: str, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """Describe an object, as one that others have put."""
        return {"ContentLength": len(self.objects[f"s3://{Bucket}/{Key}"])}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """Read an object."""
        return {"Body": io.BytesIO(self.objects[f"s3://{Bucket}/{Key}"])}


@cache
def collected() -> Collected:
    """Collect what this checkout ships."""
    return collect(BUCKET, ROOT)


def objects(lake: Lake) -> Objects:
    """Read the lake as the orchestrator does."""
    return Objects(lake, StillClock())


def write_files(folder: Path) -> None:
    """Write `own.yaml`, `long.yaml` and the pipeline `two.yaml`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "own.yaml").write_text(CLUSTER.format(name="own", keeps="false", further=""))
    (folder / "long.yaml").write_text(CLUSTER.format(name="long", keeps="true", further=""))
    (folder / "two.yaml").write_text(PIPELINE)


def cluster(folder: Path, *, keeps: bool = False, further: str = "") -> ClusterConfig:
    """Load a cluster file with further keys."""
    path = folder / "cluster.yaml"
    path.write_text(CLUSTER.format(name="a cluster", keeps=str(keeps).lower(), further=further))
    return load_cluster(path, {"bucket": BUCKET})


def pipeline(folder: Path, *changes: tuple[str, str]) -> Pipeline:
    """Load the pipeline, with some of its text changed."""
    write_files(folder)
    text = PIPELINE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "changed.yaml").write_text(text)
    return load_pipeline(folder / "changed.yaml", {})


def plan(
    loaded: Pipeline,
    on: str | ClusterConfig = "j-1",
    lake: Lake | None = None,
    *,
    key: str | None = None,
    only: str | None = None,
) -> Plan:
    """Plan a run."""
    return plan_run(Request(loaded, on, BUCKET, key, only), collected(), objects(lake or Lake()), UNTIL)


def _error(operation: str, code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)
