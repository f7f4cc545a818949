"""What counts is taken out of what each part says of itself."""

import json
from pathlib import Path
from typing import Any

from scripts.demo_road.accounting import Devices, Ledger, Manifests
from scripts.demo_road.gathering import Given, devices, documents, ledger, manifests

ROWS = {
    "read": 9,
    "accepted": 7,
    "inserted": 5,
    "updated": 1,
    "duplicates": 1,
    "quarantined": {"a": 1, "b": 1},
}


def test_devices_say_what_a_table_must_hold_of_their_messages() -> None:
    truth: dict[str, Any] = {
        "rows": ROWS,
        "unique_keys": 6,
        "kinds": {"regular": 8, "heartbeat": 4},
        "event_dates": {"2024-03-01": {"pm2_5_tenths": 30}, "2024-03-02": {"pm2_5_tenths": -4}},
    }
    given = Given(3, 1, {"acknowledged": 12, "sent_again": 2}, {}, {})
    assert devices(truth, given) == Devices(
        messages=9,
        heartbeats=4,
        records=12,
        sent_again=2,
        damaged=3,
        quarantined=2,
        rows=6,
        pm2_5_tenths=26,
    )
    assert devices({**truth, "kinds": {}}, given).heartbeats == 0


def test_the_ledger_says_which_objects_are_done_and_which_are_not() -> None:
    counts = [{"state": "done", "objects": 4}, {"state": "dead", "objects": 1}]
    assert ledger({"counts": counts}) == Ledger(done=4, others={"dead": 1})


def test_manifests_of_the_main_job_are_added_up(tmp_path: Path) -> None:
    told = [
        {"job": "device_readings", "inputs": [{}, {}], "rows": ROWS},
        {"job": "device_readings", "inputs": [{}], "rows": {**ROWS, "quarantined": {}}},
        {"job": "readings_hourly", "inputs": [{}], "rows": {"read": 99}},
    ]
    for number, each in enumerate(told):
        (tmp_path / f"{number}.json").write_text(json.dumps(each))
    (tmp_path / "other.txt").touch()
    assert documents(tmp_path) == told
    assert manifests(told) == Manifests(
        objects=3, read=18, accepted=14, inserted=10, updated=2, duplicates=2, quarantined=2
    )
