"""Dollars, as commands tell them."""

import pytest

from orchestrator.commands.dollars import billed, document_of, estimated, usd
from orchestrator.planning.dollars import Estimate
from orchestrator.verbs.receipt import Billed, Receipt

FOUND = Estimate("us-east-1", "2023-02-03", {"a": 0.5, "b": 2000.0}, 5000.0, 0.0)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(0.0, "$0.00"), (0.00123, "$0.0012"), (0.01, "$0.01"), (1.005, "$1.00"), (12345.678, "$12,345.68")],
)
def test_an_amount_is_in_cents_or_in_parts_of_one(amount: float, expected: str) -> None:
    assert usd(amount) == expected


def test_an_estimate_says_what_each_job_begins_with_and_what_bounds_all() -> None:
    assert estimated(FOUND) == (
        "a from $0.50 an hour; b from $2,000.00 an hour; the application at most $5,000.00 an hour; "
        "prices of us-east-1 as of 2023-02-03"
    )


def test_with_minutes_it_says_what_the_run_costs() -> None:
    found = Estimate("us-east-1", "2023-02-03", {"a": 0.5}, 1.0, 0.25, 30)
    assert estimated(found) == (
        "a from $0.50 an hour; the application at most $1.00 an hour; its pre-initialised workers $0.25 an hour, "
        "used or not; with 30 minutes a job at least $0.25, at most $0.50; prices of us-east-1 as of 2023-02-03"
    )
    told = document_of(found)
    assert (told["jobs"], told["least_dollars"], told["most_dollars"]) == ({"a": 0.5}, 0.25, 0.5)


def test_what_is_not_known_is_said() -> None:
    found = Estimate("eu-west-1", "2023-02-03", {"a": None}, None, 0.0, 30)
    assert estimated(found) == (
        "a: not known, no workers have what it asks for; nothing bounds it; prices of eu-west-1 as of 2023-02-03"
    )
    assert estimated(None) == "unknown: the catalog has no prices of EMR Serverless in this Region"


def test_a_receipt_tells_hours_dollars_and_what_is_still_to_come() -> None:
    jobs = {"a": Billed(1, 1.5, 6.0, 0.0, 0.125), "b": Billed(2, 0.5, 2.0, 10.0, 0.05)}
    assert billed(Receipt("us-east-1", "2023-02-03", jobs, ["00c"])) == (
        "billed: 2.000 vCPU-hours, 8.000 GB-hours of memory, 10.000 of disk, for 3 job runs; "
        "$0.17 by the prices of us-east-1 as of 2023-02-03; not billed yet: 00c"
    )
    assert billed(Receipt("nowhere", "2023-02-03", {"a": Billed()})) == (
        "billed: 0.000 vCPU-hours, 0.000 GB-hours of memory, 0.000 of disk, for 0 job runs"
    )
