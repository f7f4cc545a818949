"""The package of the consumer of events, with a pipeline of a test's own in it."""

import importlib.metadata
import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from scripts.lambda_package import PACKAGES, build

ROOT: Final = Path(__file__).resolve().parents[2]
CLUSTER: Final = """
variables: {bucket: null}
limits: {max_lifetime_hours: 3}
Name: of-events
ReleaseLabel: emr-7.14.0
LogUri: "s3://${bucket}/logs/"
ServiceRole: EMR_DefaultRole_V2
JobFlowRole: EMR_EC2_DefaultRole
Applications: [{Name: Spark}]
Instances:
  KeepJobFlowAliveWhenNoSteps: false
  InstanceFleets:
    - {InstanceFleetType: MASTER, TargetOnDemandCapacity: 1, InstanceTypeConfigs: [{InstanceType: m5.xlarge}]}
    - {InstanceFleetType: CORE, TargetOnDemandCapacity: 1, InstanceTypeConfigs: [{InstanceType: m5.xlarge}]}
"""
APPLICATION: Final = """
target: serverless
variables: {bucket: null}
name: of-events
releaseLabel: emr-7.14.0
type: SPARK
maximumCapacity: {cpu: 16 vCPU, memory: 64 GB}
monitoringConfiguration: {s3MonitoringConfiguration: {logUri: "s3://${bucket}/logs/"}}
job_run: {executionRoleArn: "arn:aws:iam::123456789012:role/jobs"}
"""
_PIPELINE: Final = """
name: NAME
cluster: NAME-cluster.yaml
variables: {raw: null}
trigger: {queue: NAME-events, dead_letter_queue: NAME-events-dead, max_objects: 1}
jobs:
  readings:
    entry_point: jobs/device_readings.py
    inputs: ["s3://${raw}/NAME/"]
    output: s3://${raw}/clean/readings
"""


def pinned(lock: str) -> dict[str, str]:
    """Return the versions of a lock, by the names of packages."""
    text = (ROOT / "requirements" / lock).read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", text, re.MULTILINE))


def copy_installed(folder: Path, architecture: str, lock: str) -> None:
    """Stand in for pip: the same distributions from this environment, with what pip leaves behind."""
    assert architecture == "x86_64"
    for name in pinned(Path(lock).name):
        distribution = importlib.metadata.distribution(name)
        for file in distribution.files or ():
            source, target = Path(str(file.locate())), folder / str(file)
            if ".." not in file.parts and source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)
    (folder / "bin").mkdir()
    (folder / "bin" / "jp.py").write_text(f"#!{sys.executable}\n")


def package(name: str, cluster: str = CLUSTER) -> bytes:
    """Return the package's zip, with a pipeline whose raw objects, queues and own name are called so."""
    with tempfile.TemporaryDirectory() as folder:
        path = build(ROOT, Path(folder), PACKAGES["events"], "x86_64", copy_installed)
        with zipfile.ZipFile(path, "a") as archive:
            for file, text in _files(name, cluster).items():
                archive.writestr(f"pipelines/{file}", text)
        return path.read_bytes()


def _files(name: str, cluster: str) -> Mapping[str, str]:
    return {f"{name}.yaml": _PIPELINE.replace("NAME", name), f"{name}-cluster.yaml": cluster}
