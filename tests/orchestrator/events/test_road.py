"""What a pipeline's events need, by its file."""

import itertools
import random
from typing import Any

import pytest
from msgspec.structs import replace

from benchmarks.orchestrator_chaos.memory_s3 import MemoryS3
from ingestion.s3_events.model import Kind
from orchestrator.aws.store import S3Store
from orchestrator.config.pipeline import checked
from orchestrator.config.reading import read_bytes
from orchestrator.engine.edge import Edge
from orchestrator.errors import UsageError
from orchestrator.events.road import Road, road
from orchestrator.ledger.cutting import Policy
from tests.orchestrator.events.pretended import Clock, event

FILE = """\
name: small
jobs:
  a:
    entry_point: jobs/device_readings.py
    inputs: ["s3://raw/devices/", "s3://raw/late/", "s3://other/"]
    output: "s3://lake/a"
"""
TRIGGER = "trigger: {queue: q, dead_letter_queue: d, max_batch_gib: 2, max_objects: 9, max_wait_minutes: 3}\n"


def made(further: str = TRIGGER) -> Road:
    clock, numbers = Clock(), itertools.count()
    store = S3Store(MemoryS3(), "state", clock, draws=random.Random(1))  # noqa: S311 - repeatable, no secret
    emr: Any = None
    edge = Edge(emr, store, clock, lambda: str(next(numbers)))
    return road(checked(read_bytes("p.yaml", (FILE + further).encode()), {}), edge, store)


def test_buckets_and_prefixes_are_those_that_the_job_reads() -> None:
    assert made().prefixes == {"raw": ["devices/", "late/"], "other": [""]}


@pytest.mark.parametrize(
    ("key", "is_read"),
    [
        ("devices/a.gz", True),
        ("late/2026/a.gz", True),
        ("devices/_SUCCESS", False),
        ("devices/.hidden/a", False),
        ("devices/folder/", False),
        ("elsewhere/a", False),
    ],
)
def test_what_a_listing_leaves_out_an_event_does_too(key: str, is_read: bool) -> None:
    source = made().source(None)
    assert source.is_input(event(key)) == is_read
    assert not source.is_input(replace(event(key), size=0)), "an empty one"
    assert source.is_input(replace(event(key), kind=Kind.DELETED, size=0)) == is_read
    assert (source.queue.named, source.dead.named) == ("q", "d")
    assert source.allowed.prefixes == {"raw": ["devices/", "late/"], "other": [""]}


def test_the_policy_is_that_of_the_file_or_at_once() -> None:
    assert made().policy() == Policy(2.0, 9, 3.0, 3)
    assert made().policy(is_due=True) == Policy(2.0, 9, 0.0, 3)


def test_a_pipeline_without_a_trigger_has_no_road() -> None:
    with pytest.raises(UsageError, match=r"p\.yaml: trigger: it has none"):
        made("")
