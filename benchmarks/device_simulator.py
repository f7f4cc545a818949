"""Compare the speed of the synthetic simulator with a plain peer: `python -m benchmarks.device_simulator`.

The peer makes the same messages: dicts, `json.dumps` and gzip of level 6 by the standard library. It is given the
simulator's figures, so only building, encoding and compressing are compared; both run on one core.
"""

import gzip
import json
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from ingestion.devices.blocks import make_figures
from ingestion.devices.curves import make_devices
from ingestion.devices.plan import Plan, Rates, plan_blocks
from ingestion.devices.render import render
from ingestion.devices.running import delivery_of
from ingestion.devices.synthetic import simulate

PER_OBJECT: Final = 5_000
GZIP_LEVEL: Final = 6
RATES: Final = Rates(late=0.02, duplicate=0.02, correction=0.02, out_of_order=0.02)


def main(
    messages: Annotated[int, typer.Option(min=1, help="How many messages the simulator makes.")] = 500_000,
    peer_messages: Annotated[int, typer.Option(min=1, help="How many the peer makes.")] = 50_000,
) -> None:
    """Print the messages per second of the simulator and of the peer, and the ratio."""
    plan = Plan(1, 1_000, messages, datetime(2024, 3, 1, tzinfo=UTC), 72.0, RATES)
    with tempfile.TemporaryDirectory() as folder:
        ours = _per_second(messages, lambda: simulate(plan, delivery_of(Path(folder), PER_OBJECT, {})))
    columns = peer_figures(peer_messages)
    peer = _per_second(len(columns), lambda: make_by_peer(columns))
    typer.echo(f"device simulator   {ours:>12,.0f} messages/s (invented, encoded, compressed, written)")
    typer.echo(f"json.dumps + gzip  {peer:>12,.0f} messages/s (built, encoded, compressed)")
    typer.echo(f"ratio              {ours / peer:>12.1f}")


def peer_figures(messages: int) -> list[dict[str, Any]]:
    """Give the figures of messages as the simulator draws them."""
    plan = Plan(1, 1_000, messages, datetime(2024, 3, 1, tzinfo=UTC), 72.0, RATES)
    devices = make_devices(plan.seed, plan.devices)
    return [
        msgspec.json.decode(text)
        for block, rng in plan_blocks(plan)
        for text in render(devices, make_figures(plan, block, devices, rng).batch())
    ]


def make_by_peer(figures: list[dict[str, Any]]) -> list[bytes]:
    """Build messages as dicts, encode and compress them as one would without further libraries."""
    objects = []
    for begin in range(0, len(figures), PER_OBJECT):
        lines = [
            json.dumps(_message(figure), separators=(",", ":"))
            for figure in figures[begin : begin + PER_OBJECT]
        ]
        objects.append(gzip.compress("\n".join(lines).encode() + b"\n", GZIP_LEVEL, mtime=0))
    return objects


def _message(figure: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: figure[name] for name in ("device_id", "event_id", "event_time", "received_at", "firmware")},
        "location": dict(figure["location"]),
        "metrics": dict(figure["metrics"]),
        "wind_direction": figure["wind_direction"],
    }


def _per_second(messages: int, work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return messages / (time.perf_counter() - started)


if __name__ == "__main__":
    typer.run(main)
