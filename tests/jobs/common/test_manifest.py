import json
import platform
import re
from typing import Any

import pytest

import jobs
from jobs.common.errors import JobFailed
from jobs.common.files import Entry
from jobs.common.manifest import (
    Partition,
    RowCounts,
    Run,
    build,
    check,
    check_counted,
    check_objects,
    check_table,
    now,
)
from tests.jobs.common.tables import SCHEMA

RFC_3339_UTC = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")


def counts(**changes: Any) -> RowCounts:
    good: dict[str, Any] = {
        "read": 10,
        "accepted": 7,
        "inserted": 4,
        "updated": 2,
        "duplicates": 1,
        "quarantined": {"bad_encoding": 1, "malformed_json": 2},
    }
    return RowCounts(**{**good, **changes})


NOTHING = "nothing was written to the table"


def test_figures_that_close_pass() -> None:
    check(counts(), quarantine_rows=3)
    check(RowCounts(read=0, accepted=0, inserted=0, updated=0, duplicates=0), quarantine_rows=0)
    check_table({"inserted": 4}, before=5, after=9, so_far=NOTHING)
    check_table({"inserted": 4, "deleted": 5}, before=5, after=4, so_far=NOTHING)


@pytest.mark.parametrize(
    ("changes", "quarantine_rows", "law"),
    [
        ({"read": 11}, 3, "read = accepted + quarantined: 11 is not 10"),
        ({"duplicates": 0}, 3, "accepted = inserted + updated + duplicates: 7 is not 6"),
        ({}, 4, "rows in quarantine = quarantined: 4 is not 3"),
        (
            {"read": 9, "updated": 3},
            3,
            "read = accepted + quarantined: 9 is not 10; accepted = inserted + updated + duplicates: 7 is not 8",
        ),
    ],
)
def test_figures_that_do_not_close_fail_and_say_which(
    changes: dict[str, Any], quarantine_rows: int, law: str
) -> None:
    words = f"the accounting does not close: {law}; nothing was written to the table; "
    with pytest.raises(JobFailed, match=re.escape(words)) as raised:
        check(counts(**changes), quarantine_rows)
    assert str(raised.value).endswith("a fault of the job or of the machine: keep the logs and report it")
    assert raised.value.exit_code == 1


@pytest.mark.parametrize(
    ("rows", "after", "law"),
    [
        ({"inserted": 4}, 8, "rows after = rows before + inserted: 8 is not 9"),
        ({"inserted": 4}, 10, "rows after = rows before + inserted: 10 is not 9"),
        ({"inserted": 4, "deleted": 1}, 9, "rows after = rows before + inserted - deleted: 9 is not 8"),
    ],
)
def test_a_table_that_does_not_hold_what_was_counted_fails_and_says_what_was_done(
    rows: dict[str, int], after: int, law: str
) -> None:
    words = f"the accounting does not close: {law}; version 7 is written; "
    with pytest.raises(JobFailed, match=re.escape(words)):
        check_table(rows, 5, after, "version 7 is written")


def test_two_counts_of_the_same_rows_are_equal_or_the_run_fails() -> None:
    check_counted("rows staged = keys", 3, 3)
    words = (
        "the accounting does not close: rows staged = keys: 2 is not 3; nothing was written to the table; "
    )
    with pytest.raises(JobFailed, match=re.escape(words)):
        check_counted("rows staged = keys", 2, 3)


def test_figures_that_a_kind_of_job_does_not_have_are_left_out() -> None:
    assert counts().to_json() == {
        "read": 10,
        "accepted": 7,
        "inserted": 4,
        "updated": 2,
        "duplicates": 1,
        "quarantined": {"bad_encoding": 1, "malformed_json": 2},
    }
    derived = RowCounts(read=1, accepted=1, inserted=1, updated=0, duplicates=0, deleted=0, source_rows=9)
    assert derived.to_json()["deleted"] == 0
    assert derived.to_json()["source_rows"] == 9
    assert "quarantined" not in derived.to_json()


def test_an_object_that_was_listed_and_not_read_fails_the_run() -> None:
    check_objects(read=3, listed=3)
    with pytest.raises(
        JobFailed, match=r"^3 objects were listed, 2 were read; nothing was written to the table; "
    ):
        check_objects(read=2, listed=3)


def test_a_manifest_has_every_field_in_json_types() -> None:
    inputs = [Entry("file:/a b", 3, 1, None, False), Entry("s3://b/c", 0, 1, "etag", False)]
    partitions = [Partition({"day": "2024-02-29"}, files=2, bytes=99, rows=9, changed_hours=[0, 23])]
    run = Run("readings", "7", "r1", "2024-02-29T00:00:00.000Z", inputs)
    made = build(run, counts(), partitions, SCHEMA, "3.5.8")
    assert RFC_3339_UTC.fullmatch(made.pop("finished_at"))
    assert json.loads(json.dumps(made)) == {
        "job": "readings",
        "run_id": "r1",
        "status": "done",
        "started_at": "2024-02-29T00:00:00.000Z",
        "inputs": [
            {"uri": "file:/a b", "size": 3, "etag": None},
            {"uri": "s3://b/c", "size": 0, "etag": "etag"},
        ],
        "rows": {
            "read": 10,
            "accepted": 7,
            "inserted": 4,
            "updated": 2,
            "duplicates": 1,
            "quarantined": {"bad_encoding": 1, "malformed_json": 2},
        },
        "partitions": [
            {"values": {"day": "2024-02-29"}, "files": 2, "bytes": 99, "rows": 9, "changed_hours": [0, 23]}
        ],
        "schema": json.loads(SCHEMA.json()),
        "versions": {
            "suite": jobs.__version__,
            "job": "7",
            "spark": "3.5.8",
            "python": platform.python_version(),
        },
    }


def test_instants_are_rfc_3339_in_utc() -> None:
    assert RFC_3339_UTC.fullmatch(now())
