import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.firehose_transform.fitting import Fit, Size, answer_bytes, base64_bytes, fit, surely_fit

AROUND = len('{"records": []}')


@pytest.mark.parametrize(
    ("sizes", "most", "fitted"),
    [
        ([Size(50, 40, 20), Size(60, 40, 20)], 110, Fit({}, True)),
        ([Size(50, 40, 20), Size(60, 40, 20)], 109, Fit({1: 40}, True)),
        ([Size(60, 40, 20), Size(50, 40, 20)], 90, Fit({0: 40}, True)),
        ([Size(60, 40, 20), Size(60, 40, 20, is_marked=True)], 100, Fit({0: 40}, True)),
        ([Size(60, 40, 20), Size(20, 40, 20), Size(60, 40, 20)], 140, Fit({}, True)),
        ([Size(40, 40, 20), Size(40, 40, 20)], 79, Fit({1: 20}, False)),
    ],
    ids=["all", "the last not", "the first not", "sent back before", "shrunk", "originals too long"],
)
def test_records_fit_in_order_with_room_for_every_original(sizes: list[Size], most: int, fitted: Fit) -> None:
    assert fit(sizes, most + AROUND) == fitted


@given(st.lists(st.tuples(st.integers(20, 300), st.integers(20, 90), st.booleans())), st.integers(0, 2_000))
def test_whatever_becomes_of_the_rest_the_answer_fits(
    given_sizes: list[tuple[int, int, bool]], spare: int
) -> None:
    sizes = [Size(written, failed, 20, mark) for written, failed, mark in given_sizes]
    most = AROUND + sum(size.failed for size in sizes) + spare
    fitted = fit(sizes, most)
    lengths = [fitted.rooms.get(place, size.written) for place, size in enumerate(sizes)]
    assert AROUND + sum(lengths) <= most


@given(
    st.text(max_size=20),
    st.binary(max_size=50),
    st.none() | st.dictionaries(st.sampled_from(["year", "type"]), st.just("2024")),
)
def test_a_length_is_never_below_the_real_one(
    record_id: str, data: bytes, keys: dict[str, str] | None
) -> None:
    text = base64.b64encode(data).decode()
    answer = {"recordId": record_id, "result": "ProcessingFailed", "data": text}
    if keys:
        answer |= {"metadata": {"partitionKeys": keys}}  # type: ignore[dict-item] # as Lambda writes it
    real = len(", " + json.dumps(answer, ensure_ascii=False))
    assert base64_bytes(len(data)) == len(text)
    assert real <= answer_bytes(record_id, len(text), keys) + 2
    if not keys or len(keys) < 2:
        assert not surely_fit(1, len(data), len(record_id), real - 1)
