"""The messages of runs that insert, correct, repeat and spoil rows of each other."""

import json


def make_messages() -> dict[str, list[str]]:
    """Make the messages of three runs: new rows, corrections, duplicates, late rows and bad ones over four days."""
    keys = [(device, day, event) for device in "abc" for day in (1, 2, 3) for event in range(4)]
    bad = ["{", "[]", '{"device_id":"x"}', '"\xff"', _message(("d", 9, 1), minute=1, pm2_5=-1.0)]
    moved = [(device, day + 1, event + 2) for device, day, event in keys]
    return {
        "first": [_message(key, minute=1) for key in keys] + bad[:2],
        "second": [
            *(_message(key, minute=5, pm2_5=2.0) for key in keys[::3]),
            *(_message(key, minute=1) for key in keys[::4]),
            *(_message(key, minute=3, pm2_5=3.0) for key in moved),
            *bad,
        ],
        "other": [
            *(_message(key, minute=4, pm2_5=4.0) for key in keys[::2]),
            *(_message(key, minute=3, pm2_5=5.0) for key in moved[::2]),
            *(_message(("e", day, 0), minute=2) for day in (2, 5)),
            *bad[2:4],
        ],
    }


def _message(key: tuple[str, int, int], minute: int, **metrics: float) -> str:
    device, day, event = key
    instant = f"2024-03-0{day}T{event * 3:02}"
    return json.dumps(
        {
            "device_id": device,
            "event_id": f"{day}-{event}",
            "event_time": f"{instant}:00:00Z",
            "received_at": f"{instant}:{minute:02}:00Z",
            "metrics": metrics,
        }
    )
