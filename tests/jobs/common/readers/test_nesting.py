import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jobs.common.readers.nesting import measure
from tests.jobs.common.readers.framing_examples import hostile, values, written


@given(value=values, after=st.sampled_from(["", " ", "{}", "]", "x"]))
def test_a_value_is_measured_as_the_standard_library_parses_it(value: Any, after: str) -> None:
    text = written(value)
    json.loads(text)
    assert measure(f" {text}{after}", 1) == (len(text) + 1, nesting(value)) or after == "x"


@given(data=hostile)
def test_only_json_is_measured(data: bytes) -> None:
    text = data.decode("utf-8", "replace").replace("\n", " ")
    end, _ = measure(text, 0)
    try:
        start = len(text) - len(text.lstrip(" \t\r"))
        parsed = json.JSONDecoder(parse_constant=lambda _: json.loads("?")).raw_decode(text, start)[1]
    except json.JSONDecodeError:
        parsed = 0
    assert end == parsed


def nesting(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(nesting, inner), default=0)
