import os
import zipfile
from pathlib import Path

import pytest

from scripts import package

SOURCES = {
    "jobs/__init__.py": '__version__ = "1.2.3"\n',
    "jobs/sales.py": "def main() -> int:\n    return 0\n",
    "jobs/common/__init__.py": "",
    "jobs/common/codes.csv": "a,b\n",
}
LEFT_OUT = {
    "README.md": "",
    "ingestion/__init__.py": "",
    "jobs/.hidden": "",
    "jobs/__pycache__/sales.cpython-311.pyc": "",
    "jobs/common/.cache/x.py": "",
}


def checkout(root: Path, files: dict[str, str]) -> Path:
    """Write the files in the order they come."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_the_zip_holds_the_package_with_its_data_files_and_nothing_else(tmp_path: Path) -> None:
    root = checkout(tmp_path / "checkout", SOURCES | LEFT_OUT)
    target = package.build(root, tmp_path / "dist")
    assert target == tmp_path / "dist" / "emr_job_suite-1.2.3-py.zip"
    with zipfile.ZipFile(target) as archive:
        assert {name: archive.read(name).decode() for name in archive.namelist()} == SOURCES


def test_the_same_sources_give_the_same_bytes_wherever_and_whenever(tmp_path: Path) -> None:
    one = checkout(tmp_path / "one", SOURCES)
    other = checkout(tmp_path / "other", dict(reversed((SOURCES | LEFT_OUT).items())))
    for path in other.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700)
    first = package.build(one, tmp_path / "dist").read_bytes()
    assert package.build(other, tmp_path / "elsewhere").read_bytes() == first


def test_a_second_build_replaces_the_first_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    root = checkout(tmp_path / "checkout", SOURCES)
    before = package.build(root, tmp_path / "dist").read_bytes()
    checkout(root, {"jobs/sales.py": "def main() -> int:\n    return 1\n"})
    target = package.build(root, tmp_path / "dist")
    assert target.read_bytes() != before
    assert list((tmp_path / "dist").iterdir()) == [target]


def test_a_package_without_a_version_is_refused(tmp_path: Path) -> None:
    root = checkout(tmp_path / "checkout", SOURCES | {"jobs/__init__.py": ""})
    with pytest.raises(ValueError, match=r'jobs/__init__\.py: expected a line __version__ = "…", found none'):
        package.build(root, tmp_path / "dist")


def test_the_path_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert package.main(["--output", str(tmp_path)]) == 0
    (target,) = tmp_path.iterdir()
    assert capsys.readouterr().out == f"{target}\n"
