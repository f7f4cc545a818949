"""DuckDB as tasks use it: one thread each, as Spark counts on, and nothing fetched from elsewhere."""

import os
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

Hashes = npt.NDArray[np.uint64]
# What DuckDB raises for JSON that is none; the other one where it cites that in its message, and cuts a letter in two.
MALFORMED = (duckdb.InvalidInputException, UnicodeDecodeError)


@lru_cache(maxsize=1)
def prepare() -> None:
    """Settle what the libraries leave to each process."""
    # Arrow's own allocator gives memory back so soon that a sixth of the work would be to get it anew.
    pa.set_memory_pool(pa.system_memory_pool())


@lru_cache(maxsize=1)
def engine() -> duckdb.DuckDBPyConnection:
    """Return this process's own DuckDB."""
    settings: dict[str, Any] = {
        "threads": 1,
        # Else it would take most of the machine for its own, and spill where the task happens to stand.
        "memory_limit": "2GB",
        "temp_directory": f"{tempfile.gettempdir()}/duckdb-{os.getpid()}",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    return duckdb.connect(config=settings)


def select(rows: Any, what: str) -> Any:  # noqa: ARG001 - DuckDB looks for it
    """Answer `SELECT <what>` about an Arrow table, which the text calls `rows`, as an Arrow table in the same order."""
    # DuckDB finds the table by the name of the variable, which takes half the time of a relation made of it.
    relation: Any = engine().sql(f"SELECT {what}")
    return relation.to_arrow_table().combine_chunks()


def quoted(name: str) -> str:
    """Write a name as SQL takes it, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def hashes(rows: Any, names: Sequence[str]) -> Hashes:
    """Hash the columns `names` of each row: the same in every process of a run."""
    if not rows.num_rows:
        return np.zeros(0, np.uint64)
    found = select(rows.select(names), f"hash({', '.join(map(quoted, names))}) AS h FROM rows")
    return np.asarray(found.column("h").chunk(0).to_numpy(), np.uint64)
