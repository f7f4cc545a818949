"""The rules of a dataset and its derived columns, by DuckDB: the same SQL that Spark runs for the portable reader."""

from collections.abc import Mapping, Sequence
from typing import Any

from jobs.common.native.engine import quoted, select
from jobs.common.quality import REASONS, Rule, faultless

GOOD = "is_good"


class Judge:
    """Judges rows as `quality.judge` does, and adds the columns that a job derives."""

    def __init__(self, rules: Sequence[Rule], derived: Mapping[str, str]) -> None:
        """Write the queries.

        Args:
            rules: In the order in which reasons are given; conditions in SQL that Spark and DuckDB both know.
            derived: Expressions by the column that they make, in the same SQL.
        """
        columns = "".join(f", {expression} AS {quoted(name)}" for name, expression in derived.items())
        verdicts = ", ".join(f"CASE WHEN {rule.condition} THEN '{rule.reason}' END" for rule in rules)
        self._judge = (
            f"*, list_filter([{verdicts}], lambda reason: reason IS NOT NULL) AS {REASONS}{columns} FROM rows"
        )
        # One that is true makes all of it true, whatever is null beside it.
        refused = " OR ".join(f"({condition})" for condition in faultless(rules)) or "false"
        self._pick = f"NOT coalesce({refused}, false) AS {GOOD}{columns} FROM rows"

    def pick(self, rows: Any) -> Any:
        """Say of rows without faults of the reader which are good: `is_good`, and the derived columns."""
        return select(rows, self._pick)

    def judge(self, rows: Any) -> Any:
        """Add to rows with their `faults` the list `reasons`, empty where a row is good, and the derived columns."""
        return select(rows, self._judge)
