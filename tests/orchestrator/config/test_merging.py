"""A file on top of another one."""

from typing import Any

import pytest

from orchestrator.config.merging import merged
from orchestrator.config.reading import read_bytes
from orchestrator.config.written import written


def _merged(below: str, above: str) -> Any:
    return merged(written(read_bytes("b", below.encode())), written(read_bytes("a", above.encode()))).plain()


@pytest.mark.parametrize(
    ("below", "above", "together"),
    [
        ("a: {b: 1, c: 2}", "a: {c: 3, d: 4}", {"a": {"b": 1, "c": 3, "d": 4}}),
        ("a: [1, 2]", "a: [3]", {"a": [3]}),
        ("a: {b: 1}", "a: 2", {"a": 2}),
        ("a: 1\nb: 2", "a: null", {"a": None, "b": 2}),
        ("Steps: [{Name: a}]", "Steps: [{Name: b}]", {"Steps": [{"Name": "b"}]}),
        (
            "InstanceFleets: [{InstanceFleetType: CORE, A: 1, B: [1]}, {InstanceFleetType: TASK}]",
            "InstanceFleets: [{InstanceFleetType: MASTER}, {InstanceFleetType: CORE, B: [2]}]",
            {
                "InstanceFleets": [
                    {"InstanceFleetType": "CORE", "A": 1, "B": [2]},
                    {"InstanceFleetType": "TASK"},
                    {"InstanceFleetType": "MASTER"},
                ]
            },
        ),
        (
            (
                "Configurations: [{Classification: c, Properties: {a: x, b: x}, "
                "Configurations: [{Classification: export, Properties: {P: x}}]}]"
            ),
            (
                "Configurations: [{Classification: c, Properties: {b: y}, "
                "Configurations: [{Classification: export, Properties: {Q: y}}, {Classification: d}]}]"
            ),
            {
                "Configurations": [
                    {
                        "Classification": "c",
                        "Properties": {"a": "x", "b": "y"},
                        "Configurations": [
                            {"Classification": "export", "Properties": {"P": "x", "Q": "y"}},
                            {"Classification": "d"},
                        ],
                    }
                ]
            },
        ),
        (
            "Tags: [{Key: a, Value: x}, {Key: b, Value: x}]",
            "Tags: [{Key: b, Value: y}, {Key: c, Value: y}]",
            {"Tags": [{"Key": "a", "Value": "x"}, {"Key": "b", "Value": "y"}, {"Key": "c", "Value": "y"}]},
        ),
        # What has no name is added, and two of one name in a file stay two, for the rules to tell.
        ("Tags: [{Value: x}]", "Tags: [{Value: y}, 1]", {"Tags": [{"Value": "x"}, {"Value": "y"}, 1]}),
        (
            "Tags: [{Key: a, Value: x}]",
            "Tags: [{Key: a, Value: y}, {Key: a, Value: z}]",
            {"Tags": [{"Key": "a", "Value": "y"}, {"Key": "a", "Value": "z"}]},
        ),
        ("Tags: [{Key: a}]", "Tags: {}", {"Tags": {}}),
    ],
)
def test_files_merge_as_the_documentation_says(below: str, above: str, together: dict[str, Any]) -> None:
    assert _merged(below, above) == together


def test_merged_values_know_their_files() -> None:
    tree = merged(
        written(read_bytes("below", b"a:\n  b: 1\n  c: 2\n")),
        written(read_bytes("above", b"\n\na: {c: 3}\n")),
    )
    places = [(tree.at(("a", name)).file, tree.at(("a", name)).line) for name in "bc"]
    assert places == [("below", 2), ("above", 3)]
