"""`target`: a file for a cluster, or for an application of EMR Serverless."""

from pathlib import Path

import pytest

from orchestrator.config.cluster import ClusterConfig, load_cluster
from orchestrator.findings import dotted_path

ROLE = "arn:aws:iam::123456789012:role/jobs"
FILE = """
target: serverless
name: app
releaseLabel: emr-7.14.0
type: SPARK
maximumCapacity: {cpu: 64 vCPU, memory: 256 GB}
monitoringConfiguration: {s3MonitoringConfiguration: {logUri: "s3://b/logs/"}}
environment: s3://b/env.tar.gz
job_run: {executionRoleArn: "arn:aws:iam::123456789012:role/jobs", executionTimeoutMinutes: 60}
"""


def load(folder: Path, text: str) -> ClusterConfig:
    (folder / "file.yaml").write_text(text)
    return load_cluster(folder / "file.yaml", {})


def told(config: ClusterConfig) -> list[str]:
    return [f"{each.level.value} {dotted_path(each.path)}: {each.problem}" for each in config.findings]


def test_an_application_is_read_apart_from_what_its_job_runs_have(tmp_path: Path) -> None:
    config = load(tmp_path, FILE)
    assert told(config) == []
    assert config.is_serverless
    assert set(config.request) == {
        "name",
        "releaseLabel",
        "type",
        "maximumCapacity",
        "monitoringConfiguration",
    }
    assert config.job_run == {"executionRoleArn": ROLE, "executionTimeoutMinutes": 60}
    assert config.environment == "s3://b/env.tar.gz"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("target: serverless", "target: eks", "ERROR target: no target"),
        ("releaseLabel:", "releaselabel:", "ERROR releaselabel: unknown key; did you mean releaseLabel?"),
        (
            "executionTimeoutMinutes: 60",
            "executionTimeoutMinutes: soon",
            "ERROR job_run.executionTimeoutMinutes",
        ),
        ("environment: s3://b/env.tar.gz", "environment: [a]", "ERROR environment: the wrong type"),
        ("job_run: {", "job_run: x #", "ERROR job_run: the wrong type"),
        (
            'executionRoleArn: "',
            'executionRoleArn: "x',
            "ERROR job_run.executionRoleArn: characters that AWS",
        ),
        (
            ", executionTimeoutMinutes: 60",
            ", jobdriver: {}",
            "ERROR job_run.jobdriver: unknown key; did you mean",
        ),
    ],
)
def test_what_has_the_wrong_shape_is_told_with_its_place(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    assert old in FILE
    found = told(load(tmp_path, FILE.replace(old, new)))
    assert any(line.startswith(expected) for line in found), found


def test_shape_and_rules_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    text = FILE.replace("type: SPARK", "type: HIVE").replace("64 vCPU", "many")
    found = load(tmp_path, text).findings
    assert {(dotted_path(each.path), each.line) for each in found} == {
        ("type", 5),
        ("maximumCapacity.cpu", 6),
    }


def test_a_file_without_a_target_is_for_a_cluster(tmp_path: Path) -> None:
    config = load(tmp_path, "target: emr\nName: x\n")
    assert not config.is_serverless
    assert "target" not in config.request
