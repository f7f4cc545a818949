"""Make a JSON Schema of cluster files for editors: names, types and AWS's documentation while one writes.

It is generated from botocore's model of RunJobFlow, or of CreateApplication and StartJobRun. What an extended file may
say is not required here, nor are rules that AWS states in prose: `orchestrator validate` knows both.
"""

import html
import re
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape

from orchestrator.config import extends, limits, target, variables
from orchestrator.config.limits import IDLE_SECONDS, LIFETIME_HOURS
from orchestrator.config.model import CREATE_APPLICATION, RUN_JOB_FLOW, START_JOB_RUN, request_shape
from orchestrator.config.target import ENVIRONMENT, FILLED_IN, JOB_RUN, SERVERLESS, TARGETS

Schema = dict[str, Any]
_VARIABLE: Final[Schema] = {"$ref": "#/$defs/variable"}
_TYPES: Final = {
    "integer": "integer",
    "long": "integer",
    "double": "number",
    "float": "number",
    "boolean": "boolean",
}
_TAG: Final = re.compile(r"<[^>]*>")


def schema(kind: str = TARGETS[0]) -> Schema:
    """Return the schema of files for a target, JSON Schema 2020-12."""
    operation = CREATE_APPLICATION if kind == SERVERLESS else RUN_JOB_FLOW
    shape = request_shape(operation)
    definitions: Schema = {
        "variable": {
            "type": "string",
            "pattern": r"^\$\{[a-z][a-z0-9_]*\}$",
            "description": "A variable, of whose type the value is.",
        }
    }
    root = _structure(shape, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Cluster file of EMR Job Suite",
        "description": f"A {operation.name} request, with a few keys of our own in lower case.",
        **root,
        "properties": {**_own_keys(), **_keys_of(kind, definitions), **root["properties"]},
        "anyOf": [
            {"required": [extends.KEY]},
            {"required": [name for name in shape.required_members if name not in FILLED_IN]},
        ],
        "$defs": definitions,
    }


def _own_keys() -> Schema:
    return {
        extends.KEY: {
            "type": ["string", "null"],
            "description": "The file that this one extends, relative to it. Mappings merge; lists are replaced, but for"
            " InstanceFleets by type, Configurations by Classification and Tags by Key. null drops a value.",
        },
        variables.KEY: {
            "type": "object",
            "description": "Variables with their defaults, for ${name} in strings; null: to be given with --var.",
            "propertyNames": {"pattern": "^[a-z][a-z0-9_]*$"},
        },
        limits.KEY: {
            "type": "object",
            "description": "When the orchestrator's reaper ends the cluster.",
            "additionalProperties": False,
            "properties": {
                "max_lifetime_hours": _or_variable(_range("number", LIFETIME_HOURS)),
                "idle_timeout_seconds": _or_variable(_range("integer", IDLE_SECONDS)),
            },
        },
    }


def _keys_of(kind: str, definitions: Schema) -> Schema:
    """Return our keys in files for a target."""
    if kind != SERVERLESS:
        return {
            target.KEY: {"enum": [kind, None], "description": "What the file is for; by default a cluster."}
        }
    job_run = _structure(request_shape(START_JOB_RUN), definitions)
    return {
        target.KEY: {"const": kind, "description": "An application of EMR Serverless."},
        JOB_RUN: {**job_run, "description": "What of a StartJobRun request all job runs have."},
        ENVIRONMENT: {"type": ["string", "null"], "description": "The archive with the Python of job runs."},
    }


def _range(kind: str, ends: tuple[float, float]) -> Schema:
    return {"type": kind, "minimum": ends[0], "maximum": ends[1]}


def _or_variable(accepted: Schema) -> Schema:
    return {"anyOf": [accepted, _VARIABLE, {"type": "null"}]}


def _structure(shape: StructureShape, definitions: Schema) -> Schema:
    properties = {name: _member(below, definitions) for name, below in shape.members.items()}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _member(shape: Shape, definitions: Schema) -> Schema:
    """Describe a member, with its documentation."""
    described = _text(shape.documentation)
    accepted = _accepted(shape, definitions)
    return {"description": described, **accepted} if described else accepted


def _accepted(shape: Shape, definitions: Schema) -> Schema:
    if isinstance(shape, StructureShape):
        if shape.name not in definitions:
            definitions[shape.name] = {}  # a shape within itself finds it here
            definitions[shape.name] = _structure(shape, definitions)
        return _or_variable({"$ref": f"#/$defs/{shape.name}"})
    if isinstance(shape, ListShape):
        return _or_variable({"type": "array", "items": _accepted(shape.member, definitions)})
    if isinstance(shape, MapShape):
        return _or_variable({"type": "object", "additionalProperties": _accepted(shape.value, definitions)})
    if "enum" in shape.metadata:
        return {
            "anyOf": [
                {"enum": shape.metadata["enum"]},
                {"type": "string", "pattern": r"\$\{"},
                {"type": "null"},
            ]
        }
    if shape.type_name == "string":
        return {"type": ["string", "null"]}
    bounds = {
        ours: shape.metadata[aws]
        for aws, ours in (("min", "minimum"), ("max", "maximum"))
        if aws in shape.metadata
    }
    return _or_variable({"type": _TYPES[shape.type_name], **bounds})


def _text(documentation: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", documentation)).split())
