"""The recipe of docs/firehose_transform.md works as it stands."""

import re
from pathlib import Path
from typing import Any

import pytest

from ingestion.firehose_transform.handler import handler
from ingestion.firehose_transform.partitions import KEYS
from ingestion.firehose_transform.streams import registry
from ingestion.firehose_transform.streams.stream import Stream
from ingestion.firehose_transform.streams.units import UNITS
from tests.ingestion.firehose_transform.making import data_of, raw_event

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "firehose_transform.md").read_text(encoding="utf-8")


def test_a_stream_is_added_as_the_page_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    module, line, test = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    doors: Any = type("doors", (), {})
    names: dict[str, Any] = {}
    exec(module, names)  # noqa: S102 - the page's own code
    doors.transform = staticmethod(names["transform"])
    exec(test, names)  # noqa: S102 - the page's own code
    names["test_a_sample_is_normalised"]()
    stream = eval(line, {"Stream": Stream, "doors": doors})  # noqa: S307 - the page's own code
    monkeypatch.setattr(registry.choose_stream, "__defaults__", ((*registry.STREAMS, stream),))
    event = raw_event([b'{"at":1709208000}{"at":soon}'])
    event["deliveryStreamArn"] = "arn:aws:firehose:us-east-1:1:deliverystream/front-doors"
    (answer,) = handler(event, None)["records"]
    assert data_of(answer) == b'{"event_time":"2024-02-29T12:00:00Z"}\n{"at":soon}\n'


def test_the_page_names_every_unit_and_key() -> None:
    assert {name for name in re.findall(r"`([a-z_]+)`", PAGE) if name in UNITS} == UNITS.keys()
    assert f"`{','.join(KEYS)}`" in PAGE
