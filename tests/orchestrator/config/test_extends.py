"""Files that extend others."""

from pathlib import Path

import pytest

from orchestrator.config.extends import MOST_FILES, load
from orchestrator.errors import UsageError


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def test_a_file_extends_another_which_extends_a_third(tmp_path: Path) -> None:
    files = {
        "own/c.yaml": "extends: ../base/b.yaml\nName: c\n",
        "base/b.yaml": "extends: a.yaml\nName: b\nLogUri: s3://b/\n",
        "base/a.yaml": "Name: a\nReleaseLabel: emr-7.14.0\n",
    }
    _write(tmp_path, files)
    loaded = load(tmp_path / "own/c.yaml")
    assert loaded.findings == ()
    assert loaded.root.plain() == {"Name": "c", "ReleaseLabel": "emr-7.14.0", "LogUri": "s3://b/"}
    assert loaded.files == tuple(str(tmp_path / name) for name in files)
    place = loaded.root.at(("LogUri",))
    assert (place.file, place.line) == (str(tmp_path / "base/b.yaml"), 3)


def test_without_an_extended_file_there_is_one(tmp_path: Path) -> None:
    _write(tmp_path, {"c.yaml": "extends: null\nName: c\n"})
    assert load(tmp_path / "c.yaml").files == (str(tmp_path / "c.yaml"),)


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("none.yaml", "there is no file {folder}/none.yaml, got 'none.yaml'"),
        ("a" * 300, f"there is no file {{folder}}/{'a' * 300}, got '{'a' * 78}…"),
        (".", "there is no file {folder}, got '.'"),
        ("/etc/passwd", "not a relative path, got '/etc/passwd'"),
        ("C:/c.yaml", "not a relative path, got 'C:/c.yaml'"),
        ("s3://bucket/c.yaml", "not a relative path, got 's3://bucket/c.yaml'"),
        ("", "not a path, got ''"),
        (
            "c.yaml",
            "the files extend each other in a circle: {folder}/c.yaml -> {folder}/c.yaml, got 'c.yaml'",
        ),
    ],
)
def test_what_cannot_be_extended_is_a_finding(tmp_path: Path, target: str, problem: str) -> None:
    _write(tmp_path, {"c.yaml": f'Name: c\nextends: "{target}"\n'})
    loaded = load(tmp_path / "c.yaml")
    problem = problem.format(folder=tmp_path)
    expected = "expected the path of another file, relative to this one"
    assert [str(each) for each in loaded.findings] == [
        f"{tmp_path}/c.yaml:2: ERROR: extends: {problem}; {expected}"
    ]
    assert loaded.root.plain() == {"Name": "c"}


def test_a_list_cannot_be_extended(tmp_path: Path) -> None:
    _write(tmp_path, {"c.yaml": "extends: [a.yaml]\n"})
    assert "not a path, got ['a.yaml']" in str(load(tmp_path / "c.yaml").findings[0])


def test_a_circle_is_told_with_its_files(tmp_path: Path) -> None:
    _write(tmp_path, {"a.yaml": "extends: ./b.yaml", "b.yaml": "extends: ../" + tmp_path.name + "/a.yaml"})
    (finding,) = load(tmp_path / "a.yaml").findings
    names = " -> ".join(f"{tmp_path}/{name}.yaml" for name in "aba")
    assert finding.problem == f"the files extend each other in a circle: {names}"


def test_only_so_many_files_extend_each_other(tmp_path: Path) -> None:
    chain = {f"{n}.yaml": f"extends: {n + 1}.yaml\n" for n in range(MOST_FILES)}
    _write(tmp_path, {**chain, f"{MOST_FILES}.yaml": "Name: last"})
    assert load(tmp_path / "1.yaml").findings == ()
    (finding,) = load(tmp_path / "0.yaml").findings
    assert finding.problem == "more than 10 files extend each other"


def test_findings_of_an_extended_file_name_it(tmp_path: Path) -> None:
    _write(tmp_path, {"a.yaml": "extends: b.yaml", "b.yaml": "Name: b\nName: c"})
    (finding,) = load(tmp_path / "a.yaml").findings
    assert (finding.file, finding.line) == (f"{tmp_path}/b.yaml", 2)


def test_the_file_itself_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.yaml: cannot be read"):
        load(tmp_path / "none.yaml")
