"""What AWS's limits are is told twice here, by our rules and by the embedded AWS: they say the same.

Both were written from AWS's documentation, neither from the other. Where they differ, the reason is in `_kept`.
"""

from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
from botocore.validate import ParamValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.api.errors import AwsError
from orchestrator.config.limits import Limits
from orchestrator.config.model import request_shape
from orchestrator.config.shape import check_shape
from orchestrator.findings import Level, dotted_path
from orchestrator.rules import check
from tests.local_aws.emr.launching import Laptop
from tests.orchestrator.rules.edits import EDITS, GROUP_EDITS
from tests.orchestrator.rules.holding import change, changed

_SINGLE = [(path, value) for path, values in EDITS.items() for value in values]
_SINGLE_OF_GROUPS = [(path, value) for path, values in GROUP_EDITS.items() for value in values]


def _laptop() -> Laptop:
    laptop = Laptop()
    laptop.call("CreateSecurityConfiguration", Name="encrypted", SecurityConfiguration="{}")
    return laptop


LAPTOP = _laptop()


def _errors(request: dict[str, Any]) -> list[str]:
    shaped = check_shape(request)
    found = (*shaped.problems, *check(shaped.request, Limits()))
    return [f"{dotted_path(each.path)}: {each.problem}" for each in found if each.level is Level.ERROR]


def _refusal(request: dict[str, Any]) -> str | None:
    """Ask boto3's validator, then the embedded AWS."""
    report = ParamValidator().validate(request, request_shape())
    if report.has_errors():
        return str(report.generate_report())
    try:
        LAPTOP.emr.call("RunJobFlow", deepcopy(request))
    except AwsError as refused:
        return str(refused)
    return None


def _kept(error: str) -> bool:
    """Tell of our errors that the embedded AWS does not have."""
    return "steps run beside each other" in error  # TERMINATE_CLUSTER would do nothing: aws_facts B13


def _assert_agreed(request: dict[str, Any]) -> None:
    ours, theirs = _errors(request), _refusal(request)
    if theirs is None:
        assert [each for each in ours if not _kept(each)] == []
    else:
        assert ours, theirs


@pytest.mark.parametrize("edit", _SINGLE, ids=lambda edit: f"{edit[0]}={str(edit[1])[:40]}")
def test_one_change_is_judged_alike(edit: tuple[str, Any]) -> None:
    _assert_agreed(changed({edit[0]: edit[1]}))


@pytest.mark.parametrize("edit", _SINGLE_OF_GROUPS, ids=lambda edit: f"{edit[0]}={str(edit[1])[:40]}")
def test_one_change_of_groups_is_judged_alike(edit: tuple[str, Any]) -> None:
    _assert_agreed(changed({edit[0]: edit[1]}, of_groups=True))


@given(st.data(), st.booleans())
@settings(max_examples=300)
def test_several_changes_are_judged_alike(data: st.DataObject, of_groups: bool) -> None:
    edits = GROUP_EDITS if of_groups else EDITS
    paths = data.draw(st.lists(st.sampled_from(sorted(edits)), min_size=2, max_size=4, unique=True))
    request = changed({}, of_groups)
    for path in paths:
        with suppress(
            KeyError, IndexError, TypeError
        ):  # an earlier change has taken away what this one would
            change(request, path, data.draw(st.sampled_from(edits[path])))
    _assert_agreed(request)
