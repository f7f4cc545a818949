"""What looks like a secret, by its name or by itself: it is told where it stands, and never shown."""

import re
from dataclasses import replace
from typing import Final

from orchestrator.findings import Finding, ValuePath

_KEY_ID: Final = re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b")
_NAME: Final = re.compile(
    r"(?i).*(password|passwd|secret[._-]?key|secret[._-]?access[._-]?key|session[._-]?token)"
)


def is_secret(path: ValuePath, text: str) -> bool:
    """Tell whether a text at a path looks like a secret."""
    return bool(_KEY_ID.search(text)) or (bool(path) and _NAME.fullmatch(str(path[-1])) is not None)


def without_secret(finding: Finding) -> Finding:
    """Take the value out of a finding, where it looks like a secret or is within what is named like one."""
    if finding.value is None:
        return finding
    is_within = any(is_secret((part,), "") for part in finding.path)
    return replace(finding, value="(not shown)") if is_within or is_secret((), finding.value) else finding
