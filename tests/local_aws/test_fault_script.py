"""Scripts of faults."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from local_aws.emr.faults import CallFault, CallFaults
from local_aws.emr.supply import Shortage
from local_aws.fault_script import FaultScript, FaultScriptError, read
from tests.conftest import ROOT
from tests.local_aws.emr.launching import Laptop


def write(folder: Path, told: Any) -> Path:
    path = folder / "faults.json"
    path.write_text(told if isinstance(told, str) else json.dumps(told))
    return path


def test_a_script_lets_things_go_wrong_from_the_servers_start(tmp_path: Path) -> None:
    told = {
        "shortages": [
            {
                "market": "SPOT",
                "instance_types": ["m5.xlarge"],
                "zones": ["us-east-1a"],
                "left": 2,
                "to_minute": 1.5,
            },
            {"market": "ON_DEMAND", "from_minute": 2},
        ],
        "calls": [{"kind": "throttled", "rate": 0.1, "operation": "ListSteps"}],
        "launch_failures": [{"code": "VALIDATION_ERROR", "message": "no"}],
        "list_lag_seconds": 30,
    }
    emr = Laptop().emr
    now = emr.world.now
    read(write(tmp_path, told)).apply(emr)
    assert emr.world.supply.shortages == [
        Shortage("SPOT", now, now + 90_000, frozenset({"m5.xlarge"}), frozenset({"us-east-1a"}), 2),
        Shortage("ON_DEMAND", now + 120_000),
    ]
    assert emr.faults.script == [CallFault("throttled", 0.1, "ListSteps")]
    assert emr.account.launch_failures == [("VALIDATION_ERROR", "no")]
    assert emr.account.list_lag == 30_000
    faults = CallFaults("")
    read(write(tmp_path, told)).apply_to_calls(faults)
    assert faults.script == emr.faults.script, "of other services the same calls go wrong"


def test_an_empty_script_changes_nothing(tmp_path: Path) -> None:
    assert read(write(tmp_path, {})) == FaultScript()


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    told = {
        "shortages": [{"market": "CHEAP", "left": -1}],
        "calls": [{"kind": "throttled", "rate": 2}],
        "oops": 1,
    }
    with pytest.raises(FaultScriptError) as raised:
        read(write(tmp_path, told))
    lines = str(raised.value).splitlines()
    assert [line.split(": ")[1] for line in lines] == [
        "shortages.0.market",
        "shortages.0.left",
        "calls.0.rate",
        "oops",
    ]
    assert "got 'CHEAP'" in lines[0]


@pytest.mark.parametrize("text", ["{", "[]", ""])
def test_what_is_no_script_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(FaultScriptError, match=r"faults.json: \(whole\): "):
        read(write(tmp_path, text))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FaultScriptError, match=r"no\.json: expected a JSON file, failed: No such file"):
        read(tmp_path / "no.json")


def test_the_script_of_the_documentation_is_one(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "local_emr.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```json\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    script = read(write(tmp_path, block))
    assert all((script.shortages, script.calls, script.launch_failures, script.list_lag_seconds))
