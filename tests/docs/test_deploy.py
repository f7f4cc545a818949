"""What docs/deploy.md tells a user to type."""

import re

from jobs.device_readings import READINGS, TABLE
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "deploy.md").read_text()
ATHENA = {"string": "string", "double": "double", "timestamp": "timestamp", "date": "date"}


def test_the_table_that_athena_is_told_of_is_the_one_that_the_job_writes() -> None:
    [columns, partitions] = re.findall(r"(?:device_readings|PARTITIONED BY) \(([^)]*)\)", TEXT)
    told = [tuple(each.split()) for each in columns.split(",")]
    own = [(field.name, ATHENA[field.dataType.typeName()]) for field in READINGS.fields]
    assert told == [each for each in own if each[0] not in TABLE.partition_by]
    assert [tuple(partitions.split())] == [each for each in own if each[0] in TABLE.partition_by]
