"""Files that somebody names are found, and each is given the variables that it declares, and no others."""

from pathlib import Path

import pytest

from orchestrator.errors import UsageError
from orchestrator.planning import files
from orchestrator.planning.files import (
    JobName,
    is_file,
    is_pipeline_file,
    job_name,
    load_files,
    with_followers,
)
from tests.orchestrator.planning.world import write_files


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with the files and a checkout's pipelines/."""
    write_files(tmp_path)
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "two.yaml").rename(tmp_path / "pipelines/nightly.yaml")
    (tmp_path / "a:b.yaml").write_text("jobs: {}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "path", "job"),
    [
        ("pipelines/nightly.yaml", "pipelines/nightly.yaml", None),
        ("pipelines/nightly.yaml:hourly", "pipelines/nightly.yaml", "hourly"),
        ("nightly", "<root>/pipelines/nightly.yaml", None),
        ("nightly:hourly", "<root>/pipelines/nightly.yaml", "hourly"),
        ("a:b.yaml", "a:b.yaml", None),
        ("a:b.yaml:hourly", "a:b.yaml", "hourly"),
        ("nightly:", "<root>/pipelines/nightly.yaml", None),
    ],
)
def test_a_pipeline_is_its_file_or_its_name_and_a_job_comes_after_a_colon(
    folder: Path, text: str, path: str, job: str | None
) -> None:
    assert job_name(text, folder) == JobName(Path(path.replace("<root>", str(folder))), job)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("weekly", "there is no such file"),
        ("pipelines", "a folder"),
        ("", "a folder"),
        (":hourly", "there is no such file"),
        ("nightly:hourly:x", "there is no such file"),
        ("x" * 5000, "there is no such file"),
        ("a\0b", "there is no such file"),
    ],
)
def test_what_is_none_is_told_with_those_there_are(folder: Path, text: str, what: str) -> None:
    with pytest.raises(UsageError) as raised:
        job_name(text, folder)
    told = str(raised.value)
    assert what in told
    assert (
        "expected a file, or a pipeline's name in pipelines/ (nightly), and after a colon a job of it" in told
    )
    assert len(told) < 500


def test_pipelines_and_clusters_are_told_apart(folder: Path) -> None:
    assert is_pipeline_file(folder / "pipelines/nightly.yaml")
    assert not is_pipeline_file(folder / "own.yaml")
    with pytest.raises(UsageError, match="cannot be read: No such file or directory"):
        is_pipeline_file(folder / "none.yaml")
    assert not is_file(Path("x" * 5000))


def test_each_file_gets_what_it_declares(folder: Path) -> None:
    path = folder / "pipelines/nightly.yaml"
    loaded, config = load_files(path, folder / "own.yaml", {"lake": "my-lake", "cores": 7}, "state")
    assert loaded is not None
    assert config is not None
    assert loaded.jobs["readings"].inputs == ("s3://my-lake/raw/",)
    assert config.request["LogUri"] == "s3://state/logs/"
    assert config.request["Instances"]["InstanceFleets"][1]["TargetOnDemandCapacity"] == 7
    assert not config.findings or all("variable" not in str(each) for each in config.findings)


def test_without_another_cluster_the_pipelines_own_is_loaded(folder: Path) -> None:
    (folder / "own.yaml").rename(folder / "pipelines/own.yaml")
    loaded, config = load_files(folder / "pipelines/nightly.yaml", None, {}, "state")
    assert loaded is not None
    assert config is not None
    assert Path(config.file).samefile(folder / "pipelines/own.yaml")


def test_a_cluster_may_come_alone(folder: Path) -> None:
    loaded, config = load_files(None, folder / "own.yaml", {"cores": 3}, "state")
    assert (loaded, config and config.request["Name"]) == (None, "own")


@pytest.mark.parametrize(
    ("declared", "given", "uri"),
    [
        ("{bucket: null}", {}, "s3://state/logs/"),
        ("{bucket: null}", {"bucket": "given"}, "s3://given/logs/"),
        ("{bucket: of-the-file}", {}, "s3://of-the-file/logs/"),
        ("{bucket: of-the-file}", {"bucket": "given"}, "s3://given/logs/"),
    ],
)
def test_the_bucket_is_known_where_the_file_has_none(
    folder: Path, declared: str, given: dict[str, str], uri: str
) -> None:
    text = (folder / "own.yaml").read_text().replace("{bucket: null, cores: 1}", declared)
    (folder / "mine.yaml").write_text(text.replace("${cores}", "1"))
    _, config = load_files(None, folder / "mine.yaml", given, "state")
    assert config is not None
    assert config.request["LogUri"] == uri


def test_what_no_file_declares_is_refused_with_what_was_meant(folder: Path) -> None:
    with pytest.raises(UsageError) as raised:
        load_files(folder / "pipelines/nightly.yaml", folder / "own.yaml", {"core": 1, "zebra": 2}, "state")
    assert str(raised.value) == (
        "--var core: no file declares it; did you mean cores?\n"
        "--var zebra: no file declares it\n"
        "declared: bucket, cores, further, lake"
    )


def test_a_block_that_is_none_declares_nothing(folder: Path) -> None:
    (folder / "odd.yaml").write_text("variables: [a]\njobs: {}\n")
    with pytest.raises(UsageError, match="declared: none"):
        load_files(folder / "odd.yaml", None, {"a": 1}, "state")


def test_pipelines_that_follow_are_found_each_once_and_those_that_follow_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (folder / "pipelines/nightly.yaml").read_text()
    (folder / "own.yaml").rename(folder / "pipelines/own.yaml")
    then = "then: [{{run: {{pipeline: {}}}}}, {{run: {{pipeline: nightly}}}}]\n"
    for name, next_one in (("first", "second"), ("second", "first")):
        (folder / f"pipelines/{name}.yaml").write_text(
            text.replace("name: two", f"name: {name}", 1) + then.format(next_one)
        )
    monkeypatch.setattr(files, "job_name", lambda name: job_name(name, folder))
    pipeline, _ = load_files(folder / "pipelines/first.yaml", None, {}, "bucket")
    assert pipeline is not None
    found = [each.name for each in with_followers(pipeline, "bucket")]
    assert (found[0], sorted(found)) == ("first", ["first", "first", "second", "two"])
