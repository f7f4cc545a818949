import hashlib
import threading
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.common.errors import JobFailed, UsageError
from jobs.common.files import Files, in_parallel

ODD_NAMES = [
    "a b",
    "a%20b",
    "a+b",
    "[1]",
    "{x,y}",
    "c,d",
    "*",
    "q?",
    "#1",
    "ü€😀",
    "back\\slash",
    "=",
    "'\"&;",
]


@pytest.fixture
def files(spark: SparkSession) -> Files:
    return Files(spark)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_is_taken_literally_and_comes_back_unescaped(files: Files, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"123")
    entry = files.find(f"{tmp_path}/{name}")
    assert entry is not None
    assert (entry.uri, entry.name, entry.size) == (f"file:{tmp_path}/{name}", name, 3)
    assert (entry.etag, entry.is_folder) == (None, False)
    assert entry.modified == (tmp_path / name).stat().st_mtime_ns // 1_000_000
    assert files.children(str(tmp_path)) == [entry]
    assert files.read(entry.uri) == b"123"
    assert files.qualified(f"{tmp_path}/{name}") == entry.uri


def test_what_is_not_there_is_nothing(files: Files, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert files.find(f"{tmp_path}/none") is None
    assert files.find(f"{tmp_path}/file/none") is None
    assert files.children(f"{tmp_path}/none") == []
    assert files.glob(f"{tmp_path}/n*") == []


@pytest.mark.parametrize("pattern", ["[", "x[1", "x{1", "[a-"])
def test_a_pattern_that_is_none_matches_nothing(files: Files, tmp_path: Path, pattern: str) -> None:
    (tmp_path / "x1").touch()
    assert files.glob(f"{tmp_path}/{pattern}") == []


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("", "'': expected a path or a URI: "),
        ("a:b", "'a:b': expected a path or a URI: "),
        ("nosuch://x/y", "nosuch://x/y: expected a file system that Hadoop is set up for"),
    ],
)
def test_what_cannot_be_a_place_is_wrong_usage(files: Files, uri: str, words: str) -> None:
    for act in (files.find, files.glob, files.children, files.qualified):
        with pytest.raises(UsageError) as raised:
            act(uri)
        assert str(raised.value).startswith(words)


def test_a_glob_matches_files_and_folders_in_order(files: Files, tmp_path: Path) -> None:
    for name in ("b1", "a1", "c2"):
        (tmp_path / name).touch()
    (tmp_path / "d1").mkdir()
    assert [entry.name for entry in files.glob(f"{tmp_path}/?1")] == ["a1", "b1", "d1"]
    assert [entry.name for entry in files.glob(f"{tmp_path}/{{c,d}}[12]")] == ["c2", "d1"]


def test_what_lies_below_a_folder_is_listed_without_the_unwanted_and_what_they_hold(
    files: Files, tmp_path: Path
) -> None:
    for place in ("b/2/x", "b/1", "a", "skip/x", "b/skip"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(place)
    found = list(files.below(str(tmp_path), lambda entry: entry.name != "skip"))
    assert [entry.uri.removeprefix(f"file:{tmp_path}/") for entry in found] == ["a", "b/1", "b/2/x"]
    assert not any(entry.is_folder for entry in found)


def test_a_file_appears_whole_in_place_of_an_older_one(files: Files, tmp_path: Path) -> None:
    place = f"{tmp_path}/folder/é.json"
    files.write(place, "older and longer")
    files.write(place, "né\n")
    assert (tmp_path / "folder/é.json").read_text(encoding="utf-8") == "né\n"
    assert [entry.name for entry in files.children(f"{tmp_path}/folder")] == ["é.json"]


def test_a_file_is_moved_into_a_folder_that_was_made(files: Files, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    files.make_folder(f"{tmp_path}/a/b")
    files.make_folder(f"{tmp_path}/a/b")
    files.move(f"{tmp_path}/x", f"{tmp_path}/a/b/x")
    assert (tmp_path / "a/b/x").read_text() == "x"
    assert not (tmp_path / "x").exists()


class _Refusing:
    """A file system that says no to a rename as Hadoop's do: by false, without an exception."""

    def rename(self, source: object, target: object) -> bool:
        return source is target


def test_a_move_that_the_file_system_refuses_is_told(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_system", lambda _: _Refusing())
    with pytest.raises(JobFailed) as raised:
        files.move("/a", "/b")
    assert str(raised.value) == (
        "/b: expected to move /a there, the file system refused; "
        "see that the folder can be written and run the same command again"
    )


def test_copies_are_the_bytes_and_deleting_takes_folders_whole(files: Files, tmp_path: Path) -> None:
    content = hashlib.sha256(b"x").digest() * 1000
    (tmp_path / "from [1]").write_bytes(content)
    files.copy(f"{tmp_path}/from [1]", f"{tmp_path}/new/folder/to%20")
    assert (tmp_path / "new/folder/to%20").read_bytes() == content
    assert (tmp_path / "from [1]").exists()
    files.delete(f"{tmp_path}/new")
    files.delete(f"{tmp_path}/new")
    assert not (tmp_path / "new").exists()


def test_rows_of_a_parquet_file_are_counted(spark: SparkSession, files: Files, tmp_path: Path) -> None:
    spark.range(7).coalesce(1).write.parquet(f"{tmp_path}/table")
    (part,) = (path for path in (tmp_path / "table").iterdir() if path.suffix == ".parquet")
    assert files.parquet_rows(str(part)) == 7


@pytest.mark.parametrize(
    ("name", "suffix"),
    [("a.gz", ".gz"), ("a.bz2", ".bz2"), ("a.snappy", ".snappy"), ("a.deflate", ".deflate"), ("a.zst", ".zst"),
     ("a", None), ("gz", None), ("a.json", None), ("a.gz.txt", None)],
)  # fmt: skip
def test_hadoop_s_compressed_names_are_known(files: Files, name: str, suffix: str | None) -> None:
    assert files.compressed_suffix(name) == suffix


def test_calls_in_parallel_overlap_and_keep_their_order() -> None:
    together = threading.Barrier(4, timeout=30)

    def double(number: int) -> int:
        together.wait()
        return 2 * number

    assert in_parallel(double, [3, 1, 2, 0]) == [6, 2, 4, 0]
    assert in_parallel(double, []) == []


def test_many_are_found_by_name_in_their_order_and_what_is_not_there_is_nothing(
    files: Files, tmp_path: Path
) -> None:
    names = [f"{number:03}" for number in range(250)]
    for name in names[::2]:
        (tmp_path / name).write_text(name)
    (tmp_path / names[1]).mkdir()
    found = files.find_all([f"file:{tmp_path}/{name}" for name in names])
    assert [entry and entry.name for entry in found] == [
        name if place % 2 == 0 or place == 1 else None for place, name in enumerate(names)
    ]
    assert found[0] == files.find(f"{tmp_path}/000")
    assert found[1] == files.find(f"{tmp_path}/001")
    assert found[1] is not None
    assert found[1].is_folder
    assert files.find_all([]) == []
