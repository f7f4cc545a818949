from pathlib import Path

import pytest

from tests.architecture.jobs_room import common_faults, entry_faults
from tests.architecture.planting import plant

ENTRY = "def main() -> int:\n    return 0\n"


def test_an_entry_file_beside_common_is_right(tmp_path: Path) -> None:
    files = {"jobs/__init__.py": "", "jobs/sales.py": ENTRY, "jobs/common/columns.py": "class A: ..."}
    assert entry_faults(plant(tmp_path, files)) == []


@pytest.mark.parametrize(
    ("path", "source", "words"),
    [
        ("jobs/statistics.py", ENTRY, "got 'statistics', which would shadow it"),
        ("jobs/duckdb.py", ENTRY, "got 'duckdb', which would shadow it"),
        ("jobs/rules.py", "LIMIT = 1\n", "expected an entry file with a function main, found none"),
        ("jobs/sales.py", ENTRY + "class Row: ...\n", "expected no class in an entry file, got Row"),
        (
            "jobs/sales.py",
            ENTRY + "@F.udf('int')\ndef one() -> int: ...\n",
            "expected no UDF in an entry file, got one",
        ),
        (
            "jobs/sales.py",
            ENTRY + "@udf\ndef one() -> int: ...\n",
            "expected no UDF in an entry file, got one",
        ),
        ("jobs/parsing/lines.py", "", "parsing: expected only entry files and common/"),
    ],
)
def test_what_does_not_belong_into_jobs_is_named(tmp_path: Path, path: str, source: str, words: str) -> None:
    (fault,) = entry_faults(plant(tmp_path, {path: source}))
    assert words in fault


def test_common_holds_twelve_modules_and_no_thirteenth(tmp_path: Path) -> None:
    eleven = {f"jobs/common/m{number}.py": "" for number in range(11)}
    package = {
        "jobs/common/__init__.py": "",
        "jobs/common/readers/lines.py": "",
        "jobs/common/readers/gzip.py": "",
    }
    assert common_faults(plant(tmp_path, eleven | package)) == []
    (fault,) = common_faults(plant(tmp_path, {"jobs/common/one_more.py": ""}))
    assert fault.startswith("jobs/common: expected at most 12 modules, got 13: m0, ")
