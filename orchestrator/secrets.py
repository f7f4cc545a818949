"""Secrets where none may stand: found in requests, and taken out of what is shown.

Names, tags, configurations and step arguments are readable by anyone who may describe a cluster, and logs and reports
travel further still. So a request with a secret is refused, and a text is shown without it. What only refers to a
secret (an ARN, `${…}`, `EMR.secret@…`, a place on S3) is none.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, Final

from orchestrator.findings import Finding, Level, ValuePath

_MARK: Final = r"\[redacted [A-Za-z ]+\]"
_NAME: Final = (
    r"(?<![\w.-])(?<!\d{12}:)(?P<name>[\w.-]*?"
    r"(?:pass(?:word|wd|phrase)s?|pwd|secrets?|token|(?:api|access|secret|private|shared|encryption)[ ._-]?key"
    r"|account[._-]?key(?:\.[\w.-]+)?)(?:[._-]?(?:value|text|string))?\d*)"
)
_QUOTED: Final = r"""(?:"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>(?:\\.|[^'\\])*)')"""
_BARE: Final = rf"(?:{_MARK}|[^\s\"'])+"
# Names that only sound like secrets: what pages and repeated calls are told by, and the shell's folders.
_HARMLESS_NAME: Final = re.compile(
    r"(?i:.*(?:client|request|idempotency|next|page|continuation)[._-]?token)|(?:OLD)?PWD"
)
_REFERENCE: Final = re.compile(
    rf"(?:arn:[\w-]+:|EMR\.secret@|secretsmanager:|ssm:|s3a?://|hdfs://|file:|jceks://|alias/)\S*"
    rf"|\{{\{{resolve:[^}}]*\}}\}}|true|false|none|null|(?:\$\{{[^}}]*\}}|{_MARK}|\*)*",
    re.IGNORECASE,
)
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# A kind by its name, the first that is found.
_KINDS_BY_NAME: Final = (
    (re.compile(r"(?i)(?:session|security)[._-]?token"), "AWS session token"),
    (re.compile(r"(?i)secret[._-]?(?:access[._-]?)?key"), "secret access key"),
    (re.compile(r"(?i)pass|pwd"), "password"),
    (re.compile(r"(?i)token"), "token"),
    (re.compile(r"(?i)key"), "key"),
    (re.compile(r"(?i)secret"), "secret"),
)


@dataclass(frozen=True)
class _Kind:
    """A kind that is known by its form. The group `secret` is what may not be shown; `is_one` can still say no."""

    name: str
    pattern: re.Pattern[str]
    is_one: Callable[[str], bool] = lambda _: True


def _is_mixed(text: str) -> bool:
    """Tell a key from a hash and from a path: it has letters of both cases and a digit."""
    return all(re.search(some, text) for some in ("[a-z]", "[A-Z]", "[0-9]")) and "//" not in text


_FORTY: Final = r"(?<![A-Za-z0-9/+=])(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"
_KEY_ID: Final = r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"
_ADDRESSEES: Final = r"(?!(?i:mailto|e?-?mail|owner|contact|team|from|to|cc):)"

_KINDS: Final = (
    _Kind(
        "private key",
        re.compile(
            r"(?P<secret>-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*-----|\Z))",
            re.DOTALL,
        ),
    ),
    _Kind("secret access key", re.compile(rf"{_KEY_ID}\W{{1,20}}{_FORTY}")),
    _Kind("secret access key", re.compile(rf"(?i:secret|aws.{{0,10}}key)[^\n]{{0,30}}?{_FORTY}"), _is_mixed),
    _Kind("AWS access key id", re.compile(f"(?P<secret>{_KEY_ID})")),
    _Kind(
        "AWS session token",
        re.compile(r"(?<![A-Za-z0-9])(?P<secret>(?:FwoGZXIvYXdz|IQoJb3JpZ2luX2Vj)[A-Za-z0-9/+=%]{20,})"),
    ),
    _Kind(
        "presigned URL",
        re.compile(
            rf"(?i:X-Amz-(?:Signature|Credential|Security-Token)|[?&]Signature)(?:=|%3D)"
            rf"(?P<secret>(?:{_MARK}|[^\s\"'&<>])+)"
        ),
    ),
    _Kind("password", re.compile(rf"://[^/\s:@]*:(?P<secret>(?:{_MARK}|[^\s/])+)@")),
    _Kind("password", re.compile(rf"(?i:jdbc:oracle:\w+):[^/\s@]+/(?P<secret>(?:{_MARK}|[^\s@])+)@")),
    _Kind(
        "password",
        re.compile(
            rf"(?<![\w.%+/@:-]){_ADDRESSEES}[\w.%+-]+:(?P<secret>[^\s/:@\"']+)"
            r"@(?:[\w-]+(?:\.[\w-]+)+|localhost)"
        ),
    ),
    _Kind(
        "authorization header",
        re.compile(
            r"(?i:authorization[\"']?\s*[:=]\s*[\"']?(?:bearer|basic|aws4-hmac-sha256)\s+)(?P<secret>[^\n\"']+)"
        ),
    ),
    _Kind("token", re.compile(r"(?i:\bbearer\s+)(?P<secret>(?=[^\s]*[0-9])[A-Za-z0-9._~+/=-]{16,})")),
    _Kind(
        "GitHub token",
        re.compile(r"(?<![A-Za-z0-9])(?P<secret>gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{22,})", re.ASCII),
    ),
    _Kind(
        "Slack token",
        re.compile(
            r"(?<![A-Za-z0-9])(?P<secret>xox[abceoprs]-[A-Za-z0-9-]{10,}|hooks\.slack\.com/services/[\w/]{20,})"
        ),
    ),
    _Kind(
        "Google key",
        re.compile(r"(?<![A-Za-z0-9])(?P<secret>AIza[\w-]{35}|GOCSPX-[\w-]{20,}|ya29\.[\w-]{20,})", re.ASCII),
    ),
    _Kind("Stripe key", re.compile(r"(?<![A-Za-z0-9])(?P<secret>[sr]k_(?:live|test)_[A-Za-z0-9]{16,})")),
    _Kind(
        "JSON web token",
        re.compile(r"(?<![A-Za-z0-9])(?P<secret>eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*)", re.ASCII),
    ),
)
# `name=value`, `"name": "value"`, `--name value`, and the elements of a list: a name that tells, and what it holds.
_ASSIGNED: Final = (
    re.compile(rf"(?i:{_NAME})[\"']?\s*(?:=|%3D|:)\s*{_QUOTED}"),
    re.compile(rf"(?i:{_NAME})[\"']?(?:\s*=\s*|:(?!//))(?P<bare>{_BARE})"),
    re.compile(rf"(?i:{_NAME})[\"']?:[ \t]+(?P<bare>{_BARE})(?=[ \t]*(?:[\n\r]|\Z))"),
    # In a sentence after a colon, only what looks like no word.
    re.compile(rf"(?i:{_NAME})[\"']?:[ \t]+(?P<bare>(?=[^\s\"']*[0-9])(?=[^\s\"']*[A-Za-z])[^\s\"']{{6,}})"),
    re.compile(rf"(?=--)(?i:{_NAME})[ \t]+(?:{_QUOTED}|(?P<bare>(?!-){_BARE}))"),
    re.compile(rf"(?=--)(?i:{_NAME})[\"'],\s*{_QUOTED}"),
    re.compile(rf"[\"']Key[\"']\s*:\s*[\"'](?i:{_NAME})[\"']\s*,\s*[\"']Value[\"']\s*:\s*{_QUOTED}"),
)


_KEY_BEGIN: Final = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----")
_KEY_END: Final = re.compile(r"-----END [A-Z0-9 ]*-----")
# Of a key of 16,384 bits some 200; one without an end does not hide the rest of a log.
_MOST_KEY_LINES: Final = 250


def find_secrets(value: Any) -> Iterator[tuple[ValuePath, str]]:
    """Walk a request and yield where a secret stands, and its kind; never the secret itself, not even in a path."""
    yield from dict.fromkeys(_walk(value, ()))


def redact(text: str) -> str:
    """Return the text without its secrets, for logs, reports and errors: `[redacted <kind>]` stands for each."""
    before = None
    while text != before:  # one that is taken out may bring another's ends together
        before = text
        for kind in _KINDS:
            text = kind.pattern.sub(partial(_without_form, kind), text)
        for pattern in _ASSIGNED:
            text = pattern.sub(_without_assigned, text)
    return text


@dataclass
class KeyBlocks:
    """Takes private keys out of lines that come one by one: a key goes over many of them."""

    _lines_left: int = 0

    def __call__(self, line: str) -> str:
        """Return the next line, or a mark where it is within a key."""
        if self._lines_left:
            is_end = _KEY_END.search(line) is not None
            self._lines_left = 0 if is_end else self._lines_left - 1
            return "[redacted private key]"
        begins = _KEY_BEGIN.search(line)
        if begins and not _KEY_END.search(line, begins.end()):
            self._lines_left = _MOST_KEY_LINES
        return line


def secret_findings(
    file: str, request: Any, line_of: Callable[[ValuePath], int | None] = lambda _: None
) -> list[Finding]:
    """Name each secret in a request as an error that does not show it."""
    return [
        Finding(
            level=Level.ERROR,
            file=file,
            line=line_of(path),
            path=path,
            problem=f"holds what looks like a secret ({kind}), readable by all who may describe the cluster",
            expected="a reference to it, such as the ARN of a secret in Secrets Manager that the job reads itself",
            source="https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-security.html",
        )
        for path, kind in find_secrets(request)
    ]


def _walk(value: Any, path: ValuePath) -> Iterator[tuple[ValuePath, str]]:
    if isinstance(value, str):
        yield from ((path, kind) for kind in _kinds_in(value))
    elif isinstance(value, Mapping):
        yield from _walk_mapping(value, path)
    elif isinstance(value, list | tuple):
        for at, each in enumerate(value):
            yield from _walk(each, (*path, at))
        for at, (name, held) in enumerate(pairwise(value)):
            if isinstance(name, str) and name.startswith("-") and not str(held).startswith("-"):
                yield from _named(name, held, (*path, at + 1))


def _walk_mapping(value: Mapping[Any, Any], path: ValuePath) -> Iterator[tuple[ValuePath, str]]:
    for name, held in value.items():
        shown = redact(str(name))
        yield from ((path, kind) for kind in _kinds_in(str(name)))
        yield from _named(str(name), held, (*path, shown))
        yield from _walk(held, (*path, shown))
    if isinstance(value.get("Key"), str):
        yield from _named(value["Key"], value.get("Value"), (*path, "Value"))


def _named(name: str, value: Any, path: ValuePath) -> Iterator[tuple[ValuePath, str]]:
    """Judge a value by its name."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        found = re.fullmatch(f"(?i:{_NAME})", name)
        if found and _is_literal(name, str(value)):
            yield path, _kind_of(name)


def _kinds_in(text: str) -> Iterator[str]:
    for kind in _KINDS:
        for found in kind.pattern.finditer(text):
            if _is_kept_from(found["secret"]) and kind.is_one(found["secret"]):
                yield kind.name
    for pattern in _ASSIGNED:
        for found in pattern.finditer(text):
            if _is_literal(found["name"], found[_group(found)]):
                yield _kind_of(found["name"])


def _without_form(kind: _Kind, found: re.Match[str]) -> str:
    is_one = _is_kept_from(found["secret"]) and kind.is_one(found["secret"])
    return _without(found, "secret", kind.name) if is_one else found.group()


def _without_assigned(found: re.Match[str]) -> str:
    name, group = found["name"], _group(found)
    return _without(found, group, _kind_of(name)) if _is_literal(name, found[group]) else found.group()


def _without(found: re.Match[str], group: str, kind: str) -> str:
    start, end = (each - found.start() for each in found.span(group))
    return f"{found.group()[:start]}[redacted {kind}]{found.group()[end:]}"


def _group(found: re.Match[str]) -> str:
    given = found.groupdict()
    return next(name for name in ("double", "single", "bare") if given.get(name) is not None)


def _is_kept_from(value: str) -> bool:
    """Tell a literal value from nothing and from what only refers to a secret."""
    return not _REFERENCE.fullmatch(value.strip())


def _is_literal(name: str, value: str) -> bool:
    is_key_id = "encryption" in name.lower() and _UUID.fullmatch(value)
    return _is_kept_from(value) and not _HARMLESS_NAME.fullmatch(name) and not is_key_id


def _kind_of(name: str) -> str:
    return next(kind for pattern, kind in _KINDS_BY_NAME if pattern.search(name))
