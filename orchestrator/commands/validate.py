"""The commands `orchestrator validate` and `orchestrator schema`: both offline."""

import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from orchestrator.commands.printing import without_secrets
from orchestrator.findings import Finding, Level, dotted_path
from orchestrator.secrets import redact


class Format(StrEnum):
    """How findings are printed."""

    TABLE = "table"
    JSON = "json"


def validate(
    files: Annotated[list[Path], typer.Argument(help="Cluster files and pipelines, YAML or JSON.")],
    *,
    var: Annotated[
        list[str] | None,
        typer.Option(help="A variable, name=value; the value is read as YAML, a list in square brackets."),
    ] = None,
    output: Annotated[Format, typer.Option("--output", "-o", help="How to print.")] = Format.TABLE,
) -> None:
    """Tell all that is wrong with cluster files and pipelines, and advice; exit 2 on errors. No call to AWS."""
    from orchestrator.config.variables import parse_variables  # noqa: PLC0415 - botocore's model takes its time
    from orchestrator.verbs import validate as verb  # noqa: PLC0415 - it asks for the model too

    variables = parse_variables(var or ())
    validated = verb.validate(files, variables)
    findings = [finding for each in validated for finding in each.findings]
    if output is Format.JSON:
        told = [
            {"file": each.file, "files": each.files, "findings": [_figures(one) for one in each.findings]}
            for each in validated
        ]
        _print_json(without_secrets({"files": told, **_counts(findings)}))
    else:
        _print_table(findings)
    counts = _counts(findings)
    typer.echo(f"{len(files)} files: {counts['errors']} errors, {counts['warnings']} warnings", err=True)
    if counts["errors"]:
        raise typer.Exit(2)


class Target(StrEnum):
    """What a file is a request for."""

    EMR = "emr"
    SERVERLESS = "serverless"


def schema(*, target: Annotated[Target, typer.Option(help="What the files are for.")] = Target.EMR) -> None:
    """Print the JSON Schema of cluster files, for editors: orchestrator schema > cluster.schema.json."""
    from orchestrator.verbs import schema as verb  # noqa: PLC0415 - botocore's model takes its time

    _print_json(verb.schema(str(target)))


def _counts(findings: Sequence[Finding]) -> dict[str, int]:
    count_of_errors = sum(each.level is Level.ERROR for each in findings)
    return {"errors": count_of_errors, "warnings": len(findings) - count_of_errors}


def _figures(finding: Finding) -> dict[str, Any]:
    return {**msgspec.to_builtins(finding), "path": dotted_path(finding.path)}


def _print_json(value: Any) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")


def _print_table(findings: Iterable[Finding]) -> None:
    """Print a finding a line, in the form that editors and CI know: file:line: LEVEL: ...

    Columns would fold, since a path alone may be wider than a terminal.
    """
    for each in findings:
        sys.stdout.write(f"{redact(str(each))}\n")
