"""The shape of modules: their size, their types, their tests, and how silenced checks are explained."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from tests.architecture.sources import TESTS, Module, modules

MOST_LINES_IN_A_FILE = 300
MOST_LINES_IN_A_FUNCTION = 40
_SILENCED = re.compile(r"#\s*(?:noqa|type:\s*ignore|nosec|pragma:\s*no cover)")
_EXPLAINED = re.compile(r"#\s*(?:noqa: ?[A-Z0-9, ]+?|type: ?ignore\[[^\]]+\])\s+(?:#|-)\s*\w+")

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


def size_faults(root: Path) -> list[str]:
    """Find files and functions above the ceilings."""
    return [fault for module in modules(root) for fault in _size_faults(root, module)]


def annotation_faults(root: Path) -> list[str]:
    """Find parameters and returns without a type, but for self and cls."""
    return [
        f"{module.path}:{function.lineno}: expected a type on everything, got none on {missing} of {function.name}"
        for module in modules(root)
        for function in _functions(module)
        for missing in _untyped(module, function)
    ]


def test_file_faults(root: Path) -> list[str]:
    """Find modules that have behaviour but no test file of the same name, in the folder of the same name."""
    faults = []
    for module in modules(root):
        if module.room != TESTS and _has_behaviour(module):
            places = _test_places(module)
            if not any(_holds_test(root / place) for place in places):
                faults.append(f"{module.path}: expected its tests in {places[0]}, found none; write one")
    return faults


def silence_faults(root: Path) -> list[str]:
    """Find silenced checks that name no rule, or give no reason on the same line."""
    return [
        (
            f"{module.path}:{comment.start[0]}: expected a rule and a reason, as in '# noqa: X123 - why', "
            f"got '{comment.string}'"
        )
        for module in modules(root)
        for comment in _comments(root / module.path)
        if _SILENCED.search(comment.string) and not _EXPLAINED.search(comment.string)
    ]


def _size_faults(root: Path, module: Module) -> Iterator[str]:
    lines = len((root / module.path).read_text(encoding="utf-8").splitlines())
    if lines > MOST_LINES_IN_A_FILE:
        yield f"{module.path}: expected at most {MOST_LINES_IN_A_FILE} lines, got {lines}; split it by noun or verb"
    for function in _functions(module):
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if length > MOST_LINES_IN_A_FUNCTION:
            yield (
                f"{module.path}:{function.lineno}: expected at most {MOST_LINES_IN_A_FUNCTION} lines, "
                f"got {length} in {function.name}; name its steps"
            )


def _comments(path: Path) -> Iterator[tokenize.TokenInfo]:
    source = io.StringIO(path.read_text(encoding="utf-8"))
    return (token for token in tokenize.generate_tokens(source.readline) if token.type == tokenize.COMMENT)


def _functions(module: Module) -> Iterator[Function]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _untyped(module: Module, function: Function) -> Iterator[str]:
    given = function.args
    positional = [*given.posonlyargs, *given.args]
    if positional and positional[0].arg in {"self", "cls"} and _is_method(module, function):
        positional = positional[1:]
    stars = [star for star in (given.vararg, given.kwarg) if star is not None]
    yield from (
        f"'{each.arg}'" for each in [*positional, *given.kwonlyargs, *stars] if each.annotation is None
    )
    if function.returns is None:
        yield "the return"


def _is_method(module: Module, function: Function) -> bool:
    return any(isinstance(node, ast.ClassDef) and function in node.body for node in ast.walk(module.tree))


def _has_behaviour(module: Module) -> bool:
    return any(not _is_declaration(function) for function in _functions(module))


def _is_declaration(function: Function) -> bool:
    """Tell a signature alone, as in a protocol or an abstract class, from a function that does something."""
    return all(
        isinstance(statement, ast.Pass)
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        for statement in function.body
    )


def _test_places(module: Module) -> list[Path]:
    folder = Path(TESTS, *module.path.parent.parts)
    if not module.is_package:
        return [folder / f"test_{module.path.stem}.py"]
    # A package's own code may be tested beside its folder or in it.
    return [folder.parent / f"test_{folder.name}.py", folder / f"test_{folder.name}.py"]


def _holds_test(path: Path) -> bool:
    if not path.is_file():
        return False
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return any(isinstance(node, ast.FunctionDef) and node.name.startswith("test_") for node in ast.walk(tree))
