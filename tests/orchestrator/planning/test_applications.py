"""From an application's file to the plan of a launch or a run."""

from pathlib import Path

import pytest

from orchestrator.config.cluster import ClusterConfig, load_cluster
from orchestrator.errors import UsageError
from orchestrator.identity import Token, bare_name, token_of
from orchestrator.ownership import IDLE, OWNER, REQUEST
from orchestrator.planning import clusters
from orchestrator.planning.applications import application
from orchestrator.plans import ClusterKind, decode, encode, name_of, request_of, step_of
from tests.orchestrator.planning.world import BUCKET, collected, pipeline, plan

FILE = """
target: serverless
limits: {idle_timeout_seconds: 600}
name: app
releaseLabel: emr-7.14.0
type: SPARK
tags: {team: data}
job_run: {executionRoleArn: "arn:aws:iam::123456789012:role/jobs", executionTimeoutMinutes: 7}
"""


def config(folder: Path, text: str = FILE) -> ClusterConfig:
    path = folder / "app.yaml"
    path.write_text(text)
    return load_cluster(path, {})


def test_the_request_carries_its_token_twice_and_our_tags(tmp_path: Path) -> None:
    planned = application(config(tmp_path), "bucket", "", (None, 600))
    assert planned.request is not None
    token = Token(str(planned.base))
    assert planned.kind is ClusterKind.SHARED
    assert (planned.request["name"], planned.request["clientToken"]) == (f"app/{token}", str(token))
    tags = planned.request["tags"]
    assert (tags["team"], tags[OWNER], tags[IDLE], len(tags[REQUEST])) == ("data", "bucket", "600", 20)


def test_the_next_one_in_the_row_has_the_next_token(tmp_path: Path) -> None:
    planned = application(config(tmp_path), "bucket", "", (None, None))
    second = request_of(planned, [], 2)
    token = Token(str(planned.base), 2)
    assert (second["name"], second["clientToken"]) == (f"app/{token}", str(token))
    assert token_of(second["name"]) == token
    assert bare_name(second["name"]) == "app"
    assert name_of(second) == second["name"]


def test_owner_name_and_key_make_another_application_and_nothing_else_does(tmp_path: Path) -> None:
    base = application(config(tmp_path), "bucket", "", (None, None)).base
    assert (
        application(config(tmp_path, FILE + "architecture: ARM64\n"), "bucket", "", (None, None)).base == base
    )
    assert application(config(tmp_path), "other", "", (None, None)).base != base
    assert application(config(tmp_path), "bucket", "key", (None, None)).base != base
    assert (
        application(config(tmp_path, FILE.replace("name: app", "name: b")), "bucket", "", (None, None)).base
        != base
    )


def test_secrets_are_refused(tmp_path: Path) -> None:
    secret = FILE.replace("{team: data}", "{password: correcthorsebattery}")
    with pytest.raises(UsageError, match="secret"):
        application(config(tmp_path, secret), "bucket", "", (None, None))


def test_a_pipeline_is_planned_as_job_runs_and_its_plan_is_read_again(tmp_path: Path) -> None:
    made = plan(pipeline(tmp_path), config(tmp_path))
    assert made.cluster.kind is ClusterKind.SHARED
    first, second = made.jobs
    assert first.step["jobDriver"]["sparkSubmit"]["entryPoint"].endswith("/device_readings.py")
    assert (first.step["executionTimeoutMinutes"], first.time_limit_s) == (30, 1800)
    assert (second.step["executionTimeoutMinutes"], second.time_limit_s) == (7, 420)
    assert decode("plan.json", encode(made)) == made
    token = Token(first.base, 3)
    tried = step_of(first, 3)
    assert (tried["name"], tried["clientToken"]) == (f"readings ({token})", str(token))


def test_an_application_stays_and_is_shared(tmp_path: Path) -> None:
    loaded = config(tmp_path)
    assert clusters.keeps_alive(loaded)
    shared = clusters.shared(loaded, BUCKET, "", collected().artifacts)
    assert shared == application(loaded, BUCKET, "", (None, 600))


def test_a_file_with_errors_is_not_planned(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="jobs run in Spark"):
        clusters.shared(config(tmp_path, FILE.replace("SPARK", "HIVE")), BUCKET, "", collected().artifacts)
