"""Prefixes of objects, with their expressions: https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html.

Timestamps are those of the oldest record in the object.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from local_aws.api.errors import AwsError

PROCESSING_FAILED: Final = "processing-failed"
_DEFAULT_TIME: Final = "!{timestamp:yyyy/MM/dd/HH/}"
_EXPRESSION: Final = re.compile(r"!\{([A-Za-z]+):([^}]*)\}")
_LETTERS: Final = re.compile(r"'([^']*)'|([A-Za-z])\2*|[^A-Za-z']+")
_FORMS: Final[Mapping[str, str]] = {
    "yyyy": "%Y",
    "YYYY": "%Y",
    "uuuu": "%Y",
    "yy": "%y",
    "MM": "%m",
    "dd": "%d",
    "DDD": "%j",
    "HH": "%H",
    "mm": "%M",
    "ss": "%S",
}
_FROM_LAMBDA, _FROM_QUERY = "partitionKeyFromLambda", "partitionKeyFromQuery"
_MOST_CHARACTERS: Final = 512


class MissingKeyError(Exception):
    """A record has no value for a partition key that its prefix names."""


@dataclass(frozen=True)
class Prefix:
    """A prefix whose expressions are known to be right."""

    text: str

    @property
    def keys(self) -> frozenset[str]:
        """Name the partition keys that a Lambda function has to give."""
        return frozenset(value for namespace, value in _expressions(self.text) if namespace == _FROM_LAMBDA)

    def evaluate(
        self, at: datetime, draw: Callable[[], str], keys: Mapping[str, str], error_type: str = ""
    ) -> str:
        """Return the prefix of an object whose oldest record came `at`; `draw` makes each random string.

        Raises:
            MissingKeyError: A partition key has no value, or makes the prefix longer than 512 characters.
        """

        def value(found: re.Match[str]) -> str:
            namespace, what = found.groups()
            if namespace == "timestamp":
                return _time(what, at)
            if namespace == "firehose":
                return error_type if what == "error-output-type" else draw()
            if not keys.get(what):
                raise MissingKeyError(f"partition key {what} has no value")
            return keys[what]

        evaluated = _EXPRESSION.sub(value, self.text)
        if len(evaluated) > _MOST_CHARACTERS:
            raise MissingKeyError(f"the evaluated prefix is longer than {_MOST_CHARACTERS} characters")
        return evaluated


def prefixes(prefix: str, error_prefix: str | None, *, is_partitioned: bool) -> tuple[Prefix, Prefix]:
    """Check both prefixes by AWS's semantic rules, and complete them as AWS does.

    Raises:
        AwsError: InvalidArgumentException, with the rule that is broken.
    """
    _check(prefix, "Prefix")
    has_expressions = bool(list(_expressions(prefix)))
    if error_prefix is None:
        if has_expressions:
            raise invalid("ErrorOutputPrefix can't be null when Prefix contains expressions")
        folder = f"{prefix}/" if prefix and not prefix.endswith("/") else prefix
        error_prefix = f"{folder}{PROCESSING_FAILED}/{_DEFAULT_TIME}"
    else:
        _check(error_prefix, "ErrorOutputPrefix")
        values = [value for _, value in _expressions(error_prefix)]
        if values and "error-output-type" not in values:
            raise invalid(
                "ErrorOutputPrefix must contain !{firehose:error-output-type} if it has expressions"
            )
        if not values:
            error_prefix = f"{error_prefix}{PROCESSING_FAILED}/{_DEFAULT_TIME}"
    namespaces = {namespace for namespace, _ in _expressions(prefix)}
    if is_partitioned and not namespaces & {_FROM_LAMBDA, _FROM_QUERY}:
        raise invalid("Prefix must contain partition keys when dynamic partitioning is enabled")
    if not is_partitioned and namespaces & {_FROM_LAMBDA, _FROM_QUERY}:
        raise invalid("Prefix may contain partition keys only when dynamic partitioning is enabled")
    if "timestamp" not in namespaces and not is_partitioned:
        prefix = f"{prefix}{_DEFAULT_TIME}"
    return Prefix(prefix), Prefix(error_prefix)


def invalid(message: str) -> AwsError:
    """Return what Firehose answers to a request that is wrong."""
    return AwsError("InvalidArgumentException", message)


def _expressions(text: str) -> Iterator[tuple[str, str]]:
    for found in _EXPRESSION.finditer(text):
        yield found[1], found[2]


def _check(text: str, what: str) -> None:
    if "!{" in _EXPRESSION.sub("", text):
        raise invalid(f"{what}: the sequence !{{ can only appear in !{{namespace:value}} expressions")
    for namespace, value in _expressions(text):
        if namespace == "timestamp":
            _check_time(value, what)
        elif namespace == "firehose":
            if value not in {"random-string", "error-output-type"}:
                raise invalid(f"{what}: !{{firehose:{value}}} is not a valid expression")
            if value == "error-output-type" and what == "Prefix":
                raise invalid("Prefix can't contain !{firehose:error-output-type}")
        elif namespace not in {_FROM_LAMBDA, _FROM_QUERY}:
            raise invalid(f"{what}: {namespace} is not a valid namespace")
        elif what == "ErrorOutputPrefix":
            raise invalid("ErrorOutputPrefix can't contain partition keys")
        elif namespace == _FROM_QUERY:
            raise invalid("partitionKeyFromQuery is not served by the embedded Firehose: its queries need jq")


def _check_time(pattern: str, what: str) -> None:
    for found in _LETTERS.finditer(pattern):
        if found[2] and found[0] not in _FORMS:
            raise invalid(
                f"{what}: !{{timestamp:{pattern}}}: the embedded Firehose knows {', '.join(_FORMS)}, got {found[0]}"
            )


def _time(pattern: str, at: datetime) -> str:
    def part(found: re.Match[str]) -> str:
        if found[1] is not None:
            return found[1] or "'"
        return at.strftime(_FORMS[found[0]]) if found[2] else found[0]

    return _LETTERS.sub(part, pattern)
