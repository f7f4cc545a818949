"""Places that are in each other's way are refused before anything is read."""

from dataclasses import replace
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.common.arguments import Format
from jobs.common.commit.journal import Journal
from jobs.common.commit.places import Places
from jobs.common.errors import JobFailed, UsageError
from jobs.common.files import Files


@pytest.fixture
def files(spark: SparkSession) -> Files:
    return Files(spark)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(
        f"file:{tmp_path}/table", f"file:{tmp_path}/quarantine", f"file:{tmp_path}/manifests/one.json"
    )


def test_places_apart_from_each_other_are_accepted_and_claimed(
    files: Files, places: Places, tmp_path: Path
) -> None:
    places.check(files)
    places.claim(files)
    assert (tmp_path / "quarantine" / "_table").read_text() == f"{places.output}\n"
    assert [path.name for path in (tmp_path / "manifests").glob("[!.]*")] == []
    places.check(files)
    places.claim(files)


@pytest.mark.parametrize(
    ("flag", "change"),
    [
        ("--quarantine", {"quarantine": "{output}/q"}),
        ("--output", {"quarantine": "{output}"}),
        ("--output", {"output": "{quarantine}/run_id=x/t"}),
        ("--manifest", {"manifest": "{output}/m.json"}),
        ("--manifest", {"manifest": "{quarantine}/run_id=x/m.json"}),
        ("--output", {"manifest": "{root}"}),
        ("--quarantine", {"manifest": "{root}"}),
    ],
)
def test_a_place_within_another_is_refused(
    files: Files, places: Places, tmp_path: Path, flag: str, change: dict[str, str]
) -> None:
    known = {"output": places.output, "quarantine": places.quarantine, "root": f"file:{tmp_path}"}
    mixed = replace(places, **{name: place.format(**known) for name, place in change.items()})
    with pytest.raises(UsageError, match=rf"{flag}: .* lies in .*accepted: places apart from each other"):
        mixed.check(files)


def test_a_name_that_begins_like_another_is_not_within_it(files: Files, places: Places) -> None:
    replace(places, quarantine=f"{places.output}-quarantine", manifest=f"{places.output}.json").check(files)


def test_files_and_folders_in_the_wrong_place_are_refused_all_at_once(
    files: Files, places: Places, tmp_path: Path
) -> None:
    (tmp_path / "table").write_text("")
    (tmp_path / "quarantine").write_text("")
    (tmp_path / "manifests" / "one.json").mkdir(parents=True)
    with pytest.raises(UsageError) as refusal:
        places.check(files)
    assert str(refusal.value).split("; accepted: ") == [
        f"--output: {places.output} is a file",
        f"a folder, or a name that is free; --quarantine: {places.quarantine} is a file",
        f"a folder, or a name that is free; --manifest: {places.manifest} is a folder",
        "a file, or a name that is free",
    ]


def test_another_tables_quarantine_is_refused(files: Files, places: Places) -> None:
    places.claim(files)
    with pytest.raises(
        UsageError, match=r"belongs to the table file:.*/table .*accepted: a quarantine for each table"
    ):
        replace(places, output=f"{places.output}2").check(files)


def test_a_manifest_that_cannot_be_written_is_told_before_anything_is_read(
    files: Files, places: Places, tmp_path: Path
) -> None:
    (tmp_path / "manifests").write_text("a file")
    with pytest.raises(JobFailed, match=r"manifests: expected to make this folder, the file system refused"):
        places.claim(files)


def test_a_whole_bucket_is_refused(files: Files, places: Places) -> None:
    for place in ("s3://bucket", "s3a://bucket/"):
        with pytest.raises(
            UsageError, match=f"--output: {place} is a whole bucket; accepted: a folder in it"
        ):
            replace(places, output=place).check(files)


@pytest.mark.parametrize(
    ("folders", "format_", "met"),
    [
        (("event_date=2024-02-29",), "delta", "parquet"),
        (("event_date=2024-02-29", "_delta_log"), "parquet", "delta"),
    ],
)
def test_a_table_stays_what_it_was_made_as(
    files: Files, places: Places, tmp_path: Path, folders: tuple[str, ...], format_: Format, met: Format
) -> None:
    places.check_table(files, format_, "job")
    for folder in folders:
        (tmp_path / "table" / folder).mkdir(parents=True)
        (tmp_path / "table" / folder / "00000000000000000000.json").touch()
    places.check_table(files, met, "job")
    words = f"--format {format_}: {places.output} holds a {met} table; accepted: --format {met}, or another"
    with pytest.raises(UsageError, match=words):
        places.check_table(files, format_, "job")


def test_a_table_of_another_job_is_refused(files: Files, places: Places, tmp_path: Path) -> None:
    record = tmp_path / "table" / "_runs" / "r1.json"
    record.parent.mkdir(parents=True)
    (record.parent / ".r2.json.writing").write_text("{")
    record.write_text(Journal("r1", "t", "p", "", {"job": "door_events"}, None).to_json())
    places.check_table(files, "parquet", "door_events")
    words = (
        rf"--output: {places.output} is a table of door_events \(file:{record} says so\); "
        "accepted: a table of readings, or a new place"
    )
    with pytest.raises(UsageError, match=words):
        places.check_table(files, "parquet", "readings")


def test_a_bucket_is_the_same_by_each_scheme_of_its_clients(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Files, "find", lambda *_: None)
    places = Places("s3://b/t", "s3a://b/t/q", "s3n://b/m.json")
    with pytest.raises(UsageError, match="--quarantine: s3a://b/t/q lies in --output"):
        places.check(files)
    for uri in ("s3a://b/t/x", "s3://b/m.json"):
        with pytest.raises(UsageError, match=r"lies in the run's own output"):
            places.refuse_own([uri])
