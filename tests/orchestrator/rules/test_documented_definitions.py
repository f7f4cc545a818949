"""Requests of AWS's documentation, pasted into a file, load without errors; what it calls wrong has one."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from orchestrator.config.cluster import load_cluster
from orchestrator.findings import Finding, errors
from tests.orchestrator.rules.holding import change

FOLDER = Path(__file__).parents[2] / "local_aws" / "definitions"
DEFINITIONS = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))
}
REFUSED = json.loads((FOLDER / "refused" / "run_job_flow.json").read_text(encoding="utf-8"))


def _errors(folder: Path, request: dict[str, Any]) -> tuple[Finding, ...]:
    file = folder / "pasted.json"
    file.write_text(json.dumps(request), encoding="utf-8")
    config = load_cluster(file, {})
    assert config.request == request
    return errors(config.findings)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_documented_request_can_be_pasted_in(tmp_path: Path, name: str) -> None:
    assert _errors(tmp_path, DEFINITIONS[name]["request"]) == ()


@pytest.mark.parametrize("case", REFUSED["refused"], ids=lambda case: " ".join(case["change"]))
def test_what_is_documented_as_wrong_is_an_error(tmp_path: Path, case: dict[str, Any]) -> None:
    request = deepcopy(DEFINITIONS[REFUSED["base"]]["request"]) | {"ReleaseLabel": REFUSED["release"]}
    assert _errors(tmp_path, request) == ()
    for path, value in case["change"].items():
        change(request, path, value)
    assert _errors(tmp_path, request), case["says"]
