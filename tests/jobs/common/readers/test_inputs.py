from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.common.errors import JobFailed, UsageError
from jobs.common.files import Entry, Files, is_hidden
from jobs.common.readers import inputs
from jobs.common.readers.inputs import find_objects, fingerprint, read_list, refuse_changed

TREE = (
    "day/00/a.gz", "day/00/b.json", "day/c", "day/01/empty", "day/_SUCCESS", "day/.hidden", "day/_temporary/x",
    "day/.tmp/y", "day/00/z._COPYING_", "other/[1]", "other/{x}", "other/1", "other/x", "other/a b", "other/a%20b",
    "other/c,d", "other/ü€", "other/star*", "other/starfish",
)  # fmt: skip


@pytest.fixture
def files(spark: SparkSession) -> Files:
    return Files(spark)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for place in TREE:
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text("" if place.endswith("empty") else place)
    (tmp_path / "nothing/below").mkdir(parents=True)
    return tmp_path


def names(files: Files, root: Path, given: Sequence[str] = (), literal: Sequence[str] = ()) -> list[str]:
    found = find_objects(files, [f"{root}/{name}" for name in given], [f"{root}/{name}" for name in literal])
    assert all(entry.uri.startswith(f"file:{root}/") and not entry.is_folder for entry in found)
    return [entry.uri.removeprefix(f"file:{root}/") for entry in found]


DAY = ["day/00/a.gz", "day/00/b.json", "day/01/empty", "day/c"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["day"], DAY),
        (["day/"], DAY),
        (["day/00/a.gz"], ["day/00/a.gz"]),
        (["day/c", "day", "day/00", "day/c"], DAY),
        (["day/_SUCCESS"], ["day/_SUCCESS"]),
        (["day/.hidden"], ["day/.hidden"]),
        (["day/00/z._COPYING_"], ["day/00/z._COPYING_"]),
        (["day/_temporary"], ["day/_temporary/x"]),
        (["day/.tmp/y"], ["day/.tmp/y"]),
        (["other/[1]"], ["other/[1]"]),
        (["other/{x}"], ["other/{x}"]),
        (["other/star*"], ["other/star*"]),
        (["other/star?"], ["other/star*"]),
        (["other/star*z*"], []),
        (["other/s*"], ["other/star*", "other/starfish"]),
        (["other/[0-9]"], ["other/1"]),
        (["other/{1,x}"], ["other/1", "other/x"]),
        (["other/a b"], ["other/a b"]),
        (["other/a%20b"], ["other/a%20b"]),
        (["other/c,d"], ["other/c,d"]),
        (["other/ü€"], ["other/ü€"]),
        (["d*"], DAY),
        (["day/*"], DAY),
        (["day/*/*"], ["day/00/a.gz", "day/00/b.json", "day/01/empty"]),
        (["day/00/z*"], []),
        (["day/00/z*._COPYING_"], ["day/00/z._COPYING_"]),
        (["day/_S*"], ["day/_SUCCESS"]),
        (["day/_*/x"], ["day/_temporary/x"]),
        (["nothing"], []),
        (["n*"], []),
        ([], []),
    ],
)
def test_objects_are_found_by_name_then_by_glob(
    files: Files, tree: Path, given: list[str], expected: list[str]
) -> None:
    if expected or given in (["nothing"], ["n*"], []):
        assert names(files, tree, given) == expected
    else:
        with pytest.raises(UsageError, match="nothing there"):
            names(files, tree, given)


def test_given_twice_in_any_way_an_object_is_read_once(files: Files, tree: Path) -> None:
    twice = [f"{tree}/day", f"file:{tree}/day/c", f"file://{tree}/day/*", f"{tree}//day/c"]
    assert [entry.name for entry in find_objects(files, twice, [f"{tree}/day/c"])] == [
        Path(name).name for name in DAY
    ]


def test_literal_places_are_files_or_folders_and_never_globs(files: Files, tree: Path) -> None:
    assert names(files, tree, literal=["other/star*", "nothing", "day/00"]) == [*DAY[:2], "other/star*"]
    with pytest.raises(UsageError):
        names(files, tree, literal=["day/*"])


