import msgspec
import pytest

from ingestion.firehose_transform.members import members_of, write


@pytest.mark.parametrize(
    ("message", "written"),
    [
        (b'{"a":1.50,"b":{"c":[ 1 ]}}', b'{"a":1.50,"b":{"c":[ 1 ]}}'),
        (b'{ "a" : 1E2 , "\\u0062":"\\u00e9"}', b'{"a":1E2,"b":"\\u00e9"}'),
        (b"{}", b"{}"),
    ],
)
def test_values_stay_as_they_were_written(message: bytes, written: bytes) -> None:
    members = members_of(message)
    assert members is not None
    assert write(members) == written


@pytest.mark.parametrize(
    "message",
    [
        b'{"a":1,"a":1}',
        b'{"a":1,"\\u0061":2}',
        b'{ "a":1,"b":{"c":1,"c":2}}',
        b'{ "a":NaN}',
        b'{"\xff":1}',
        b'{ "a":"\xff"}',
        b"[1]",
        b"",
        b'{"a":' + b"[" * 100_000,
    ],
    ids=[
        "a name twice",
        "twice by escape",
        "twice within",
        "no JSON",
        "no UTF-8",
        "within",
        "array",
        "nothing",
        "deep",
    ],
)
def test_what_is_not_safe_to_take_apart_is_none(message: bytes) -> None:
    assert members_of(message) is None


def test_one_member_is_replaced_and_no_other_changes() -> None:
    members = members_of(b'{"a":1,"b":2.0,"c":3}')
    assert members is not None
    members["b"] = msgspec.Raw(b"5")
    assert write(members) == b'{"a":1,"b":5,"c":3}'
