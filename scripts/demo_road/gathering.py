"""Gathers what each part of the road says of itself, and copies what it has left behind."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local_aws.clients import client
from scripts.demo_road.accounting import Counts, Devices, Ledger, Manifests
from scripts.demo_road.place import LAKE, NAME, STATE, Place
from scripts.demo_road.tables import read_tables
from scripts.demo_road.watch import Watch

_REASON: Final = "emr-job-suite-reason"


@dataclass(frozen=True)
class Given:
    """What the demo has put onto the road itself, and what commands have answered."""

    damaged: int
    poison: int
    sent: Mapping[str, Any]
    ledger: Mapping[str, Any]
    dead: Mapping[str, int]


def gather(watch: Watch, place: Place, given: Given) -> Counts:
    """Copy tables and manifests, and count all sides."""
    for table in ("clean/device_readings", "clean/readings_hourly", "quarantine/device_readings"):
        _copy(watch, LAKE, f"{table}/", place.output)
    _copy(watch, STATE, "_state/manifests/", place.output, "_state/")
    seen = watch.look()
    return Counts(
        devices=devices(json.loads(place.truth.read_text(encoding="utf-8")), given),
        in_stream=seen.in_stream,
        transformed=seen.transformed,
        objects=seen.objects,
        poison=given.poison,
        dead=sum(given.dead.values()),
        ledger=ledger(given.ledger),
        manifests=manifests(documents(place.of("manifests"))),
        tables=read_tables(place.output),
    )


def devices(truth: Mapping[str, Any], given: Given) -> Devices:
    """Take what counts out of the truth, and of what `send` has answered."""
    rows = truth["rows"]
    return Devices(
        messages=rows["read"],
        heartbeats=truth["kinds"].get("heartbeat", 0),
        records=given.sent["acknowledged"],
        sent_again=given.sent["sent_again"],
        damaged=given.damaged,
        quarantined=sum(rows["quarantined"].values()),
        rows=truth["unique_keys"],
        pm2_5_tenths=sum(each["pm2_5_tenths"] for each in truth["event_dates"].values()),
    )


def ledger(status: Mapping[str, Any]) -> Ledger:
    """Take what counts out of what `orchestrator ledger status` has answered."""
    counts = {each["state"]: each["objects"] for each in status["counts"]}
    return Ledger(done=counts.pop("done"), others=counts)


def manifests(told: Sequence[Mapping[str, Any]]) -> Manifests:
    """Add up the manifests of `device_readings`."""
    found = [each for each in told if each["job"] == "device_readings"]
    rows = [each["rows"] for each in found]
    figures = {
        name: sum(each[name] for each in rows)
        for name in ("read", "accepted", "inserted", "updated", "duplicates")
    }
    return Manifests(
        objects=sum(len(each["inputs"]) for each in found),
        quarantined=sum(sum(each["quarantined"].values()) for each in rows),
        **figures,
    )


def documents(folder: Path) -> list[dict[str, Any]]:
    """Read all documents of a folder."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


def dead_letters(url: str) -> dict[str, int]:
    """Count the messages of the dead-letter queue by their reasons; they stay there."""
    sqs: Any = client(url, "sqs")
    found: Counter[str] = Counter()
    try:
        queue = sqs.get_queue_url(QueueName=f"{NAME}-events-dead")["QueueUrl"]
        seen: set[str] = set()
        while told := sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"], VisibilityTimeout=2
        ).get("Messages", []):
            for each in told:
                if each["MessageId"] not in seen:
                    seen.add(each["MessageId"])
                    reason = each.get("MessageAttributes", {}).get(_REASON, {})
                    found[reason.get("StringValue", "without a reason")] += 1
    finally:
        sqs.close()
    return dict(found)


def _copy(watch: Watch, bucket: str, prefix: str, folder: Path, without: str = "") -> None:
    for key in watch.keys(bucket, prefix):
        path = folder / key.removeprefix(without)
        path.parent.mkdir(parents=True, exist_ok=True)
        watch.s3.download_file(bucket, key, str(path))
