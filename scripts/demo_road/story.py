"""The road, from the first command to the summary: each step is what a user would type."""

import gzip
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local_aws.clients import client
from local_aws.stacks import deploy
from orchestrator.errors import FailedError, TimedOutError
from scripts.demo_road.accounting import equations
from scripts.demo_road.display import Display
from scripts.demo_road.gathering import Given, dead_letters, gather
from scripts.demo_road.place import CODE, LAKE, NAME, RAW, Place
from scripts.demo_road.report import Summary
from scripts.demo_road.rows import is_delivered, rows
from scripts.demo_road.shell import Shell
from scripts.demo_road.tables import days
from scripts.demo_road.watch import Watch

ROOT: Final = Path(__file__).resolve().parents[2]
TEMPLATE: Final = ROOT / "infrastructure" / "road.yaml"
BUFFER_S: Final = "5"
# Steps of seconds: what the second compiler would make faster is over before.
SPARK: Final = {
    "SPARK_SUBMIT_OPTS": f"{os.environ.get('SPARK_SUBMIT_OPTS', '')} -XX:TieredStopAtLevel=1".strip()
}
# What a device sends whose battery dies: the first part of a gzip.
DAMAGED: Final = tuple(
    gzip.compress(b'{"device_id": "dying"}' * 9, mtime=0)[:-length] for length in (9, 12, 15)
)
POISON: Final = "this is no event"
_VARIABLES: Final = ("--local", "--var", f"raw={RAW}", "--var", f"lake={LAKE}")
_SEND: Final = ("python", "-m", "ingestion.device_simulator", "send")
_TO_STREAM: Final = ("--local", "--stream", NAME, "--heartbeat-rate", "0.05")
_WHAT: Final = (
    *("--seed", "7", "--devices", "20", "--hours", "240", "--late-rate", "0.02", "--duplicate-rate", "0.02"),
    *("--correction-rate", "0.01", "--glue-rate", "0.05", "--fault-rate", "0.01"),
)
_LOOK_EVERY_S: Final = 1.0
_DELIVERY_S: Final = 180.0


@dataclass
class Looking:
    """Looks at the road now and then, once there is one, and shows what it sees."""

    display: Display
    now: Callable[[], float] = time.monotonic
    watch: Watch | None = None
    records: int = 0
    _looked_at: float = 0.0

    def look(self) -> None:
        """Look again where it is time, and show what was seen last."""
        if self.watch is None:
            return
        if self.now() - self._looked_at >= _LOOK_EVERY_S:
            self.watch.look()
            self._looked_at = self.now()
        self.display.show(rows(self.watch.seen, self.records))


