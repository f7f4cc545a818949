"""Who may import whom: the rooms of the house, and no cycle between modules."""

import graphlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.sources import Import, Module, imports, modules

# py4j comes inside pyspark: it is the bridge to the JVM, and its error is what a failed call raises.
PYSPARK = frozenset({"pyspark", "py4j"})
_ROAD = frozenset({"analytics", "ingestion", "jobs", "orchestrator"})
_WORKSHOP = frozenset({"benchmarks", "scripts", "tests"})


@dataclass(frozen=True)
class Room:
    """What a top-level folder may import of the project; `libraries` None means any."""

    project: frozenset[str]
    libraries: frozenset[str] | None = None
    refused: frozenset[str] = frozenset()


ROOMS = {
    "jobs": Room(project=frozenset({"jobs"}), libraries=PYSPARK),
    "analytics": Room(project=_ROAD - {"jobs"}, refused=PYSPARK),
    "ingestion": Room(project=_ROAD - {"jobs"}, refused=PYSPARK),
    "orchestrator": Room(project=_ROAD - {"jobs"}, refused=PYSPARK),
    "local_aws": Room(project=frozenset({"local_aws"}), refused=PYSPARK),
    "benchmarks": Room(project=_ROAD | {"benchmarks", "local_aws"}),
    "scripts": Room(project=_ROAD | {"local_aws", "scripts"}),
    "tests": Room(project=_ROAD | _WORKSHOP | {"local_aws"}),
}
# The libraries of the fast reader, which a cluster may lack, and the only modules that may ask for them.
NATIVE_LIBRARIES = frozenset({"duckdb", "isal", "numpy", "pyarrow"})
NATIVE = "jobs.common.native"
# Who may import the native engine beside itself: where its libraries are known to be there, or looked for.
USES_NATIVE = {"jobs.common.kinds.natively", "jobs.common.readers.fast"}
# The commands that start the embedded AWS; nothing else of the road knows that it exists.
STARTS_LOCAL_AWS = {"orchestrator.cli"}


def room_faults(root: Path) -> list[str]:
    """Find imports against the import rule, and Python outside the known rooms."""
    return [fault for module in modules(root) for fault in _room_faults(module)]


def cycle_faults(root: Path) -> list[str]:
    """Find a cycle of imports; one inside a function counts too, for it hides a cycle but does not end it."""
    known = {module.name: module for module in modules(root)}
    graph = {name: _imported(module, known) for name, module in known.items()}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        # graphlib goes from the imported module to the one that imports it.
        cycle = " -> ".join(reversed(error.args[1]))
        return [
            f"{known[error.args[1][0]].path}: expected no import cycle, got {cycle}; move what both need below both"
        ]
    return []


def _room_faults(module: Module) -> Iterator[str]:
    room = ROOMS.get(module.room)
    if room is None:
        yield f"{module.path}: expected Python only in {', '.join(sorted(ROOMS))}, got it in '{module.room}'"
        return
    accepted = ", ".join(sorted(room.project | (room.libraries or frozenset())))
    for found in imports(module):
        if not _is_allowed(module, room, found):
            yield f"{module.path}:{found.line}: expected imports of {accepted} only, got '{found.module}'"


def _is_native(name: str) -> bool:
    return f"{name}.".startswith(f"{NATIVE}.")


def _is_allowed(module: Module, room: Room, found: Import) -> bool:
    if module.room == "jobs" and _is_native(found.module):
        return _is_native(module.name) or module.name in USES_NATIVE
    if _is_native(module.name) and found.top in NATIVE_LIBRARIES:
        return True
    if found.top in ROOMS:
        return found.top in room.project or (found.top == "local_aws" and module.name in STARTS_LOCAL_AWS)
    if found.top in sys.stdlib_module_names:
        return True
    return found.top not in room.refused and (room.libraries is None or found.top in room.libraries)


def _imported(module: Module, known: dict[str, Module]) -> set[str]:
    """Name the project's modules that this one imports: `from a import b` is a.b where that is a module."""
    found = {
        f"{each.module}.{each.member}" if f"{each.module}.{each.member}" in known else each.module
        for each in imports(module)
    }
    return {name for name in found if name in known}
