"""Wheels of a lock in a folder, by the real pip, which is given no index."""

from pathlib import Path

import pytest

from orchestrator.errors import FailedError
from scripts import wheels
from tests.scripts.tiny_wheels import lock_of, tiny_wheel

PLATFORMS = ["manylinux_2_34_aarch64", "manylinux2014_aarch64"]


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a wheel that pip finds, and no other."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    return tiny_wheel(tmp_path / "wheels")


def test_what_is_imported_is_told_apart_from_what_pip_writes(wheel: Path, tmp_path: Path) -> None:
    lock, folder = tmp_path / "lock.txt", tmp_path / "libraries"
    lock.write_text(lock_of(wheel), encoding="utf-8")
    wheels.install(folder, PLATFORMS, str(lock))
    assert (folder / "bin/tiny").is_file()
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__/tiny.cpython-311.pyc").touch()
    (folder / "tiny_data/bin").mkdir(parents=True)
    (folder / "tiny_data/bin/kept").touch()
    names = ["tiny-1.0.dist-info/METADATA", "tiny-1.0.dist-info/WHEEL", "tiny-1.0.dist-info/entry_points.txt"]
    names += ["tiny.py", "tiny_data/bin/kept"]
    assert wheels.imported_files(folder) == [(name, folder / name) for name in names]


def test_a_wheel_with_another_hash_is_refused(wheel: Path, tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(lock_of(wheel), encoding="utf-8")
    tiny_wheel(wheel.parent, source="ANSWER = 'owned'\n")
    with pytest.raises(FailedError) as refused:
        wheels.install(tmp_path / "libraries", PLATFORMS, str(lock))
    told = str(refused.value)
    assert told.startswith(
        f"{lock}: expected to install its wheels for manylinux_2_34_aarch64, pip failed: ERROR: THESE PACKAGES DO NOT"
    )
    assert told.endswith("; see that the network lets it through, and run again")


@pytest.mark.usefixtures("wheel")
def test_a_library_without_a_hash_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("tiny==1.0\n", encoding="utf-8")
    with pytest.raises(FailedError, match="Hashes are required in --require-hashes mode"):
        wheels.install(tmp_path / "libraries", PLATFORMS, str(lock))


def test_a_wheel_for_another_machine_is_none(wheel: Path, tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    foreign = wheel.rename(wheel.with_name("tiny-1.0-cp311-cp311-manylinux2014_x86_64.whl"))
    lock.write_text(lock_of(foreign), encoding="utf-8")
    with pytest.raises(FailedError, match=r"No matching distribution found for tiny==1\.0"):
        wheels.install(tmp_path / "libraries", PLATFORMS, str(lock))
