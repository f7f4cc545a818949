import hashlib
import os
import re
import zipfile
from pathlib import Path

import pytest

from orchestrator.errors import UsageError
from orchestrator.packaging import archive
from tests.orchestrator.packaging.checkouts import LEFT_OUT, SOURCES, checkout


def test_the_zip_holds_the_package_with_its_data_files_and_nothing_else(tmp_path: Path) -> None:
    root = checkout(tmp_path / "checkout", SOURCES | LEFT_OUT)
    target = archive.build(root, tmp_path / "dist")
    digits = hashlib.sha256(target.read_bytes()).hexdigest()[:12]
    assert target == tmp_path / "dist" / f"emr_job_suite-1.2.3-{digits}-py.zip"
    with zipfile.ZipFile(target) as zipped:
        assert {name: zipped.read(name).decode() for name in zipped.namelist()} == SOURCES


def test_the_same_sources_give_the_same_bytes_and_name_wherever_and_whenever(tmp_path: Path) -> None:
    one = checkout(tmp_path / "one", SOURCES)
    other = checkout(tmp_path / "other", dict(reversed((SOURCES | LEFT_OUT).items())))
    for path in other.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700)
    first, second = archive.build(one, tmp_path / "dist"), archive.build(other, tmp_path / "elsewhere")
    assert (second.name, second.read_bytes()) == (first.name, first.read_bytes())


def test_a_second_build_writes_the_same_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    root = checkout(tmp_path / "checkout", SOURCES)
    before = archive.build(root, tmp_path / "dist")
    assert archive.build(root, tmp_path / "dist") == before
    assert list((tmp_path / "dist").iterdir()) == [before]


def test_other_sources_have_another_name_so_that_no_step_meets_code_it_was_not_made_with(
    tmp_path: Path,
) -> None:
    root = checkout(tmp_path / "checkout", SOURCES)
    before = archive.build(root, tmp_path / "dist")
    content = before.read_bytes()
    checkout(root, {"jobs/sales.py": "def main() -> int:\n    return 1\n"})
    assert archive.build(root, tmp_path / "dist") != before
    assert before.read_bytes() == content


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (
            SOURCES | {"jobs/__init__.py": ""},
            'jobs/__init__.py: expected a line __version__ = "…", found none',
        ),
        (
            {"README.md": ""},
            "jobs/__init__.py: expected the package of the jobs, found none; give the checkout's folder",
        ),
    ],
)
def test_what_is_no_package_with_a_version_is_refused(
    tmp_path: Path, files: dict[str, str], told: str
) -> None:
    root = checkout(tmp_path / "checkout", files)
    with pytest.raises(UsageError, match=re.escape(told)):
        archive.build(root, tmp_path / "dist")
