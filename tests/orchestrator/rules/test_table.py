"""All rules together: whatever has the right types has findings or none, and never a fault of ours."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.config.limits import Limits
from orchestrator.config.model import request_shape
from orchestrator.config.shape import check_shape
from orchestrator.rules import check
from tests.orchestrator.rules.holding import FAULTLESS, told
from tests.orchestrator.rules.requests import anything, values_of


def test_a_faultless_request_has_no_findings() -> None:
    assert told(FAULTLESS) == []


@given(values_of(request_shape()), st.sampled_from([Limits(), Limits(1.0, 60)]))
@settings(max_examples=100)
def test_rules_never_fail_on_a_request_of_the_right_shape(request_: dict[str, Any], limits: Limits) -> None:
    assert all(each.problem for each in check(check_shape(request_).request, limits))


@given(anything())
@settings(max_examples=100)
def test_rules_never_fail_on_what_the_shape_leaves_of_anything(request_: dict[str, Any]) -> None:
    assert all(each.problem for each in check(check_shape(request_).request, Limits()))
