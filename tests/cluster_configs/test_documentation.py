"""What docs/cluster_configs.md shows is done to the letter, and its table has every rule."""

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from orchestrator.cli import app
from orchestrator.rules import APPLICATION_RULES, RULES
from orchestrator.rules.rule import Rule
from tests.local_aws.emr.launching import Laptop
from tests.requests.renew import APPLICATIONS, CONFIGS, NAMES

TEXT = (CONFIGS.parent / "docs" / "cluster_configs.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(sh|yaml)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"`([a-z_]+\.yaml)`")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(CONFIGS, tmp_path / "cluster_configs")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_newcomer_follows_it(checkout: Path) -> None:
    count = 0
    for block in BLOCK.finditer(TEXT):
        kind, text = block.groups()
        if kind == "yaml":
            (name, *_) = FILE.findall(TEXT[: block.start()].rstrip().rsplit("\n\n", 1)[-1])
            (checkout / "cluster_configs" / name).write_text(text, encoding="utf-8")
            continue
        for line in text.splitlines():
            _do(line)
            count += 1
    assert count == 6
    schema = json.loads((checkout / "cluster_configs" / "cluster.schema.json").read_text(encoding="utf-8"))
    assert schema["title"] == "Cluster file of EMR Job Suite"


def _do(line: str) -> None:
    words = shlex.split(line)
    if words[0] == "aws":
        assert words[1:3] == ["emr", "create-security-configuration"]
        given = dict(zip(words[3::2], words[4::2], strict=True))
        body = Path(given["--security-configuration"].removeprefix("file://")).read_text(encoding="utf-8")
        made = {"Name": given["--name"], "SecurityConfiguration": body}
        assert Laptop().call("CreateSecurityConfiguration", **made)["Name"] == given["--name"]
        return
    assert words[0] == "orchestrator"
    command, _, target = " ".join(map(shlex.quote, words[1:])).partition(" '>' ")
    result = CliRunner().invoke(app, shlex.split(command), prog_name="orchestrator")
    assert result.exit_code == 0, result.output
    assert "0 errors" in result.stderr or command == "schema"
    if target:
        Path(target).write_text(result.stdout, encoding="utf-8")


def test_the_table_has_every_rule_with_its_level_and_source() -> None:
    rows = [
        line.strip("| ").split(" | ")
        for line in TEXT.splitlines()
        if re.search(r"\| (ERROR|WARNING) \|", line)
    ]
    told = [(name.replace("&#124;", "|"), level, source) for name, level, source in rows]
    every: list[Rule[Any]] = [*RULES, *APPLICATION_RULES]
    sources = [
        f"<{rule.source}>"
        if rule.source.startswith("https")
        else "[decision 2](decisions/0002-jobs-need-only-the-emr-image.md)"
        for rule in every
    ]
    assert told == [
        (rule.name, rule.level.value, source) for rule, source in zip(every, sources, strict=True)
    ]


def test_every_shipped_file_is_described() -> None:
    table = TEXT.partition("## The shipped files")[2].partition("\n## ")[0]
    assert sorted(FILE.findall(" ".join(re.findall(r"^\| `[^|]*", table, re.MULTILINE)))) == [
        f"{name}.yaml" for name in sorted((*NAMES, *APPLICATIONS))
    ]
