import gzip
import json

import typer
from typer.testing import CliRunner

from benchmarks import device_simulator


def test_the_peer_makes_the_same_messages() -> None:
    figures = device_simulator.peer_figures(120)
    lines = b"".join(map(gzip.decompress, device_simulator.make_by_peer(figures))).splitlines()
    assert [json.loads(line) for line in lines] == figures
    assert len(figures) == 120


def test_the_command_prints_both_speeds_and_the_ratio() -> None:
    app = typer.Typer()
    app.command()(device_simulator.main)
    result = CliRunner().invoke(app, ["--messages", "200", "--peer-messages", "100"])
    assert result.exit_code == 0
    assert [line.split("  ")[0] for line in result.stdout.splitlines()] == [
        "device simulator",
        "json.dumps + gzip",
        "ratio",
    ]
