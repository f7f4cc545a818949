from pathlib import Path

import pytest

from jobs.common.native.segments import SegmentFile, read_segments
from jobs.common.native.stores import Stores
from local_aws.s3_server import S3Server
from tests.jobs.common.native.arrow import LOCAL, table, values, whole
from tests.jobs.common.native.test_stores import stores_on
from tests.jobs.common.tables import row


def test_segments_come_back_by_file_with_what_stands_beside_them(tmp_path: Path) -> None:
    file = SegmentFile(LOCAL, f"{tmp_path}/a")
    put = [file.put(table([row(key)] * count)) for key, count in (("x", 1), ("y", 2), ("z", 3))]
    file.close()
    assert [segment.rows for segment in put] == [1, 2, 3]
    assert put[1].offset == put[0].offset + put[0].size
    found = read_segments(LOCAL, [(put[2], 3), (put[0], 1)], lambda rows, count: rows.slice(0, count))
    assert [[one[0] for one in values(rows)] for rows in found] == [["z"] * 3, ["x"]]


def test_a_task_without_rows_makes_no_file(tmp_path: Path) -> None:
    SegmentFile(LOCAL, f"{tmp_path}/a").close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("files", [1, 3, 20])
def test_segments_lie_in_a_bucket_too(s3_server: S3Server, files: int) -> None:
    bucket = s3_server.new_bucket()
    stores: Stores = stores_on(s3_server, bucket)
    put = []
    for number in range(files):
        file = SegmentFile(stores, f"s3://{bucket}/rows/{number}")
        put += [file.put(table([row(f"{number}{key}")] * 9)) for key in "ab"]
        file.close()
    found = [values(rows)[0][0] for rows in whole(stores, put)]
    assert found == [f"{number}{key}" for number in range(files) for key in "ab"]
    assert len(s3_server.keys(bucket)) == files
