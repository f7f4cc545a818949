from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.common.files import Entry
from jobs.common.native.planning import FileToBe
from jobs.common.native.segments import SegmentFile
from jobs.common.native.spreading import Part, by_bits
from jobs.common.native.writing import WriteReport, Writing, write_files, write_refused
from tests.jobs.common.native.arrow import LOCAL, table, values
from tests.jobs.common.tables import TABLE, row

AT = "day=2024-02-29"
VALUES = ("2024-02-29",)


def parts_of(folder: Path, *batches: Any, bits: int = 0) -> list[Part]:
    """Put rows down as tasks do that part them by `bits`."""
    found = []
    for place, batch in enumerate(batches):
        file = SegmentFile(LOCAL, f"{folder}/rows{place}-{bits}")
        found += [Part(file.put(part), bits, number) for number, part in by_bits(batch, TABLE, bits)]
        file.close()
    return found


def written(folder: Path, *files: FileToBe) -> list[WriteReport]:
    return write_files(Writing(LOCAL, TABLE, f"{folder}/staged", str(folder)), files)


def held_in(folder: Path) -> list[Entry]:
    path = folder / "old.parquet"
    return [Entry(str(path), path.stat().st_size, 0, None, is_folder=False)]


def rows_of(report: WriteReport) -> list[Any]:
    return values(pq.ParquetFile(report.uri).read())


def test_a_file_has_one_row_a_key_in_order(tmp_path: Path) -> None:
    parts = parts_of(tmp_path, table([row("b"), row("a")]), table([row("a", value=1.0), row("c")]))
    (report,) = written(tmp_path, FileToBe(VALUES, AT, 0, 0, parts))
    assert [(one[0], one[2]) for one in rows_of(report)] == [("a", 1.0), ("b", None), ("c", None)]
    assert Path(report.uri).parent == tmp_path / "staged" / AT / "_bucket=0"
    assert Path(report.uri).stat().st_size == report.bytes
    assert (report.rows, report.accepted, report.keys, report.inserted, report.updated) == (3, 4, 3, 3, 0)
    assert report.hours == (5,)


def test_files_of_a_partition_share_its_rows_however_tasks_have_parted_them(tmp_path: Path) -> None:
    keys = [f"k{number}" for number in range(40)]
    parts = [
        *parts_of(tmp_path, table([row(key) for key in keys[:20]])),
        *parts_of(tmp_path, table([row(key) for key in keys[10:]]), bits=3),
    ]
    files = []
    for number in range(4):
        own = [part for part in parts if not part.bits or part.number & 3 == number]
        files.append(FileToBe(VALUES, AT, 2, number, own))
    reports = written(tmp_path, *files)
    found = [one[0] for report in reports for one in rows_of(report)]
    assert sorted(found) == sorted(keys)
    assert sum(report.accepted for report in reports) == 50
    assert all(report.rows > 0 for report in reports)


def test_new_rows_are_merged_with_those_of_the_files_that_are_held(tmp_path: Path) -> None:
    held = table([row("a"), row("b", value=2.0), row("c")], without=["day"])
    pq.write_table(held, tmp_path / "old.parquet")
    parts = parts_of(tmp_path, table([row("a", value=1.0), row("b", value=1.0), row("d")]))
    (report,) = written(tmp_path, FileToBe(VALUES, AT, 0, 0, parts, held=held_in(tmp_path)))
    assert [(one[0], one[2]) for one in rows_of(report)] == [("a", 1.0), ("b", 2.0), ("c", None), ("d", None)]
    assert (report.inserted, report.updated, report.keys) == (1, 1, 3)


def test_each_file_of_a_held_partition_takes_its_old_rows_without_a_new_one_too(tmp_path: Path) -> None:
    keys = [f"k{number}" for number in range(20)]
    (tmp_path / "old").mkdir()
    old = parts_of(tmp_path / "old", table([row(key) for key in keys]), bits=1)
    new = parts_of(tmp_path, table([row("k3", value=1.0)]), bits=1)
    files = []
    for number in range(2):
        own, held = ([one for one in parts if one.number == number] for parts in (new, old))
        files.append(FileToBe(VALUES, AT, 1, number, own, held))
    reports = written(tmp_path, *files)
    assert sorted(len(file.parts) for file in files) == [0, 1]
    assert sorted(one[0] for report in reports for one in rows_of(report)) == sorted(keys)
    assert sum(report.updated for report in reports) == 1


def test_a_partition_that_does_not_change_is_not_written(tmp_path: Path) -> None:
    pq.write_table(table([row("a")], without=["day"]), tmp_path / "old.parquet")
    (report,) = written(
        tmp_path,
        FileToBe(VALUES, AT, 0, 0, parts_of(tmp_path, table([row("a")])), held=held_in(tmp_path)),
    )
    assert (report.uri, report.bytes, report.accepted, report.keys) == ("", 0, 1, 1)
    assert not (tmp_path / "staged").exists()


def test_each_try_has_names_of_its_own(tmp_path: Path) -> None:
    file = FileToBe(VALUES, AT, 0, 0, parts_of(tmp_path, table([row("a")])))
    assert len({report.uri for report in written(tmp_path, file) + written(tmp_path, file)}) == 2


def test_refused_messages_become_one_file(tmp_path: Path) -> None:
    refused = pa.table(
        {"reasons": [["malformed_json"]], "raw": [b"\xff"], "source_object": ["u"], "position": [7]}
    )
    file = SegmentFile(LOCAL, f"{tmp_path}/r")
    segments = [file.put(refused), file.put(refused)]
    file.close()
    name = write_refused(Writing(LOCAL, TABLE, f"{tmp_path}/staged", str(tmp_path)), segments)
    found = pq.ParquetFile(tmp_path / name).read()
    assert values(found) == [(["malformed_json"], b"\xff", "u", 7)] * 2
