"""What tests of the simulator ask for again and again: a small plan, and its delivery judged."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from ingestion.devices.plan import Plan, Rates
from ingestion.devices.running import delivery_of
from ingestion.devices.synthetic import simulate
from ingestion.devices.truth import Truth
from tests.ingestion.judge import Verdict

START = datetime(2024, 3, 1, tzinfo=UTC)
EVERY_RATE = Rates(late=0.05, duplicate=0.04, correction=0.06, unknown_field=0.05, out_of_order=0.1, glue=0.3)


def small_plan(
    messages: int = 300, seed: int = 7, rates: Rates = EVERY_RATE, faults: dict[str, int] | None = None
) -> Plan:
    return Plan(seed, 11, messages, START, 48.0, rates, faults or {})


def deliver(plan: Plan, output: Path, messages_per_object: int = 50) -> Truth:
    return simulate(plan, delivery_of(output, messages_per_object, {"seed": plan.seed}))


def assert_truth(truth: Truth, verdict: Verdict) -> None:
    """Compare a truth with what a judge found in a delivery that goes into an empty table."""
    table = verdict.table()
    assert verdict.quarantined == truth.rows.quarantined
    assert (verdict.read, len(verdict.accepted)) == (truth.rows.read, truth.rows.accepted)
    assert (len(table), len(table)) == (truth.rows.inserted, truth.unique_keys)
    assert truth.rows.duplicates == len(verdict.accepted) - len(table)
    assert rows_by_date(verdict) == {day: change.inserted for day, change in truth.event_dates.items()}
    assert pm2_5_by_date(verdict) == {day: change.pm2_5_tenths for day, change in truth.event_dates.items()}
    assert (verdict.objects, verdict.bytes) == (truth.delivered.objects, truth.delivered.bytes)


def rows_by_date(verdict: Verdict) -> Counter[str]:
    return Counter(day for day, _, _ in verdict.table())


def pm2_5_by_date(verdict: Verdict) -> Counter[str]:
    sums: Counter[str] = Counter()
    for (day, _, _), message in verdict.table().items():
        sums[day] += round(10 * float(message["metrics"].get("pm2_5", 0)))
    return sums


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.*"))}
