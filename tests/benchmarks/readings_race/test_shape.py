from benchmarks.readings_race.shape import (
    COLUMNS,
    INSTANTS,
    KEY,
    METRICS,
    NUMBERS,
    RANGES,
    REQUIRED,
    TEXTS,
    member,
)
from jobs import device_readings
from jobs.device_readings import FIELDS, READINGS, TABLE


def test_the_shape_is_that_of_the_job() -> None:
    assert list(COLUMNS) == READINGS.names
    assert METRICS == device_readings.METRICS
    assert RANGES == device_readings.RANGES
    assert TABLE.key == KEY
    assert set(REQUIRED) == {field.column for field in FIELDS if field.is_required}
    assert set(INSTANTS) == {field.column for field in FIELDS if field.kind == "timestamp"}
    assert set(NUMBERS) == {field.column for field in FIELDS if field.kind == "double"}
    assert {*TEXTS, *NUMBERS} == {field.column for field in FIELDS}


def test_a_member_is_where_the_job_looks_for_it() -> None:
    assert {field.column: ".".join(member(field.column)) for field in FIELDS} == {
        field.column: field.name for field in FIELDS
    }
