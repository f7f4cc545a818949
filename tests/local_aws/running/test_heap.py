"""How much memory a step gets."""

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from local_aws.running.heap import Heap, heap_of
from local_aws.running.spark_command import CannotRunError, parse


def heap(arguments: list[str], most: int = 8192, given: Mapping[str, str] = MappingProxyType({})) -> Heap:
    spark = parse("command-runner.jar", ["spark-submit", *arguments, "j.py"])
    properties = {f"spark.{name}.memory": size for name, size in given.items()}
    return heap_of(spark, {**properties, **spark.properties}, most)


@pytest.mark.parametrize(
    ("arguments", "given", "mib", "need"),
    [
        ([], {}, 1024, 1024 + 384),
        (["--driver-memory", "5g"], {}, 5120, 5120 + 512),
        (["--driver-memory", "2g", "--conf", "spark.executor.memory=4g"], {}, 4096, 4096 + 409),
        (["-c", "spark.driver.memory=3g"], {}, 3072, 3072 + 384),
        (["--executor-memory", "2g"], {"executor": "5g"}, 2048, 2048 + 384),
        ([], {"driver": "4g"}, 4096, 4096 + 409),
        (["--driver-memory", "512m"], {}, 1024, 1024 + 384),
    ],
)
def test_a_heap_is_what_driver_or_executor_ask_for(
    arguments: list[str], given: dict[str, str], mib: int, need: int
) -> None:
    assert heap(arguments, given=given) == Heap(("--driver-memory", f"{mib}m"), need)


def test_a_heap_goes_as_far_as_the_machine_and_says_so() -> None:
    note = "memory: 102400 MiB are asked for, 7447 MiB given: the machine has no more for steps"
    assert heap(["--executor-memory", "100g"]) == Heap(("--driver-memory", "7447m"), 7447 + 744, (note,))


def test_a_machine_with_less_than_spark_starts_with_runs_no_step() -> None:
    assert heap([], 896).options == ("--driver-memory", "512m")
    with pytest.raises(CannotRunError, match=r"expected at least 896 MiB for steps, .* got 895"):
        heap([], 895)


@pytest.mark.parametrize("size", ["1.5g", "much"])
def test_a_size_that_is_none_is_left_to_spark(size: str) -> None:
    assert heap(["--driver-memory", size]).options == ()