@dataclass
class Story:
    """The demo in its folder, with as many messages."""

    place: Place
    messages: int
    display: Display
    shell: Shell
    looking: Looking
    url: str = ""

    def tell(self, *, is_kept: bool) -> Summary:
        """Go the whole road.

        Raises:
            FailedError: A command has failed; the text names its log.
            TimedOutError: What is in the stream does not come out of Firehose.
        """
        self._begin()
        self._build()
        sent = self._send()
        self._damage()
        self._await_delivery()
        self._run()
        return self._sum_up(sent, is_kept=is_kept)

    def end(self) -> None:
        """End all that runs."""
        if self.looking.watch is not None:
            self.looking.watch.close()
            self.looking.watch = None
        if self.place.aws.exists():
            self.shell.run(["orchestrator", "local", "down", "--data", str(self.place.aws)])

    def _begin(self) -> None:
        self.display.step("an AWS on this machine, and the jars with which Spark reads s3://")
        self.shell.run(["scripts/jars", "s3"])
        up = ["orchestrator", "local", "up", "--port", "0", "--data", str(self.place.aws), "-o", "json"]
        told = json.loads(self.shell.run(up, SPARK))
        for name in told["unset"]:
            self.shell.environment.pop(name, None)
        self.shell.environment |= told["environment"]
        self.url = told["url"]

    def _build(self) -> None:
        self.display.step(
            f"the road: stream, Firehose with its transform, buckets, queues; a buffer of {BUFFER_S} s instead of 60"
        )
        [archive] = self.shell.run(
            ["scripts/package-lambda", "--output", str(self.place.output / "dist")]
        ).split("\n")[:1]
        s3 = client(self.url, "s3")
        s3.create_bucket(Bucket=CODE)
        s3.upload_file(archive, CODE, "transform.zip")
        s3.close()
        given = {"Name": NAME, "RawBucket": RAW, "CleanBucket": LAKE, "CodeBucket": CODE}
        given |= {"CodeKey": "transform.zip", "BufferSeconds": BUFFER_S}
        told = " ".join(f"{name}={value}" for name, value in given.items())
        self.display.command(f"(CloudFormation) {TEMPLATE.relative_to(ROOT)}: {told}")
        deploy(self.url, TEMPLATE, **given)
        self.looking.watch = Watch(self.url, self.place)

    def _send(self) -> dict[str, Any]:
        self.display.step(
            f"{self.messages:,} messages of ten days from 20 devices, 2 % repeated, 1 % faulty; and heartbeats"
        )
        place = self.place
        where = [*_TO_STREAM, "--state", str(place.sent), "--truth", str(place.truth)]
        send = [*_SEND, *where, "-o", "json", "synthetic", *_WHAT, "--messages", str(self.messages)]
        told: dict[str, Any] = json.loads(self.shell.run(send))
        return told

    def _damage(self) -> None:
        self.display.step(f"{len(DAMAGED)} records that nobody can open, and an event that is none")
        self.display.command(f"(Kinesis) PutRecords {NAME}: gzip that was cut off")
        kinesis, sqs = client(self.url, "kinesis"), client(self.url, "sqs")
        kinesis.put_records(
            StreamName=NAME, Records=[{"Data": each, "PartitionKey": "dying"} for each in DAMAGED]
        )
        self.display.command(f"(SQS) SendMessage {NAME}-events: {POISON}")
        sqs.send_message(
            QueueUrl=sqs.get_queue_url(QueueName=f"{NAME}-events")["QueueUrl"], MessageBody=POISON
        )
        for each in (kinesis, sqs):
            each.close()

    def _await_delivery(self) -> None:
        watch = self._watch
        self.looking.records = json.loads(self.place.sent.read_text())["acknowledged"] + len(DAMAGED)
        until = time.monotonic() + _DELIVERY_S
        while not is_delivered(watch.look(), self.looking.records):
            if time.monotonic() >= until:
                raise TimedOutError(
                    f"Firehose: expected all of {self.looking.records} records delivered within {_DELIVERY_S:g} s, got "
                    f"{watch.seen.transformed.received}; look into {self.place.transform_log} and "
                    f"{self.place.aws / 'server.log'}"
                )
            self.looking.look()
            time.sleep(_LOOK_EVERY_S / 2)
        self.looking.look()

    def _run(self) -> None:
        self.display.step("events of new objects: ledger, a batch, a cluster for it, both jobs in Spark")
        self.shell.run(
            ["orchestrator", "events", "drain", NAME, *_VARIABLES, "--var", "partitions=4", "-o", "json"]
        )

    def _sum_up(self, sent: dict[str, Any], *, is_kept: bool) -> Summary:
        self.display.step("the accounting")
        status = json.loads(
            self.shell.run(["orchestrator", "ledger", "status", NAME, *_VARIABLES, "-o", "json"])
        )
        dead = dead_letters(self.url)
        given = Given(len(DAMAGED), 1, sent, status, dead)
        counts = gather(self._watch, self.place, given)
        self.looking.look()
        return Summary(
            equations(counts),
            days(self.place.output),
            counts.objects.failed,
            dead,
            self.place,
            is_kept,
        )

    @property
    def _watch(self) -> Watch:
        if self.looking.watch is None:
            raise FailedError("there is no road to look at yet")
        return self.looking.watch
