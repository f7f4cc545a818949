"""Templates of CloudFormation: read, and linted."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import Node, ScalarNode, SequenceNode

FOLDER = Path(__file__).resolve().parents[2] / "infrastructure"


def read(path: Path) -> Mapping[str, Any]:
    """Read a template, short forms of functions made long."""
    yaml = YAML(typ="safe", pure=True)
    yaml.constructor.add_multi_constructor("!", _long_form)
    found: Mapping[str, Any] = yaml.load(path)
    return found


def lint(path: Path) -> tuple[int, str]:
    """Return what the linter of CloudFormation says."""
    linter = Path(sys.executable).with_name("cfn-lint")
    found = subprocess.run([linter, path], capture_output=True, text=True, check=False)
    return found.returncode, found.stdout


def statements(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Return the statements of a role, a managed policy, or a policy of a resource, by their Sids."""
    properties = resource["Properties"]
    documents = [each["PolicyDocument"] for each in properties.get("Policies", [properties])]
    return {each["Sid"]: each for document in documents for each in document["Statement"]}


def allowances(resources: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Return all statements that allow something, by resource and Sid."""
    for name, resource in resources.items():
        if resource["Type"] in {"AWS::IAM::Role", "AWS::IAM::ManagedPolicy"}:
            for sid, statement in statements(resource).items():
                yield name, sid, statement


def _long_form(constructor: Any, tag: str, node: Node) -> dict[str, Any]:
    """Read CloudFormation's short form of a function: `!Ref x` is {"Ref": "x"}."""
    name = tag if tag in ("Ref", "Condition") else f"Fn::{tag}"
    if isinstance(node, ScalarNode):
        return {name: node.value}
    assert isinstance(node, SequenceNode)
    return {name: constructor.construct_sequence(node, deep=True)}
