"""What docs/local_emr.md shows and names."""

import re
from pathlib import Path
from typing import Any

from local_aws.emr.emulator import OPERATIONS
from tests.local_aws.emr.launching import launch_request, step

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "local_emr.md").read_text(encoding="utf-8")


def test_the_example_runs() -> None:
    (block,) = re.findall(r"^```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {"request": launch_request(steps=[step("bad")])}
    exec(block, names)  # noqa: S102 - our own documentation
    assert [found.status.state for found in names["emr"].cluster(names["cluster"]).steps] == ["FAILED"]


def test_the_table_of_operations_has_each_one_and_each_test_that_is_named_is_there() -> None:
    table = TEXT.partition("## Operations")[2].partition("## Limits")[0]
    first = [line.split("|")[1] for line in table.splitlines() if line.startswith("| ")]
    assert set(re.findall(r"[A-Z]\w+", " ".join(first))) == set(OPERATIONS)
    for name in re.findall(r"`((?:rules/|operations/)?test_\w+\.py)`", TEXT):
        assert (ROOT / "tests" / "local_aws" / "emr" / name).is_file(), name
