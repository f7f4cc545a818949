"""Memory that fits."""

import pytest

from local_aws.hadoop.fitting import Fitted, fitted

OVERHEAD = "spark.executor.memoryOverhead"


@pytest.mark.parametrize(
    ("heap", "given", "found"),
    [
        ("1g", {}, Fitted("1g", 1408)),
        ("2g", {}, Fitted("2g", 2432)),
        ("2g", {OVERHEAD: "1g"}, Fitted("2g", 3072)),
        ("2g", {f"{OVERHEAD}Factor": "0.5"}, Fitted("2g", 3072)),
        ("8g", {}, Fitted("2688m", 3072, "384m")),
        # As the project's own clusters ask for it.
        ("7g", {OVERHEAD: "3g"}, Fitted("2151m", 3072, "921m")),
        ("6g", {f"{OVERHEAD}Factor": "0.5"}, Fitted("2048m", 3072, "1024m")),
        ("8g", {"spark.driver.memoryOverhead": "3g"}, Fitted("2688m", 3072, "384m")),
        # Spark says what is wrong with these.
        ("lots", {}, Fitted("lots", 1408)),
        ("9g", {OVERHEAD: "much"}, Fitted("9g", 1408)),
        ("9g", {f"{OVERHEAD}Factor": "much"}, Fitted("9g", 1408)),
    ],
)
def test_memory_is_as_asked_for_or_the_same_parts_of_what_fits(
    heap: str, given: dict[str, str], found: Fitted
) -> None:
    assert fitted(heap, "executor", given, 3072) == found
