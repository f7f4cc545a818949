"""What is asked of a Delta table."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from pyspark.sql.types import DateType, StringType, StructField, StructType

from jobs.common.commit.delta_table import at_version, in_partitions, named

SCHEMA = StructType([StructField("day", DateType()), StructField("region", StringType())])


@pytest.mark.parametrize(
    ("partitions", "condition"),
    [
        ([], "false"),
        ([{"day": "2024-02-29"}], "`day` IN (DATE'2024-02-29')"),
        (
            [{"day": "2024-03-01", "region": "b"}, {"day": "2024-02-29", "region": "b"}],
            "`day` IN (DATE'2024-02-29', DATE'2024-03-01') AND `region` IN ('b')",
        ),
        ([{"region": "o'clock\\"}], "`region` IN ('o\\'clock\\\\')"),
    ],
)
def test_partitions_are_told_by_literals(partitions: list[dict[str, str]], condition: str) -> None:
    assert in_partitions(SCHEMA, partitions) == condition


def test_a_date_that_is_none_never_gets_into_sql() -> None:
    with pytest.raises(ValueError, match="Invalid isoformat"):
        in_partitions(SCHEMA, [{"day": "2024-02-29') OR (true"}])


def test_literals_mean_what_they_are_made_of(spark: SparkSession) -> None:
    odd = ["o'clock", "back\\slash", "${x}", "a\nb", "`", "ü"]
    frame = spark.createDataFrame([(None, text) for text in odd], SCHEMA)
    for text in odd:
        found = frame.filter(in_partitions(SCHEMA, [{"region": text}])).collect()
        assert [row["region"] for row in found] == [text]


def test_a_table_is_named_by_its_place_and_read_as_any_version_had_it(
    delta: SparkSession, tmp_path: Path
) -> None:
    place = f"file:{tmp_path}/a `b` %20"
    for count in (1, 2):
        delta.range(count).write.format("delta").mode("append").save(place)
    assert at_version(delta, place, 0).count() == 1
    assert delta.table(named(place)).count() == 3
