"""Reading a journal."""

import json
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.common.commit.journal import Addition, Journal, Merge, read_journal
from jobs.common.commit.recovery import put_journal
from jobs.common.errors import JobFailed
from jobs.common.files import Files
from tests.jobs.common.commit.commits import Scene, set_scene


@pytest.fixture
def scene(spark: SparkSession, tmp_path: Path) -> Scene:
    """Make a table with a run whose journal stands."""
    made = set_scene(Files(spark), tmp_path)
    put_journal(made.files, made.layout, made.attempt, made.journal)
    return made


def test_a_journal_is_read_as_it_was_written(scene: Scene) -> None:
    merge = Merge(
        "_staging/r/t/unique",
        ["f"],
        3,
        ["day", "key"],
        ["time"],
        ["day"],
        [{"day": "2024-02-29"}],
        False,
        256,
    )
    for written in (
        Journal("r", "t", "p", "file:/m.json", {"rows": {}}, None, merge=merge),
        Journal("r", "t", "p", "file:/m.json", {}, "file:/q", ["kept"], [Addition("a", "b", 1)], ["c"]),
    ):
        scene.files.write(scene.layout.record("r"), written.to_json())
        assert read_journal(scene.files, scene.layout.record("r")) == written


def test_a_manifest_comes_out_of_a_journal_as_the_same_text(scene: Scene) -> None:
    manifest = {
        "status": "done",
        "rows": {"read": 2, "accepted": 1, "quarantined": {"b": 1, "a": 0}},
        "job": "j",
    }
    scene.files.write(
        scene.layout.record("r"), Journal("r", "t", "p", "file:/m.json", manifest, None).to_json()
    )
    found = read_journal(scene.files, scene.layout.record("r"))
    assert found is not None
    assert json.dumps(found.manifest) == json.dumps(manifest)


def test_no_journal_is_read_where_there_is_none(scene: Scene) -> None:
    assert read_journal(scene.files, scene.layout.record("never")) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"add": 1}',
        '{"add": [], "run_id": "r"}',
        '{"add": [{"name": "x"}]}',
        "\udcff",
    ],
    ids=["empty", "torn", "a list", "null", "no fields", "no list", "few fields", "other fields", "no UTF-8"],
)
def test_an_unreadable_journal_is_refused_with_its_place_and_a_way_out(scene: Scene, text: str) -> None:
    path = scene.table / "_journal.json"
    scene.files.delete(scene.layout.journal)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(
        JobFailed, match=r"_journal\.json: expected a journal as this job writes it, got "
    ) as raised:
        read_journal(scene.files, scene.layout.journal)
    assert str(raised.value).endswith(
        "restore the file from a copy, or ask who wrote it, before any run on this table"
    )
