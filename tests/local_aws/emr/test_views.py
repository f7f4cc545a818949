"""Small parts of answers; whole ones are in operations/."""

import pytest

from local_aws.emr.entities import Status
from local_aws.emr.views import present, seconds, status_of


def test_members_without_a_value_are_left_out() -> None:
    assert present({"a": None, "b": 0, "c": "", "d": []}) == {"b": 0, "c": "", "d": []}


@pytest.mark.parametrize(
    ("milliseconds", "expected"), [(None, None), (0, 0.0), (1_468_506_436_972, 1468506436.972)]
)
def test_instants_are_seconds(milliseconds: int | None, expected: float | None) -> None:
    assert seconds(milliseconds) == expected


def test_a_status_tells_its_reason_and_the_times_that_have_come() -> None:
    assert status_of(Status("PENDING", 1000)) == {
        "State": "PENDING",
        "StateChangeReason": {},
        "Timeline": {"CreationDateTime": 1.0},
    }
    told = status_of(Status("X", 0, "CODE", "text", started_at=1000, ready_at=2000, ended_at=3000))
    assert told["StateChangeReason"] == {"Code": "CODE", "Message": "text"}
    assert told["Timeline"] == {
        "CreationDateTime": 0.0,
        "StartDateTime": 1.0,
        "ReadyDateTime": 2.0,
        "EndDateTime": 3.0,
    }
