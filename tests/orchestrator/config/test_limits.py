"""Our limits: from the edge to one beyond."""

from typing import Any

import pytest

from orchestrator.config.limits import Limits, check_limits
from orchestrator.findings import dotted_path


@pytest.mark.parametrize(
    ("block", "limits"),
    [
        (None, Limits(None, None)),
        ({}, Limits(None, None)),
        ({"max_lifetime_hours": 8760, "idle_timeout_seconds": 604_800}, Limits(8760, 604_800)),
        ({"max_lifetime_hours": 0.0834, "idle_timeout_seconds": 60}, Limits(0.0834, 60)),
    ],
)
def test_limits_are_read(block: Any, limits: Limits) -> None:
    checked = check_limits(block)
    assert (checked.limits, checked.problems) == (limits, ())


@pytest.mark.parametrize(
    ("block", "place", "problem", "expected"),
    [
        ([], "limits", "the wrong type", "names and values"),
        (
            {"max_lifetime": 1},
            "limits.max_lifetime",
            "unknown key; did you mean max_lifetime_hours?",
            "one of max_lifetime_hours, idle_timeout_seconds",
        ),
        *[
            (
                {"max_lifetime_hours": value},
                "limits.max_lifetime_hours",
                "no lifetime",
                "a number of hours, from 0.0834 (5 minutes) to 8,760 (a year)",
            )
            for value in (0.08, 8761, True, "8", None)
        ],
        *[
            (
                {"idle_timeout_seconds": value},
                "limits.idle_timeout_seconds",
                "no idle time-out",
                "a whole number of seconds, from 60 to 604,800 (7 days)",
            )
            for value in (59, 604_801, 60.5, True, "60")
        ],
    ],
)
def test_what_is_wrong_is_told_and_left_out(block: Any, place: str, problem: str, expected: str) -> None:
    checked = check_limits(block)
    assert checked.limits == Limits(None, None)
    assert [(dotted_path(each.path), each.problem, each.expected) for each in checked.problems] == [
        (place, problem, expected)
    ]
