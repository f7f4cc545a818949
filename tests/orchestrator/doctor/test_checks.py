"""A check that may not look, or finds nothing to ask, is unknown and stops no other."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import EndpointConnectionError

from orchestrator.doctor.checks import Check, State, asked, missing, ok, unknown, warn
from tests.orchestrator.aws.pretended import client_error


def failing(error: Exception) -> Iterator[Check]:
    yield ok("first", "there")
    raise error


@pytest.mark.parametrize(
    ("error", "is_local", "last"),
    [
        (
            client_error("AccessDenied", "no"),
            False,
            unknown("it", "not allowed to look (AccessDenied)", "allow the caller iam:GetRole"),
        ),
        (
            client_error("403"),
            True,
            unknown("it", "not allowed to look (403)", "allow the caller iam:GetRole"),
        ),
        (client_error("Odd", "very"), False, unknown("it", "Odd: very")),
        (client_error("501", "not here"), True, unknown("it", "the embedded AWS does not have it")),
        (client_error("501", "not here"), False, unknown("it", "501: not here")),
        (
            EndpointConnectionError(endpoint_url="http://e"),
            False,
            unknown("it", 'EndpointConnectionError: Could not connect to the endpoint URL: "http://e"'),
        ),
        (EndpointConnectionError(endpoint_url="e"), True, unknown("it", "the embedded AWS does not have it")),
    ],
)
def test_what_fails_is_told_after_what_was_found(error: Exception, is_local: bool, last: Check) -> None:
    assert asked("it", "iam:GetRole", lambda: failing(error), is_local=is_local) == [
        ok("first", "there"),
        last,
    ]


def test_what_does_not_fail_is_what_was_found() -> None:
    found = [ok("a", "1"), warn("b", "2", "do"), missing("c", "3", "make")]
    assert asked("it", "", lambda: found, is_local=False) == found
    assert [each.state for each in found] == [State.OK, State.WARN, State.MISSING]
