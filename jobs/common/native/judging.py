"""The rules of a dataset and its derived columns, by DuckDB: the same SQL that Spark runs for the portable reader."""

from collections.abc import Mapping, Sequence
from typing import Any

from jobs.common.native.engine import quoted, select
from jobs.common.quality import REASONS, Rule, has_fault

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
        # What a reader has found no fault in has none; DuckDB works that out once.
        own = [rule.condition for rule in rules if rule.condition != has_fault(rule.reason)]
        refused = " OR ".join(f"coalesce({condition}, false)" for condition in own) or "false"
        self._pick = (
            f"NOT ({refused}) AS {GOOD}{columns} FROM (SELECT *, NULL::VARCHAR[] AS faults FROM rows)"  # noqa: S608 - of the rules of the job
        )

    def pick(self, rows: Any) -> Any:
        """Say of rows without faults of the reader which are good: `is_good`, and the derived columns."""
        return select(rows, self._pick)

    def judge(self, rows: Any) -> Any:
        """Add to rows with their `faults` the list `reasons`, empty where a row is good, and the derived columns."""
        return select(rows, self._judge)
