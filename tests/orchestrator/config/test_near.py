"""The name that was meant."""

import pytest

from orchestrator.config.near import meant, near, one_of


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


def test_what_is_accepted_is_listed_shortened() -> None:
    assert one_of(["b", "a"]) == "one of a, b"
    assert one_of(f"{n:02}" for n in range(21)).endswith("18, 19, … (21 in all)")
