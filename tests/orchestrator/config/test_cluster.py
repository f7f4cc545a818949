"""Cluster files, from YAML to a request."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from orchestrator.config.cluster import ClusterConfig, Limits, load_cluster
from orchestrator.errors import UsageError
from orchestrator.findings import errors
from tests.orchestrator.rules.holding import FAULTLESS

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with a faultless base, and work there."""
    with (tmp_path / "base.yaml").open("w") as file:
        YAML().dump(FAULTLESS, file)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _load(text: str, **variables: Any) -> ClusterConfig:
    Path("c.yaml").write_text(text, encoding="utf-8")
    return load_cluster(Path("c.yaml"), variables)


def test_a_file_becomes_a_request_without_our_keys() -> None:
    config = _load(
        "extends: base.yaml\nvariables: {name: nightly, hours: 12}\nName: ${name}-${day}\n"
        "limits: {max_lifetime_hours: '${hours}', idle_timeout_seconds: 60}\nEbsRootVolumeSize: null\n",
        day=7,
    )
    assert config == ClusterConfig(
        file="c.yaml",
        request={**FAULTLESS, "Name": "nightly-7"},
        limits=Limits(max_lifetime_hours=12, idle_timeout_seconds=60),
        findings=(),
        files=("c.yaml", "base.yaml"),
    )


def test_all_that_is_wrong_is_told_at_once_where_it_was_written() -> None:
    config = _load(
        "extends: base.yaml\n"
        "limits: {max_lifetime: 1}\n"
        "Nmae: ${x}\n"
        "StepConcurrencyLevel: 257\n"
        "Instances:\n"
        "  InstanceFleets:\n"
        "    - InstanceFleetType: CORE\n"
        "      TargetOnDemandCapacity: ten\n"
        "    - InstanceFleetType: MASTER\n"
        "      TargetSpotCapacity: 1\n"
        "      LaunchSpecifications:\n"
        "        SpotSpecification: {TimeoutDurationMinutes: 5, TimeoutAction: TERMINATE_CLUSTER}\n"
    )
    assert [str(each).split("; expected")[0] for each in config.findings] == [
        "c.yaml:3: ERROR: Nmae: unknown variable x, got '${x}'",
        "c.yaml:2: ERROR: limits.max_lifetime: unknown key; did you mean max_lifetime_hours?",
        "c.yaml:8: ERROR: Instances.InstanceFleets[1].TargetOnDemandCapacity: the wrong type, got 'ten'",
        "c.yaml:9: ERROR: Instances.InstanceFleets[0]: a primary fleet of another target than 1, got 2",
        "c.yaml:4: ERROR: StepConcurrencyLevel: out of range, got 257",
        "c.yaml:10: WARNING: Instances.InstanceFleets[0].TargetSpotCapacity: primary nodes on Spot, got 1",
    ]


def test_a_fault_in_the_base_is_told_there() -> None:
    line = Path("base.yaml").read_text().split("\n").index("  IdleTimeout: 3600") + 1
    Path("base.yaml").write_text(
        Path("base.yaml").read_text().replace("IdleTimeout: 3600", "IdleTimeout: 59")
    )
    (finding,) = _load("extends: base.yaml\nlimits: {max_lifetime_hours: 1}").findings
    assert (finding.file, finding.line, finding.value) == ("base.yaml", line, "59")


def test_nothing_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("bucket", "from-the-environment")
    config = _load("extends: base.yaml\nLogUri: s3://${bucket}/\nName: ${HOME}\n")
    assert "from-the-environment" not in str(config.request)
    assert config.request["Name"] == "${HOME}"


@pytest.mark.parametrize("text", ["", "a: [", "- a", "\x00"])
def test_an_unreadable_file_has_findings_and_no_request(text: str) -> None:
    config = _load(text)
    assert (config.request, config.limits) == ({}, Limits())
    assert len(errors(config.findings)) == 1


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match=r"none\.yaml: cannot be read"):
        load_cluster(Path("none.yaml"), {})


def test_secrets_are_told_and_not_shown() -> None:
    config = _load(
        "extends: base.yaml\nLogUri: [s3://AKIAABCDEFGHIJKLMNOP]\n"
        "KerberosAttributes: {Realm: r, KdcAdminPassword: 31415926}\n"
        "Configurations: [{Classification: c, Properties: {db.password: hunter2, aws.secret.key: 'x${y}'}}]\n"
    )
    told = "\n".join(map(str, config.findings))
    assert "KdcAdminPassword: the wrong type, got (not shown)" in told
    assert "db.password: looks like a secret" in told
    assert not any(secret in told for secret in ("AKIA", "31415926", "hunter2", "x${y}"))
