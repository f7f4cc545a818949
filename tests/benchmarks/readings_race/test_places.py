from pathlib import Path

import pytest

from benchmarks.readings_race.places import read_work, unpacked
from tests.benchmarks.readings_race.deliveries import small_delivery, work_on


def test_objects_come_in_parts_of_so_many_bytes(tmp_path: Path) -> None:
    made = small_delivery(tmp_path / "data")
    work = work_on([made.folder], tmp_path / "out")
    sizes = [Path(name).stat().st_size for name in work.objects()]
    assert [len(part) for part in work.parts(1)] == [1, 1, 1]
    assert [len(part) for part in work.parts(sizes[0] + sizes[1])] == [2, 1]
    assert list(work.parts(10**9)) == [work.objects()]
    assert unpacked(work.objects()[0]).count(b"\n") == 1000


def test_staged_partitions_replace_those_of_the_table_and_no_others(tmp_path: Path) -> None:
    work = work_on(["none"], tmp_path)
    for name in (
        "table/event_date=2024-03-01/old",
        "table/event_date=2024-03-02/old",
        "table-staging/event_date=2024-03-01/new",
    ):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / f"{name}.parquet").touch()
    assert [Path(name).name for name in work.held(["2024-03-01", "2024-03-09"])] == ["old.parquet"]
    work.publish()
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.parquet")) == [
        "table/event_date=2024-03-01/new.parquet",
        "table/event_date=2024-03-02/old.parquet",
    ]
    assert not work.staging.exists()


def test_what_an_earlier_run_has_staged_is_dropped(tmp_path: Path) -> None:
    (work_on(["none"], tmp_path).staging / "event_date=2024-03-01").mkdir()
    assert list(work_on(["none"], tmp_path).staging.iterdir()) == []


def test_a_command_line_without_an_input_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        read_work(["--output", "t", "--quarantine", "q"])
    assert "--input" in capsys.readouterr().err
