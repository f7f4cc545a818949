import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.devices.errors import SourceError
from ingestion.devices.plan import BLOCK_SLOTS, Rates
from ingestion.devices.reasons import REASONS, each_reason
from ingestion.devices.running import delivery_of
from ingestion.devices.synthetic import simulate
from tests.ingestion.deliveries import assert_truth, contents, deliver, small_plan
from tests.ingestion.judge import judge, unpack

RATE = st.floats(0, 0.12)


def test_the_truth_is_what_a_judge_finds_with_every_fault_and_every_trouble(tmp_path: Path) -> None:
    plan = small_plan(messages=6_000, faults=each_reason(50, heavy_at_most=14))
    truth = deliver(plan, tmp_path, messages_per_object=500)
    assert_truth(truth, judge(tmp_path))
    assert truth.rows.read == plan.messages
    assert list(truth.rows.quarantined) == list(REASONS)
    assert truth.delivered.damaged_objects == 14


@settings(max_examples=25)
@given(
    rates=st.builds(Rates, RATE, RATE, RATE, RATE, out_of_order=st.floats(0, 1), glue=st.floats(0, 1)),
    seed=st.integers(0, 2**40),
    per_object=st.integers(1, 120),
    per_reason=st.integers(0, 2),
)
def test_the_truth_holds_whatever_is_asked_for(
    rates: Rates, seed: int, per_object: int, per_reason: int
) -> None:
    plan = small_plan(400, seed, rates, each_reason(per_reason, heavy_at_most=1))
    with TemporaryDirectory() as folder:
        assert_truth(deliver(plan, Path(folder), per_object), judge(Path(folder)))


def test_more_than_one_block_is_counted_as_one_delivery(tmp_path: Path) -> None:
    plan = small_plan(messages=BLOCK_SLOTS + 1)
    truth = deliver(plan, tmp_path, messages_per_object=10_000)
    assert_truth(truth, judge(tmp_path))
    assert truth.kinds["late"] == round(plan.messages * plan.rates.late)


def test_every_kind_comes_in_the_number_asked_for(tmp_path: Path) -> None:
    truth = deliver(small_plan(messages=1_000, faults={"not_an_object": 17}), tmp_path)
    expected = {
        "late": 50,
        "duplicate": 40,
        "corrected": 60,
        "rescued": 50,
        "faulty": 17,
        "out_of_order": 100,
    }
    assert {kind: truth.kinds[kind] for kind in expected} == expected
    assert 0 < truth.kinds["glued"] <= 300


def test_the_same_plan_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    plan = small_plan(faults=each_reason(1, heavy_at_most=1))
    for name, each in {"a": plan, "b": plan, "c": replace(plan, seed=8)}.items():
        deliver(each, tmp_path / name)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert set(contents(tmp_path / "a").values()).isdisjoint(contents(tmp_path / "c").values())


def test_a_second_time_into_the_same_folder_changes_nothing(tmp_path: Path) -> None:
    first = deliver(small_plan(), tmp_path)
    before = contents(tmp_path)
    assert (deliver(small_plan(), tmp_path), contents(tmp_path)) == (first, before)


def test_an_object_with_other_bytes_is_never_overwritten(tmp_path: Path) -> None:
    deliver(small_plan(), tmp_path)
    path = next(tmp_path.rglob("*.gz"))
    path.write_bytes(b"mine")
    with pytest.raises(SourceError, match="found other bytes; nothing was overwritten"):
        deliver(small_plan(), tmp_path)
    assert path.read_bytes() == b"mine"


def test_a_correction_is_received_after_what_it_corrects_and_differs(tmp_path: Path) -> None:
    deliver(small_plan(rates=Rates(correction=0.3)), tmp_path)
    accepted = judge(tmp_path).accepted
    pairs = [key for key, count in Counter(message["event_id"] for message in accepted).items() if count > 1]
    assert len(pairs) == 90
    for event_id in pairs:
        one, two = (message for message in accepted if message["event_id"] == event_id)
        assert one["event_time"] == two["event_time"]
        assert one["received_at"] != two["received_at"]
        assert one["metrics"]["pm2_5"] != two["metrics"]["pm2_5"]


def test_repetitions_are_the_same_to_the_byte(tmp_path: Path) -> None:
    deliver(small_plan(rates=Rates(duplicate=0.5)), tmp_path)
    accepted = judge(tmp_path).accepted
    assert {accepted.count(message) for message in accepted} == {2}


def test_messages_are_glued_only_if_asked_for(tmp_path: Path) -> None:
    deliver(small_plan(rates=Rates(glue=1.0)), tmp_path / "glued", messages_per_object=1_000)
    deliver(small_plan(rates=Rates()), tmp_path / "lines", messages_per_object=1_000)
    assert [_lines(tmp_path / name) for name in ("glued", "lines")] == [1, 300]


def test_unknown_fields_stand_at_every_depth(tmp_path: Path) -> None:
    truth = deliver(small_plan(rates=Rates(unknown_field=1.0)), tmp_path)
    accepted = judge(tmp_path).accepted
    assert truth.kinds["rescued"] == len(accepted) == 300
    known = [(message.keys(), message["location"].keys(), message["metrics"].keys()) for message in accepted]
    assert {name for keys in known for each in keys for name in each} >= {
        "battery",
        "tags",
        "altitude_m",
        "uv_index",
    }


def test_objects_lie_under_the_utc_hour_of_their_oldest_message(tmp_path: Path) -> None:
    deliver(small_plan(), tmp_path)
    for path in contents(tmp_path):
        hour, name = path.rsplit("/", 1)
        pattern = rf"device-readings-1-{hour.replace('/', '-')}-[0-5]\d-[0-5]\d-[0-9a-f-]{{36}}\.gz"
        assert re.fullmatch(pattern, name), path


def test_malformed_lines_in_a_row_are_counted_one_by_one(tmp_path: Path) -> None:
    truth = deliver(small_plan(400, rates=Rates(glue=1.0), faults={"malformed_json": 400}), tmp_path)
    assert_truth(truth, judge(tmp_path))


@pytest.mark.parametrize(("rate", "in_order"), [(0.0, True), (0.2, False)])
def test_messages_are_out_of_order_only_if_asked_for(tmp_path: Path, rate: float, *, in_order: bool) -> None:
    deliver(small_plan(rates=Rates(out_of_order=rate)), tmp_path)
    slots = [message["event_id"].rsplit("-", 1)[1] for message in judge(tmp_path).accepted]
    assert (slots == sorted(slots)) is in_order


def test_progress_tells_every_message(tmp_path: Path) -> None:
    told: list[int] = []
    simulate(small_plan(), delivery_of(tmp_path, 50, {}), told.append)
    assert sum(told) == 300


def _lines(folder: Path) -> int:
    return sum(unpack(content)[0].count(b"\n") for content in contents(folder).values())