def test_all_places_where_nothing_is_are_told_at_once(files: Files, tree: Path) -> None:
    with pytest.raises(UsageError) as raised:
        names(files, tree, ["day", "no", "n[o"], ["none*", "day"])
    assert str(raised.value) == (
        f"--input, --inputs-from: nothing there: {tree}/no, {tree}/n[o, {tree}/none*; "
        "accepted: a file, a folder, or a glob that matches"
    )


def test_an_object_over_the_limit_is_refused_by_name(files: Files, tmp_path: Path) -> None:
    for name, size in (("most", inputs.MOST_OBJECT_BYTES), ("b", inputs.MOST_OBJECT_BYTES + 1), ("c", 2**40)):
        with (tmp_path / name).open("wb") as sparse:
            sparse.truncate(size)
    with pytest.raises(JobFailed) as raised:
        names(files, tmp_path, [""])
    assert raised.value.exit_code == 1
    assert str(raised.value) == (
        f"objects of at most 268435456 bytes are read, larger: file:{tmp_path}/b (268435457 bytes), "
        f"file:{tmp_path}/c (1099511627776 bytes); split them, or leave them out; nothing was read"
    )
    assert names(files, tmp_path, ["most"]) == ["most"]


def test_a_list_of_inputs_is_literal(files: Files, tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes("a*\r\n\n  \n b \nc%20d\x85e\u2028f\n[é]".encode())
    assert read_list(files, f"{tmp_path}/list") == ["a*", " b ", "c%20d\x85e\u2028f", "[é]"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("none", "expected a file with one URI a line, there is none"),
        ("folder", "expected a file with one URI a line, there is none"),
        ("latin", "expected UTF-8 text, byte 2 is none"),
    ],
)
def test_a_list_that_cannot_be_read_is_wrong_usage(
    files: Files, tmp_path: Path, name: str, words: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "latin").write_bytes(b"a\n\xe9")
    with pytest.raises(UsageError) as raised:
        read_list(files, f"{tmp_path}/{name}")
    assert str(raised.value) == f"--inputs-from {tmp_path}/{name}: {words}"


ENTRY = Entry("s3://bucket/a", 3, 5, None, is_folder=False)


@pytest.mark.parametrize(
    "other",
    [
        [],
        [ENTRY, ENTRY],
        [replace(ENTRY, uri="s3://bucket/b")],
        [replace(ENTRY, size=4)],
        [replace(ENTRY, modified=6)],
        [replace(ENTRY, etag="5e")],
    ],
)
def test_other_inputs_have_another_fingerprint(other: list[Entry]) -> None:
    assert fingerprint([ENTRY]) != fingerprint(other)


def test_the_same_inputs_have_the_same_fingerprint() -> None:
    assert fingerprint([ENTRY]) == fingerprint([replace(ENTRY)])
    tagged = replace(ENTRY, etag="tag")
    assert fingerprint([tagged]) == fingerprint([replace(tagged, modified=99)])
    assert len(fingerprint([])) == 64


def test_objects_that_changed_or_went_while_they_were_read_stop_the_run(files: Files, tree: Path) -> None:
    objects = find_objects(files, [f"{tree}/day"], [])
    refuse_changed(files, objects)
    (tree / "day/c").write_text("longer than it was")
    (tree / "day/00/a.gz").unlink()
    with pytest.raises(JobFailed) as raised:
        refuse_changed(files, objects)
    assert str(raised.value) == (
        f"file:{tree}/day/00/a.gz, file:{tree}/day/c: changed while the run was reading (2 in all); "
        "nothing was written to the table; run again when the objects are at rest"
    )


@pytest.mark.parametrize(
    ("name", "hidden"),
    [("_a", True), (".a", True), ("a._COPYING_", True), ("a_", False), ("a.", False), ("COPYING_", False)],
)
def test_hidden_names_are_those_of_hadoop(name: str, hidden: bool) -> None:
    assert is_hidden(name) is hidden
