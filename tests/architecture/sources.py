"""The files that the rules look at, and what the Python ones import."""

import ast
import importlib.util
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# What is made, not written: environments, caches and results.
MADE_FOLDERS = {"__pycache__", "build", "demo-output", "dist", "local-aws", "metastore_db", "spark-warehouse"}
TESTS = "tests"
_IMPORTERS = {"__import__", "import_module"}


@dataclass(frozen=True)
class Module:
    """A Python file: its path below the root, its dotted name, and its parsed source."""

    path: Path
    name: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """Name the top-level folder, or the module itself where it stands in none."""
        return self.name.split(".", maxsplit=1)[0]

    @property
    def is_package(self) -> bool:
        """Tell an `__init__.py` from another file."""
        return self.path.name == "__init__.py"


@dataclass(frozen=True)
class Import:
    """One imported name: its line, the dotted module, and the member taken from it, if any."""

    line: int
    module: str
    member: str | None = None

    @property
    def top(self) -> str:
        """Name the top-level package."""
        return self.module.split(".", maxsplit=1)[0]


def files(root: Path) -> Iterator[Path]:
    """Walk the written files, sorted; folders that start with a dot are left out, but for `.ci`."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name == ".ci" or not _is_made(name))
        for name in sorted(names):
            yield Path(folder, name)


def modules(root: Path) -> Iterator[Module]:
    """Parse every Python file of the repository."""
    for path in files(root):
        if path.suffix == ".py":
            relative = path.relative_to(root)
            parts = relative.with_suffix("").parts
            dotted = ".".join(parts[:-1] if relative.name == "__init__.py" else parts)
            yield Module(relative, dotted, ast.parse(path.read_text(encoding="utf-8"), str(relative)))


def imports(module: Module) -> Iterator[Import]:
    """Find every import, at any depth, relative ones resolved; also `import_module` of a plain string."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = _absolute(module, "." * node.level + (node.module or ""))
            yield from (Import(node.lineno, source, alias.name) for alias in node.names)
        elif isinstance(node, ast.Call) and _called(node) in _IMPORTERS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield Import(node.lineno, _absolute(module, first.value))


def _is_made(folder: str) -> bool:
    return folder.startswith(".") or folder in MADE_FOLDERS or folder.endswith(".egg-info")


def _called(node: ast.Call) -> str:
    called = node.func
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def _absolute(module: Module, name: str) -> str:
    package = module.name if module.is_package else module.name.rpartition(".")[0]
    return importlib.util.resolve_name(name, package) if name.startswith(".") else name
