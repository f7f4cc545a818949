"""A fresh road on an embedded AWS: the stack of infrastructure/road.yaml, a pipeline with a trigger, its processes."""

import os
import secrets
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.kinesis.models import kinesis_backends
from moto.sqs.models import sqs_backends

from benchmarks.road_chaos.blows import APP_ID, CONSUMER, DRIVER, FIREHOSE, StrikingAws
from benchmarks.road_chaos.processes import Component, kill_tree
from benchmarks.running.local_spark import FIRST_COMPILER
from local_aws.clients import REGION, VARIABLES, client
from local_aws.emr.world import Durations
from local_aws.server import Settings
from local_aws.stacks import deploy

ROOT: Final = Path(__file__).resolve().parents[2]
TEMPLATE: Final = ROOT / "infrastructure" / "road.yaml"
PIPELINE: Final = "road"
# Clusters are there in a tenth of a second: it is not they that are tried.
_DURATIONS: Final = Durations().faster(1000)
_CLUSTER: Final = """
extends: {file}
Configurations:
  - Classification: spark-defaults
    Properties: {{spark.sql.shuffle.partitions: "2", spark.driver.memory: 1g, spark.ui.enabled: "false"}}
"""
_PIPELINE: Final = """
name: {pipeline}
cluster: cluster.yaml
jobs:
  device_readings:
    entry_point: jobs/device_readings.py
    inputs: ["s3://{raw}/{name}/"]
    output: s3://{clean}/device_readings
    quarantine: s3://{clean}/quarantine
trigger:
  queue: {name}-events
  dead_letter_queue: {name}-events-dead
  max_objects: {most_objects}
  max_wait_minutes: {wait_minutes}
  max_attempts: 9
"""


@dataclass(frozen=True)
class Scale:
    """How Firehose gathers, and how many objects make a batch, or how long they wait for it."""

    buffer_s: int = 5
    buffer_mib: int = 1
    most_objects: int = 20
    wait_s: float = 10.0


class Road:
    """A road with a name of its own: moto keeps all that it has for as long as its process lives."""

    def __init__(
        self, folder: Path, transform: Path, scale: Scale, durations: Durations = _DURATIONS
    ) -> None:
        """Make it; `transform` is the zip that scripts/package-lambda has made."""
        self.folder, self.name = folder.resolve(), f"road-{secrets.token_hex(4)}"
        self.raw, self.clean, self.state = (f"{self.name}-{each}" for each in ("raw", "clean", "state"))
        # What Spark starts with here; a step's process has it from this one.
        os.environ.setdefault("SPARK_SUBMIT_OPTS", FIRST_COMPILER)
        self.aws = StrikingAws(self.folder / "aws", Settings(durations=durations, log_delay_s=0))
        self.components: dict[str, Component] = {}
        self.aws.kill = self._kill
        try:
            self.outputs = self._deploy(transform, scale)
            self._write_files(scale)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End all of it."""
        for component in self.components.values():
            component.kill()
        self.aws.close()

    def add(self, name: str, *command: str) -> Component:
        """Begin `python -m` a command, known to the embedded AWS by its name."""
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("AWS_")},
            **VARIABLES,
            "PYTHONPATH": str(ROOT),
            "AWS_ENDPOINT_URL": self.aws.url,
            APP_ID: name,
        }
        log = self.folder / f"{name}.log"
        made = self.components[name] = Component(name, [sys.executable, "-m", *command], environment, log)
        made.begin()
        return made

    def add_firehose(self) -> Component:
        """Take the delivery stream out of the embedded AWS, and let it go on in a process of its own."""
        name, folder = self.outputs["DeliveryStreamName"], self.folder / "firehose"
        shutil.copytree(self.folder / "aws" / "firehose" / name, folder / name)
        firehose = client(self.aws.url, "firehose")
        firehose.delete_delivery_stream(DeliveryStreamName=name)
        firehose.close()
        return self.add(FIREHOSE, "benchmarks.road_chaos.firehose", self.aws.url, str(folder))

    def add_simulator(self, name: str, *what: str) -> Component:
        """Let devices send; what was acknowledged, and the truth, are in files of the simulator's name."""
        files = ("--state", f"{name}.state.json", "--truth", f"{name}.truth.json")
        sending = ("ingestion.device_simulator", "send", "--local", "--stream", self.outputs["StreamName"])
        return self.add(name, *sending, *files, *what)

    def add_consumer(self, number: int, verb: str) -> Component:
        """Let somebody serve or drain the events."""
        where = ("--local", "--bucket", self.state)
        return self.add(f"{CONSUMER}-{number}", "orchestrator", "events", verb, f"{PIPELINE}.yaml", *where)

    def last_sequences(self) -> dict[str, str]:
        """Return the last record's number of each shard that has any."""
        shards = kinesis_backends[DEFAULT_ACCOUNT_ID][REGION].streams[self.outputs["StreamName"]].shards
        return {name: str(next(reversed(shard.records))) for name, shard in shards.items() if shard.records}

    def queue(self, name: str) -> Any:
        """Return a queue of the road, as moto has it."""
        return sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues[f"{self.name}-{name}"]

    def _kill(self, name: str) -> bool:
        if name == DRIVER:
            return kill_tree(self.folder / "aws" / "clusters")
        if name not in self.components:
            return False
        was_there = self.components[name].kill()
        if was_there and name.startswith(CONSUMER):
            # What a dead consumer has hidden comes again after five minutes: they are over.
            for message in list(self.queue("events")._messages):
                message.change_visibility(0)
        return was_there

    def _deploy(self, transform: Path, scale: Scale) -> dict[str, str]:
        code = f"{self.name}-code"
        for bucket in (code, self.state):
            self.aws.s3.create_bucket(Bucket=bucket)
        self.aws.s3.upload_file(str(transform), code, transform.name)
        # A stack has the name of its file.
        template = Path(shutil.copy(TEMPLATE, self.folder / f"{self.name}.yaml"))
        given: Mapping[str, str] = {
            "Name": self.name,
            "RawBucket": self.raw,
            "CleanBucket": self.clean,
            "CodeBucket": code,
            "CodeKey": transform.name,
            "BufferSeconds": str(scale.buffer_s),
            "BufferMiB": str(scale.buffer_mib),
        }
        return deploy(self.aws.url, template, **given)

    def _write_files(self, scale: Scale) -> None:
        file = os.path.relpath(ROOT / "cluster_configs" / "long_running.yaml", self.folder)
        (self.folder / "cluster.yaml").write_text(_CLUSTER.format(file=file), encoding="utf-8")
        text = _PIPELINE.format(
            pipeline=PIPELINE,
            raw=self.raw,
            clean=self.clean,
            name=self.name,
            most_objects=scale.most_objects,
            wait_minutes=scale.wait_s / 60,
        )
        (self.folder / f"{PIPELINE}.yaml").write_text(text, encoding="utf-8")
