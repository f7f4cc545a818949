"""Records of lines, and batches of records."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.devices.errors import SourceError
from ingestion.sending.records import MOST_BYTES, MOST_RECORDS, Record, batches, entries, records

lines = st.lists(st.binary(max_size=8).map(lambda data: data.replace(b"\n", b"") + b"\n"), max_size=30)


def test_a_line_is_a_record_by_its_device_and_what_is_glued_stays_together() -> None:
    made = list(
        records([b'{"device_id":"a","x":1}\n', b'{"device_id":"b"}', b'{"device_id":"c"}\n', b"last"])
    )
    assert [each.data for each in made] == [
        b'{"device_id":"a","x":1}',
        b'{"device_id":"b"}{"device_id":"c"}',
        b"last",
    ]
    assert made[0].key == "a"
    assert entries(made[:1]) == [{"Data": b'{"device_id":"a","x":1}', "PartitionKey": "a"}]


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff", b'{"device_id":7}', b'{"device_id":""}', b'{"device_id":"%s"}' % (b"x" * 257)],
)
def test_what_names_no_device_has_a_digest_for_its_key(data: bytes) -> None:
    [record] = records([data + b"\n"])
    assert len(record.key) == 16
    assert [each.key for each in records([data + b"\n"])] == [record.key]


def test_batches_end_at_500_records_or_ten_mebibytes_with_keys() -> None:
    assert [len(each) for each in batches([Record(b"", "k")] * 1001)] == [500, 500, 1]
    half = Record(b"x" * (MOST_BYTES // 2 - 1), "k")
    more = Record(b"x" * (MOST_BYTES // 2), "k")
    assert [len(each) for each in batches([half, half, half, more])] == [2, 1, 1]


@given(lines)
def test_no_record_is_lost_and_their_order_is_kept(given_lines: list[bytes]) -> None:
    made = [record for batch in batches(records(given_lines)) for record in batch]
    assert b"".join(each.data + b"\n" for each in made) == b"".join(given_lines)
    assert all(len(batch) <= MOST_RECORDS for batch in batches(made))


def test_what_no_call_takes_is_refused() -> None:
    message = msgspec.json.encode({"device_id": "d", "x": "y" * MOST_BYTES})
    with pytest.raises(SourceError, match="expected at most 10485760 with its key"):
        list(records([message + b"\n"]))
