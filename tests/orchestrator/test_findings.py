"""Findings: their words, and which of them stop everything."""

import pytest

from orchestrator.errors import UsageError
from orchestrator.findings import Finding, FindingsError, Level, dotted_path, errors, refuse_errors, shown

WRONG = Finding(
    level=Level.ERROR,
    file="nightly.yaml",
    line=7,
    path=("Instances", "InstanceFleets", 1, "TargetSpotCapacity"),
    problem="no whole number",
    value="'ten'",
    expected="0 or more",
    source="https://example.org",
)
ADVICE = Finding(level=Level.WARNING, file="nightly.yaml", problem="no LogUri")


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (
            WRONG,
            (
                "nightly.yaml:7: ERROR: Instances.InstanceFleets[1].TargetSpotCapacity: no whole number, got 'ten'; "
                "expected 0 or more; see https://example.org"
            ),
        ),
        (ADVICE, "nightly.yaml: WARNING: no LogUri"),
    ],
)
def test_a_finding_is_a_line(finding: Finding, text: str) -> None:
    assert str(finding) == text


def test_errors_stop_everything_all_of_them_at_once() -> None:
    with pytest.raises(FindingsError) as stopped:
        refuse_errors([WRONG, ADVICE, WRONG])
    assert stopped.value.findings == errors([WRONG, ADVICE, WRONG]) == (WRONG, WRONG)
    assert str(stopped.value).count("\n") == 2
    assert isinstance(stopped.value, UsageError)


def test_advice_stops_nothing() -> None:
    refuse_errors([ADVICE])


@pytest.mark.parametrize(
    ("path", "text"), [((), ""), (("a",), "a"), (("a", 0, "b", 2, 3), "a[0].b[2][3]"), ((1, "a"), "[1].a")]
)
def test_a_path_is_written_with_dots_and_brackets(path: tuple[str | int, ...], text: str) -> None:
    assert dotted_path(path) == text


def test_a_long_value_is_shortened() -> None:
    assert shown("a\nb") == "'a\\nb'"
    assert len(shown("x" * 1000)) == 80
