"""A road on which the simulator, Firehose, a consumer and a driver are killed. Many: scripts/bench reliability road."""

from pathlib import Path

import pytest

from benchmarks.road_chaos import series
from benchmarks.road_chaos.blows import COMPONENTS
from benchmarks.road_chaos.series import Plan, Tally, play
from benchmarks.road_chaos.stage import ROOT, Scale
from scripts import lambda_package
from tests.conftest import need
from tests.infrastructure.consumer import copy_installed

pytestmark = [pytest.mark.spark, pytest.mark.one_release]
QUICK = Scale(buffer_s=1, wait_s=1.0)


@pytest.mark.filterwarnings("ignore:Tried to parse AWS")
def test_each_message_is_a_row_once_whoever_is_killed(
    tmp_path: Path, shared_data: Path, jar_properties: dict[str, str]
) -> None:
    need(jar_properties)
    package, tally = (
        lambda_package.build(ROOT, tmp_path, lambda_package.PACKAGES["transform"], "x86_64", copy_installed),
        Tally(),
    )
    play(Plan(shared_data / "air_quality", package, 1000, "1", QUICK, most_s=400), tmp_path, tally)
    assert tally.broken == []
    assert {what.partition(" ")[0] for what in tally.struck} == set(COMPONENTS)
    assert (tally.runs, tally.messages) == (1, 1500)
    assert tally.batches["done"] >= 1
    assert tally.begun["simulator"] > 2


@pytest.mark.filterwarnings("ignore:Tried to parse AWS")
def test_a_road_on_which_somebody_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package, tally = (
        lambda_package.build(ROOT, tmp_path, lambda_package.PACKAGES["transform"], "x86_64", copy_installed),
        Tally(),
    )
    monkeypatch.setattr(series, "drawn", lambda *_: [])
    play(Plan(tmp_path / "nowhere", package, 1000, "1", QUICK, most_s=60), tmp_path, tally)
    [(seed, told)] = tally.broken
    assert seed == "1"
    assert told.startswith("simulator-1 ended with 2: ")
    assert "Error: --source: expected a folder" in told
