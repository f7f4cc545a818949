"""Device messages for tests of whole runs, and the objects that hold them."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def message(device: str = "a", event: str = "1", **changes: Any) -> dict[str, Any]:
    """Make a good message of 2024-02-29, 05:00 UTC, but for the changes."""
    good = {"event_time": "2024-02-29T05:00:00Z", "received_at": "2024-02-29T06:00:00Z"}
    return {"device_id": device, "event_id": event, **good, **changes}


def put(path: Path, messages: Iterable[dict[str, Any] | str]) -> Path:
    """Write an object: a message a line, texts as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in messages))
    return path
