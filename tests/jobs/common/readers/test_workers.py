import gc
import importlib
import sys
import zipfile
import zipimport
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from pyspark.sql import SparkSession

from jobs.common.native import running
from jobs.common.readers import workers


def archive(path: Path, module: str) -> str:
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(f"{module}.py", "VALUE = 1\n")
    return str(path)


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(importlib, "invalidate_caches", importlib.invalidate_caches)
    monkeypatch.setattr(sys, "path", [*sys.path])
    workers.settle()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("settled")
def test_archives_are_read_once_and_new_ones_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sys.path.append(archive(tmp_path / "one.zip", "of_archive_one"))
    assert importlib.import_module("of_archive_one").VALUE == 1
    sys.path.append(archive(tmp_path / "two.zip", "of_archive_two"))
    importlib.invalidate_caches()
    assert importlib.import_module("of_archive_two").VALUE == 1

    def refuse(place: str) -> NoReturn:
        raise AssertionError(place)

    monkeypatch.setattr(zipimport, "_read_directory", refuse)
    importlib.invalidate_caches()


@pytest.mark.usefixtures("settled")
def test_a_module_that_is_added_to_a_folder_is_found(tmp_path: Path) -> None:
    sys.path.append(str(tmp_path))
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("of_folder")
    (tmp_path / "of_folder.py").write_text("VALUE = 2\n")
    assert importlib.import_module("of_folder").VALUE == 2


def test_the_tasks_of_a_run_have_settled_their_worker(spark: SparkSession) -> None:
    def look(_: str) -> tuple[str, bool]:
        return importlib.invalidate_caches.__module__, gc.get_freeze_count() > 0

    assert running._each(spark, ["a", "b"], look) == [("jobs.common.readers.workers", True)] * 2
