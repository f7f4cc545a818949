"""Rules: named conditions on messages, and the reasons they give."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.common.readers.columns import BAD_TYPE, OUT_OF_RANGE, Field
from jobs.common.readers.framing import BAD_ENCODING, MALFORMED_JSON, RECORD_TOO_LARGE, TRUNCATED_OBJECT
from jobs.common.readers.portable import NOT_AN_OBJECT

REASONS = "reasons"

_RANGED = ("double", "timestamp")
_HAS_FAULT = re.compile(r"coalesce\(array_contains\(faults, '[^']*'\), false\)")

# What a message that cannot be parsed has, and no other reason with it.
UNREADABLE = (TRUNCATED_OBJECT, BAD_ENCODING, MALFORMED_JSON, RECORD_TOO_LARGE, NOT_AN_OBJECT)


@dataclass(frozen=True)
class Rule:
    """A reason to refuse a message, and the SQL condition under which it applies; null is no.

    As text, so that the same rule runs in any engine that knows SQL's common part.
    """

    reason: str
    condition: str


def has_fault(reason: str) -> str:
    """Return the condition that the reader has found this fault."""
    return f"coalesce(array_contains(faults, '{reason}'), false)"


def faultless(rules: Sequence[Rule]) -> list[str]:
    """Return the conditions that may apply to a message in which the reader has found no fault, without its faults."""
    conditions = (_HAS_FAULT.sub("false", rule.condition) for rule in rules)
    return [condition for condition in conditions if condition != "false"]


def json_rules(
    fields: Sequence[Field],
    ranges: Mapping[str, tuple[float, float]],
    further: Sequence[Rule] = (),
    unreadable: Sequence[str] = UNREADABLE,
) -> list[Rule]:
    """Return the rules of a dataset of JSON messages in the order in which reasons are given.

    `ranges` are by column, both ends included; within a reason the order is that of `fields`. What is `unreadable` has
    that reason alone.
    """
    return [
        *(Rule(reason, has_fault(reason)) for reason in unreadable),
        *(_missing(field, unreadable) for field in fields if field.is_required),
        *(_bad_type(name) for name in _names(fields)),
        *(_out_of_range(field, ranges.get(field.column)) for field in fields if field.kind in _RANGED),
        *further,
    ]


def judge(messages: DataFrame, rules: Sequence[Rule]) -> DataFrame:
    """Add the column `reasons array<string>`: the rules that apply, in their order; empty where a message is good."""
    reasons = F.array_compact(
        F.array(*(F.when(_holds(rule.condition), F.lit(rule.reason)) for rule in rules))
    )
    # Most messages are good, which is told at a fraction of what the list of reasons takes.
    own = [_holds(condition) for condition in faultless(rules)]
    is_good = reduce(Column.__and__, (~holds for holds in own), F.col("faults").isNull())
    return messages.withColumn(REASONS, F.when(is_good, F.array().cast("array<string>")).otherwise(reasons))


def _holds(condition: str) -> Column:
    return F.coalesce(F.expr(condition), F.lit(False))


def _names(fields: Sequence[Field]) -> list[str]:
    """Name the fields and, before the first within each, the objects they stand in."""
    names: dict[str, None] = {}
    for field in fields:
        parts = field.name.split(".")
        # Any value is JSON.
        for depth in range(1, len(parts) + (field.kind != "json")):
            names[".".join(parts[:depth])] = None
    return list(names)


def _missing(field: Field, unreadable: Sequence[str]) -> Rule:
    faults = [*unreadable, *_outer_types(field), f"{OUT_OF_RANGE}_{field.name}"]
    otherwise = " OR ".join(has_fault(fault) for fault in faults)
    return Rule(f"missing_{field.name}", f"{field.column} IS NULL AND NOT ({otherwise})")


def _outer_types(field: Field) -> list[str]:
    parts = field.name.split(".")
    return [f"{BAD_TYPE}_{'.'.join(parts[:depth])}" for depth in range(1, len(parts) + 1)]


def _bad_type(name: str) -> Rule:
    return Rule(f"{BAD_TYPE}_{name}", has_fault(f"{BAD_TYPE}_{name}"))


def _out_of_range(field: Field, range_: tuple[float, float] | None) -> Rule:
    reason = f"{OUT_OF_RANGE}_{field.name}"
    beyond = f" OR {field.column} NOT BETWEEN {_double(range_[0])} AND {_double(range_[1])}" if range_ else ""
    return Rule(reason, has_fault(reason) + beyond)


def _double(number: float) -> str:
    return f"CAST({float(number)!r} AS DOUBLE)"
