from pathlib import Path

import pytest

from ingestion.devices.errors import UsageError
from ingestion.devices.follow_up import FollowUp, look_back, plan_of
from ingestion.devices.plan import Rates
from ingestion.devices.reasons import each_reason
from ingestion.devices.running import delivery_of
from ingestion.devices.truth import MadeBy, Truth, read_truth
from tests.ingestion.deliveries import contents, deliver, pm2_5_by_date, rows_by_date, small_plan
from tests.ingestion.judge import Verdict, judge

COUNTS = {"late": 31, "corrected": 47, "repeated": 23}


def _follow(first: Truth, output: Path, **counts: int) -> Truth:
    return look_back(FollowUp(plan_of(first), **(COUNTS | counts)), delivery_of(output, 20, {"follow-up": 1}))


def test_late_is_inserted_corrected_updates_and_repeated_is_a_duplicate(tmp_path: Path) -> None:
    first = deliver(small_plan(400, faults=each_reason(1, heavy_at_most=1)), tmp_path / "first")
    second = _follow(first, tmp_path / "second")
    before, both = judge(tmp_path / "first"), judge(tmp_path / "first", tmp_path / "second")
    old, new = before.table(), both.table()
    assert (second.rows.read, second.rows.accepted) == (101, 101)
    assert second.rows.inserted == len(new.keys() - old.keys()) == 31
    assert second.rows.updated == sum(old[key] != new[key] for key in old) == 47
    assert second.rows.duplicates == 23
    assert second.rows.quarantined == {}


def test_both_truths_together_are_the_table(tmp_path: Path) -> None:
    first = deliver(small_plan(400, rates=Rates(late=0.1, correction=0.2)), tmp_path / "first")
    second = _follow(first, tmp_path / "second")
    both = judge(tmp_path / "first", tmp_path / "second")
    for figure, found in (("inserted", rows_by_date(both)), ("pm2_5_tenths", pm2_5_by_date(both))):
        for day in found:
            changes = [truth.event_dates.get(day) for truth in (first, second)]
            assert found[day] == sum(getattr(change, figure) for change in changes if change), (figure, day)


def test_repetitions_are_the_same_to_the_byte(tmp_path: Path) -> None:
    first = deliver(small_plan(400), tmp_path / "first")
    _follow(first, tmp_path / "second", late=0, corrected=0)
    before = judge(tmp_path / "first").accepted
    assert all(message in before for message in judge(tmp_path / "second").accepted)


def test_late_rows_lie_on_dates_of_the_first_delivery(tmp_path: Path) -> None:
    first = deliver(small_plan(400), tmp_path / "first")
    second = _follow(first, tmp_path / "second", corrected=0, repeated=0)
    assert second.event_dates.keys() <= {"2024-03-01", "2024-03-02"} <= first.event_dates.keys()


def test_a_truth_from_a_file_gives_the_same_second_delivery(tmp_path: Path) -> None:
    first = deliver(small_plan(), tmp_path / "first")
    first.write(tmp_path / "truth.json")
    _follow(first, tmp_path / "one")
    _follow(read_truth(tmp_path / "truth.json"), tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_an_hour_lies_between_the_deliveries(tmp_path: Path) -> None:
    first = deliver(small_plan(), tmp_path / "first")
    _follow(first, tmp_path / "second")
    assert {path[:13] for path in contents(tmp_path / "second")} == {"2024/03/03/01"}


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({"late": -1}, "--late: expected 0 or more, got -1"),
        ({"late": 301}, "--late: expected at most 300, got 301"),
        (dict.fromkeys(COUNTS, 0), "expected --late, --corrected or --repeated above 0, got none"),
        ({"corrected": 290}, "--corrected, --repeated: expected at most"),
    ],
)
def test_what_cannot_be_had_is_refused(tmp_path: Path, counts: dict[str, int], message: str) -> None:
    first = deliver(small_plan(), tmp_path / "first")
    with pytest.raises(UsageError, match=message):
        _follow(first, tmp_path / "second", **counts)
    assert not (tmp_path / "second").exists()


@pytest.mark.parametrize(
    ("made_by", "message"),
    [
        (MadeBy("replay", {}), "--of: expected the truth of `synthetic`, got that of `replay`"),
        (MadeBy("synthetic", {"seed": "x"}), "--of: made_by.parameters: expected a plan, got: .*seed"),
    ],
)
def test_only_a_synthetic_delivery_is_followed(made_by: MadeBy, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        plan_of(Truth(made_by))


def test_an_empty_verdict_has_an_empty_table() -> None:
    assert Verdict().table() == {}
