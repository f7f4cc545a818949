"""What all tests share: one Spark session, the real data, and how hypothesis searches."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from pyspark.sql import SparkSession

from jobs.common.session import build

ROOT = Path(__file__).resolve().parents[1]
IS_CI = bool(os.environ.get("CI"))

# In CI the same commit is judged by the same examples; on a laptop each run looks at others.
settings.register_profile("house", deadline=None, derandomize=IS_CI, print_blob=True)
settings.load_profile("house")


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """Start the one Spark session of the whole run, with what jobs set themselves, such as UTC."""
    scratch = tmp_path_factory.mktemp("spark")
    options = {
        "spark.master": "local[2]",
        "spark.driver.memory": "2g",
        "spark.local.dir": str(scratch / "local"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
    }
    session = build("tests", options)
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Find the real data."""
    return find_shared_data()


def find_shared_data() -> Path:
    """Find the folder beside the checkout; a laptop may go without it, CI may not."""
    data = ROOT.parent / "shared" / "data"
    if not data.is_dir():
        message = f"{data}: expected the real data there, found no such folder"
        if IS_CI:
            pytest.fail(message)
        pytest.skip(message)
    return data
