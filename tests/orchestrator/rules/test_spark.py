"""What configurations say of Spark."""

import pytest

from orchestrator.config.limits import Limits
from orchestrator.rules.cluster import Cluster
from orchestrator.rules.spark import executor, exported, mebibytes, properties


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4g", 4096),
        ("512m", 512),
        ("512", 512),
        ("1.5G", 1536),
        ("1024kb", 1),
        ("1t", 1024**2),
        ("x", None),
        ("", None),
    ],
)
def test_sizes_are_read_as_spark_does(text: str, size: float | None) -> None:
    assert mebibytes(text) == size


def _cluster(**given: str) -> Cluster:
    defaults = {f"spark.executor.{name}": value for name, value in given.items()}
    return Cluster(
        {"Configurations": [{"Classification": "spark-defaults", "Properties": defaults}]}, Limits()
    )


@pytest.mark.parametrize(
    ("given", "sizes"),
    [
        ({"cores": "4", "memory": "8g"}, (4, 8192, 819.2, 0)),
        ({"cores": "1", "memory": "1g"}, (1, 1024, 384, 0)),
        (
            {"cores": "1", "memory": "1g", "memoryOverhead": "2g", "pyspark.memory": "1g"},
            (1, 1024, 2048, 1024),
        ),
        ({"cores": "1", "memory": "8g", "memoryOverheadFactor": "0.5"}, (1, 8192, 4096, 0)),
        ({"cores": "x", "memory": "8g"}, None),
        ({"cores": "4"}, None),
    ],
)
def test_an_executor_has_a_size(given: dict[str, str], sizes: tuple[float, ...] | None) -> None:
    found = executor(_cluster(**given))
    assert (found and (found.cores, found.memory, found.overhead, found.python)) == sizes


def test_what_is_not_configured_is_empty() -> None:
    empty = Cluster({"Configurations": [{}]}, Limits())
    assert properties(empty, "spark-defaults").given == {}
    assert exported(empty, "spark-env", "PYSPARK_PYTHON") is None
