"""What looks like a secret is told, and not shown."""

from dataclasses import replace

import pytest

from orchestrator.config.secret import is_secret, without_secret
from orchestrator.findings import Finding, Level, ValuePath

KEY_ID = "AKIA" + "ABCDEFGHIJKLMNOP"
FINDING = Finding(level=Level.ERROR, file="c.yaml", problem="p")


@pytest.mark.parametrize(
    ("path", "text", "looks_so"),
    [
        ((), KEY_ID, True),
        ((), f"--key={KEY_ID}", True),
        ((), f"X{KEY_ID}", False),
        ((), KEY_ID[:-1], False),
        (("KdcAdminPassword",), "x", True),
        (("fs.s3a.secret.key",), "x", True),
        (("aws_session_token",), "x", True),
        (("passwordless",), "x", False),
        ((0,), "x", False),
    ],
)
def test_secrets_are_known_by_name_or_form(path: ValuePath, text: str, looks_so: bool) -> None:
    assert is_secret(path, text) is looks_so


@pytest.mark.parametrize(
    ("path", "value", "shown"),
    [
        (("Name",), "'x'", "'x'"),
        (("Name",), None, None),
        (("Name",), repr(KEY_ID), "(not shown)"),
        (("KerberosAttributes", "KdcAdminPassword"), "5", "(not shown)"),
        (("Properties", "db.password", 0), "5", "(not shown)"),
    ],
)
def test_a_finding_does_not_show_them(path: ValuePath, value: str | None, shown: str | None) -> None:
    finding = replace(FINDING, path=path, value=value)
    assert without_secret(finding) == replace(finding, value=shown)
