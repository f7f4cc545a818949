"""Files in, findings out."""

from pathlib import Path

import pytest

from orchestrator.checkout import ROOT
from orchestrator.verbs.validate import validate


def test_files_are_validated_each_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text("Nmae: a\n", encoding="utf-8")
    Path("c.yaml").write_text("extends: base.yaml\nName: ${name}\n", encoding="utf-8")
    first, second, third = validate([Path("c.yaml"), Path("none.yaml"), Path("base.yaml")], {"name": "n"})
    assert first.files == ("c.yaml", "base.yaml")
    assert "base.yaml:1: ERROR: Nmae: unknown key; did you mean Name?" in str(first.findings[0])
    assert [str(each) for each in second.findings] == [
        "none.yaml: ERROR: cannot be read: No such file or directory; expected a file of YAML or JSON"
    ]
    assert (third.file, third.files) == ("base.yaml", ("base.yaml",))
    assert any("unknown variable name was given" in each.problem for each in third.findings)


def test_a_pipeline_is_held_against_the_rules_of_pipelines() -> None:
    shipped = ROOT / "pipelines" / "readings.yaml"
    faultless, faulty = validate([shipped], {"lake": "lake"})[0], validate([shipped], {})[0]
    assert (faultless.file, faultless.files, faultless.findings) == (str(shipped), (str(shipped),), ())
    assert {each.problem for each in faulty.findings} == {"the variable lake has no value"}
