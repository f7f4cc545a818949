"""Release labels as numbers."""

import pytest

from orchestrator.rules.releases import Release, is_from, parse


@pytest.mark.parametrize(
    ("label", "release"),
    [
        ("emr-7.14.0", (7, 14, 0)),
        ("emr-spark-8.0.0", (8, 0, 0)),
        ("emr-6.10.0", (6, 10, 0)),
        ("emr-7.14", None),
        ("emr-7.014.0", None),
        ("EMR-7.14.0", None),
        ("emr-7.14.0\n", None),
        ("emr-spark-8.0-preview", None),
        ("emr-99999.0.0", None),
    ],
)
def test_both_forms_are_read(label: str, release: Release | None) -> None:
    assert parse(label) == release


def test_releases_compare_by_numbers_not_by_digits() -> None:
    assert is_from((6, 10, 0), (6, 9))
    assert not is_from((6, 9, 1), (6, 10))
    assert not is_from((6, 0, 1), (5, 30), without=(6, 0))
    assert is_from((6, 1, 0), (5, 30), without=(6, 0))
