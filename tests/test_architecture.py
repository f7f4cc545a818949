"""The repository keeps the rules of the house. That each rule can fail is tested in tests/architecture."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.architecture import imports, jobs_room, shape, written_files

ROOT = Path(__file__).resolve().parents[1]

Rule: TypeAlias = Callable[[Path], list[str]]

RULES: dict[str, Rule] = {
    "imports go one way": imports.room_faults,
    "no import cycle": imports.cycle_faults,
    "files and functions are short": shape.size_faults,
    "everything is typed": shape.annotation_faults,
    "behaviour has a test file": shape.test_file_faults,
    "silenced checks have a reason": shape.silence_faults,
    "only entry files stand in jobs": jobs_room.entry_faults,
    "jobs/common is no dumping ground": jobs_room.common_faults,
    "locks have hashes and no index": written_files.lock_faults,
    "nothing names one machine": written_files.named_machine_faults,
    "shell scripts stop at a failure": written_files.shell_faults,
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_the_repository_keeps_the_rule(rule: Rule) -> None:
    faults = rule(ROOT)
    assert not faults, "\n".join(faults)
