"""Requests of every operation, with one value replaced."""

from benchmarks.emr_chaos.odd_requests import SAMPLES, VALUES, odd_request
from local_aws.emr.emulator import OPERATIONS

NAMED = {"CLUSTER": "j-1", "STEP": "s-1", "FLEET": "if-1"}


def test_there_is_a_request_of_every_operation() -> None:
    assert set(SAMPLES) == set(OPERATIONS)


def test_place_0_is_the_request_itself_and_no_other_is_touched() -> None:
    whole = odd_request("CancelSteps", NAMED, 0, 3)
    assert whole == {
        "ClusterId": "j-1",
        "StepIds": ["s-1"],
        "StepCancellationOption": "TERMINATE_PROCESS",
    }
    changed = odd_request("CancelSteps", NAMED, 2, 3)
    assert changed == {**whole, "StepIds": [VALUES[3]]}
    assert odd_request("CancelSteps", NAMED, 0, 3) == whole


def test_every_value_at_any_depth_is_replaced_by_some_place() -> None:
    whole = odd_request("AddTags", NAMED, 0, 0)
    changed = [odd_request("AddTags", NAMED, place, 1) for place in range(1, 6)]
    assert len({str(each) for each in [whole, *changed]}) == 6
    assert {"Key": "a", "Value": True} in [each["Tags"][0] for each in changed if each["Tags"] is not True]
