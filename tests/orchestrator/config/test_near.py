"""The name that was meant."""

import pytest

from orchestrator.config.near import meant, near


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("instancefleets", "InstanceFleets"),
        ("Instance_Fleets", "InstanceFleets"),
        ("InstanceFleet", "InstanceFleets"),
        ("Tag", "Tags"),
        ("Subnets", None),
        ("x" * 100_000, None),
    ],
)
def test_the_nearest_name_is_found_if_it_is_near(name: str, found: str | None) -> None:
    assert near(name, ["InstanceFleets", "Tags"]) == found


def test_what_was_meant_is_asked() -> None:
    assert meant("Tag", ["Tags"]) == "; did you mean Tags?"
    assert meant("Tag", []) == ""
