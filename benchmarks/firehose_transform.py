"""Compare the Firehose transform with plain peers: `python -m benchmarks.firehose_transform`.

The handler, logging included, on the simulator's messages, half of which need their times written anew; a transform as
most blogs have it (`json.loads`, the same times by `datetime`, `json.dumps`, no gzip, no glue, no limits); and a floor
that opens base64, adds a newline and closes it again. All in one process, in turns, by CPU time; each shape of record
apart. Of each the best round counts: the one that other work on the machine has disturbed least.
"""

import base64
import gzip
import json
import logging
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer

from ingestion.devices.blocks import make_figures
from ingestion.devices.curves import make_devices
from ingestion.devices.plan import Plan, Rates, plan_blocks
from ingestion.devices.render import render
from ingestion.firehose_transform.handler import handler, logger

BATCH_MESSAGES: Final = 2_000
PEERS: Final = ("handler", "naive", "floor")
ARN: Final = "arn:aws:firehose:us-east-1:123456789012:deliverystream/device-readings"

Event = dict[str, Any]
Transform = Callable[[Event], object]
WAYS: Final[dict[str, tuple[int, Callable[[bytes], bytes]]]] = {
    "one message a record": (1, bytes),
    "50 a record": (50, bytes),
    "50 a record, gzip": (50, lambda text: gzip.compress(text, 6, mtime=0)),
}


def main(
    messages: Annotated[int, typer.Option(min=1, help="How many messages in each round.")] = 50_000,
    rounds: Annotated[int, typer.Option(min=1, help="How often each transform has its turn.")] = 7,
) -> None:
    """Print messages per second of CPU time of the handler, the naive transform and the floor, and the ratios."""
    logger.setLevel(logging.ERROR)
    texts = make_messages(messages)
    typer.echo(
        f"{'messages per second of CPU time':34}{'handler':>10}{'naive':>10}{'floor':>10}  {'ratios':>12}"
    )
    for name, (per_record, close) in WAYS.items():
        events = list(make_events(texts, per_record, close))
        peers: dict[str, Transform] = {"handler": by_handler}
        if name == "one message a record":
            peers["naive"] = by_naive
        peers["floor"] = by_floor
        speeds = compare(peers, events, messages, rounds)
        shown = "".join(f"{speeds[peer]:>10,.0f}" if peer in speeds else f"{'-':>10}" for peer in PEERS)
        ratios = " ".join(f"{speeds['handler'] / speeds[peer]:>6.2f}" for peer in PEERS[1:] if peer in speeds)
        typer.echo(f"{name:34}{shown}  {ratios:>12}")


def make_messages(count: int) -> list[bytes]:
    """Give messages as the simulator's devices send them."""
    plan = Plan(1, 1_000, count, datetime(2024, 3, 1, tzinfo=UTC), 72.0, Rates())
    devices = make_devices(plan.seed, plan.devices)
    return [
        text
        for block, rng in plan_blocks(plan)
        for text in render(devices, make_figures(plan, block, devices, rng).batch())
    ]


def make_events(texts: list[bytes], per_record: int, close: Callable[[bytes], bytes]) -> Iterator[Event]:
    """Put messages into events of Firehose, so many a record."""
    for begin in range(0, len(texts), BATCH_MESSAGES):
        batch = texts[begin : begin + BATCH_MESSAGES]
        groups = [batch[at : at + per_record] for at in range(0, len(batch), per_record)]
        yield {
            "invocationId": "benchmark",
            "deliveryStreamArn": ARN,
            "region": "us-east-1",
            "records": [
                {
                    "recordId": f"{begin + number:056d}",
                    "approximateArrivalTimestamp": 1709287200000,
                    "data": base64.b64encode(close(b"\n".join(group))).decode(),
                }
                for number, group in enumerate(groups)
            ],
        }


def by_handler(event: Event) -> object:
    """Transform by the function that Lambda calls."""
    return handler(event, None)


def by_naive(event: Event) -> object:
    """Transform as most examples do: every message parsed and written by the standard library."""
    answers = []
    for record in event["records"]:
        message = json.loads(base64.b64decode(record["data"]))
        for name in ("event_time", "received_at"):
            message[name] = _in_utc(message[name])
        data = base64.b64encode((json.dumps(message) + "\n").encode()).decode()
        answers.append({"recordId": record["recordId"], "result": "Ok", "data": data})
    return {"records": answers}


def _in_utc(value: str | int) -> str:
    moment = (
        datetime.fromtimestamp(value / 1000, UTC)
        if isinstance(value, int)
        else datetime.fromisoformat(value.upper())
    )
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def by_floor(event: Event) -> object:
    """Do what no transform can do without."""
    return {
        "records": [
            {
                "recordId": record["recordId"],
                "result": "Ok",
                "data": base64.b64encode(base64.b64decode(record["data"]) + b"\n").decode(),
            }
            for record in event["records"]
        ]
    }


def compare(peers: dict[str, Transform], events: list[Event], messages: int, rounds: int) -> dict[str, float]:
    """Let each peer have its turn in every round; return the messages per second of its best round."""
    seconds: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(rounds):
        for name, transform in peers.items():
            started = time.process_time()
            for event in events:
                transform(event)
            seconds[name].append(time.process_time() - started)
    return {name: messages / max(min(each), 1e-9) for name, each in seconds.items()}


if __name__ == "__main__":
    typer.run(main)
