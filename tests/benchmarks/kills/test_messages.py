"""The messages of runs that are killed."""

import json

from benchmarks.kills.messages import make_messages


def test_the_runs_insert_correct_repeat_and_spoil_rows_of_each_other() -> None:
    runs = {name: {line for line in lines if '"event_id"' in line} for name, lines in make_messages().items()}
    assert runs["first"] & runs["second"]
    keys = {
        name: {(each["device_id"], each["event_id"]) for each in map(json.loads, lines)}
        for name, lines in runs.items()
    }
    assert keys["first"] & keys["second"] & keys["other"]
    assert keys["second"] - keys["first"] - keys["other"]
    assert keys["other"] - keys["first"] - keys["second"]
