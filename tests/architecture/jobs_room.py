"""The room `jobs/`: what may stand in it, under which names."""

import ast
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.architecture.sources import Module, modules

MOST_COMMON_MODULES = 12
_JOBS = "jobs"
_COMMON = "jobs/common"
_UDFS = {"udf", "pandas_udf", "udtf"}


def entry_faults(root: Path) -> list[str]:
    """Find what stands directly in `jobs/` and is no entry file, or is one under a wrong name or with wrong content."""
    faults = [
        f"{folder}: expected only entry files and common/ directly in jobs/, got a folder; move it into common/"
        for folder in sorted(_top_folders(root) - {"common"})
    ]
    for module in modules(root):
        if module.path.parent == Path(_JOBS) and not module.is_package:
            faults.extend(f"{module.path}{fault}" for fault in _entry_faults(module))
    return faults


def common_faults(root: Path) -> list[str]:
    """Find too many modules in `jobs/common`, packages counted as one each."""
    names = {
        module.path.relative_to(_COMMON).parts[0].removesuffix(".py")
        for module in modules(root)
        if module.path.is_relative_to(_COMMON)
    } - {"__init__"}
    if len(names) <= MOST_COMMON_MODULES:
        return []
    return [
        (
            f"{_COMMON}: expected at most {MOST_COMMON_MODULES} modules, got {len(names)}: {', '.join(sorted(names))}; "
            "join two that are one noun"
        )
    ]


def _top_folders(root: Path) -> set[str]:
    paths = [module.path.parts for module in modules(root)]
    return {parts[1] for parts in paths if parts[0] == _JOBS and len(parts) > len(Path(_COMMON).parts)}


def _entry_faults(module: Module) -> Iterator[str]:
    name = module.path.stem
    if name in sys.stdlib_module_names or name in packages_distributions():
        yield f": expected a name that no installed module bears, got '{name}', which would shadow it; rename the job"
    if not any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in module.tree.body):
        yield ": expected an entry file with a function main, found none; a module that is no job belongs in common/"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef):
            yield f":{node.lineno}: expected no class in an entry file, got {node.name}; executors cannot import it"
        elif isinstance(node, ast.FunctionDef) and any(_is_udf(each) for each in node.decorator_list):
            yield f":{node.lineno}: expected no UDF in an entry file, got {node.name}; executors cannot import it"


def _is_udf(decorator: ast.expr) -> bool:
    return any(
        (isinstance(node, ast.Name) and node.id in _UDFS)
        or (isinstance(node, ast.Attribute) and node.attr in _UDFS)
        for node in ast.walk(decorator)
    )
