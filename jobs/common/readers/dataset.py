"""What tells a reader about a dataset of messages."""

from collections.abc import Mapping
from dataclasses import dataclass

from jobs.common.quality import Rule
from jobs.common.readers.columns import Field
from jobs.common.readers.portable import LINES, Form


@dataclass(frozen=True)
class Dataset:
    """What messages hold, how their objects hold them, when they are good, and what is derived from them.

    `derived` are expressions by the column that they make, in SQL that Spark and DuckDB both know, as the rules'
    conditions are. All of it travels to tasks: functions are those of modules.
    """

    fields: tuple[Field, ...]
    rules: tuple[Rule, ...]
    derived: Mapping[str, str]
    form: Form = LINES
