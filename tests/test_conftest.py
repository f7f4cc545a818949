from pathlib import Path

import pytest
from chispa import assert_df_equality
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from tests import conftest


def test_the_session_is_small_and_in_utc(spark: SparkSession) -> None:
    wanted = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.ui.enabled": "false",
    }
    assert {key: spark.conf.get(key) for key in wanted} == wanted


def test_python_workers_run_without_a_warning(spark: SparkSession) -> None:
    doubled = spark.sparkContext.parallelize(range(4), 2).map(lambda number: number * 2)
    assert doubled.sum() == 12


def test_frames_are_compared_by_chispa(spark: SparkSession) -> None:
    actual = spark.range(2).select((F.col("id") + 1).alias("id"))
    assert_df_equality(actual, spark.range(1, 3), ignore_row_order=True, ignore_nullable=True)


@pytest.mark.parametrize(
    ("is_ci", "outcome"), [(True, pytest.fail.Exception), (False, pytest.skip.Exception)]
)
def test_ci_fails_where_a_laptop_skips_without_the_real_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_ci: bool, outcome: type[Exception]
) -> None:
    monkeypatch.setattr(conftest, "ROOT", tmp_path / "checkout")
    monkeypatch.setattr(conftest, "IS_CI", is_ci)
    with pytest.raises(outcome, match="expected the real data there"):
        conftest.find_shared_data()
