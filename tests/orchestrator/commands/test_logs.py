"""`orchestrator logs` against the embedded AWS."""

import gzip
import json
from typing import Any

import pytest

from benchmarks.emr_chaos.requests import step
from benchmarks.orchestrator_chaos.simulation import given_cluster, plan_of, planned_job
from local_aws.emr.supply import Shortage
from orchestrator.engine import records
from orchestrator.engine.documents import encode
from orchestrator.engine.records import JobRecord, RunRecord, State
from orchestrator.ownership import Ownership
from tests.orchestrator.commands.conftest import BUCKET, Commands, Shop


def cluster_with_logs(commands: Commands) -> tuple[str, str, str]:
    """Launch a cluster whose step has logs; return its id, the step's, and where they are."""
    bucket = "logs-of-the-command"
    # Its cluster is never ready: what stands in its logs is what the test puts there.
    commands.aws.aws.emr.world.supply.shortages.append(Shortage("ON_DEMAND"))
    commands.aws.s3.create_bucket(Bucket=bucket)
    cluster = commands.launch("a", steps=[step("first")], LogUri=f"s3://{bucket}/emr")
    step_id = commands.aws.emr.list_steps(ClusterId=cluster)["Steps"][0]["Id"]
    key = f"emr/{cluster}/steps/{step_id}/stderr.gz"
    commands.aws.s3.put_object(Bucket=bucket, Key=key, Body=gzip.compress(b"one\n\x1b[2Jtwo"))
    return cluster, step_id, f"s3://{bucket}/{key}"


def test_a_steps_logs_are_shown_file_by_file(commands: Commands) -> None:
    cluster, step_id, uri = cluster_with_logs(commands)
    expected = f"==> {uri} <==\none\n\\x1b[2Jtwo\n"
    commands.aws.s3.create_bucket(Bucket=BUCKET)
    for what in ([step_id, "--cluster", cluster], [step_id], [cluster], ["r1"]):
        result = commands.run("logs", *what)
        assert (result.exit_code, result.stdout, result.stderr) == (0, expected, "")


def test_json_is_one_list(commands: Commands) -> None:
    cluster, _, uri = cluster_with_logs(commands)
    assert commands.told("logs", cluster) == [{"uri": uri, "text": "one"}, {"uri": uri, "text": "\x1b[2Jtwo"}]


def test_no_logs_are_an_empty_list_and_words_on_standard_error(commands: Commands) -> None:
    commands.aws.s3.create_bucket(Bucket="no-logs-yet")
    cluster = commands.launch("b", steps=[step("first")], LogUri="s3://no-logs-yet/emr")
    result = commands.run("logs", cluster, "-o", "json")
    assert (result.exit_code, result.stdout) == (0, "[]\n")
    assert "PENDING, no logs yet; expected below s3://no-logs-yet/emr/" in result.stderr


def test_following_ends_in_time(commands: Commands) -> None:
    cluster, _, _ = cluster_with_logs(commands)
    result = commands.run("logs", cluster, "-f", "--timeout", "0.5", "--poll", "0.1")
    assert result.exit_code == 4
    assert result.stdout.endswith("one\n")
    assert "Error: logs: the time is over, and more may come" in result.stderr


def test_json_is_whole_where_the_time_is_over(commands: Commands) -> None:
    cluster, _, uri = cluster_with_logs(commands)
    result = commands.run("logs", cluster, "-f", "--timeout", "0.5", "--poll", "0.1", "-o", "json")
    assert (result.exit_code, json.loads(result.stdout)) == (4, [{"uri": uri, "text": "one"}])


def test_an_unknown_run_is_wrong_usage(commands: Commands) -> None:
    result = commands.run("logs", "r-unknown")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: r-unknown: expected the id of a step" in result.stderr


def test_a_run_on_a_cluster_that_others_share_is_found_by_its_record(shop: Shop) -> None:
    [launched] = shop.told("launch", "long.yaml")
    run = shop.told("submit", launched["cluster_id"], "two.yaml:readings")[0]["run_id"]
    step_id = shop.told("status", run)["jobs"][0]["step_id"]
    key = f"logs/{launched['cluster_id']}/steps/{step_id}/stderr.gz"
    secret = "AKIA" + "Q3EGYXZ7" * 2
    shop.aws.s3.put_object(Bucket=shop.bucket, Key=key, Body=gzip.compress(f"key {secret}\n".encode()))
    result = shop.run("logs", run)
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"==> s3://{shop.bucket}/{key} <==" in result.stdout
    assert secret not in result.stdout


@pytest.mark.parametrize("state", [State.RUNNING, State.FAILED])
def test_the_steps_of_a_run_are_found_by_its_record(commands: Commands, state: State) -> None:
    cluster, step_id, uri = cluster_with_logs(commands)
    plan = plan_of("run", [planned_job("a", "run", "s3://lake/a")], given_cluster(cluster))
    jobs = {"a": JobRecord(cluster_id=cluster, step_id=step_id)}
    record = RunRecord(plan=plan, state=state, nonce="1", began_at=0, cluster_id=cluster, jobs=jobs)
    commands.aws.s3.create_bucket(Bucket=BUCKET)
    key = f"_state/{records.key_of(plan.run_id)}"
    commands.aws.s3.put_object(Bucket=BUCKET, Key=key, Body=encode(record))
    told: list[Any] = commands.told("logs", plan.run_id)
    assert [line["uri"] for line in told] == [uri, uri]


def test_a_secret_in_a_log_is_not_shown(commands: Commands) -> None:
    _, step_id, uri = cluster_with_logs(commands)
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    line = f"connecting with password={'hunter' * 2}7"
    commands.aws.s3.put_object(Bucket=bucket, Key=key, Body=gzip.compress(line.encode()))
    assert commands.run("logs", step_id).stdout == (
        f"==> {uri} <==\nconnecting with password=[redacted password]\n"
    )


def test_a_run_is_found_by_its_tag_where_the_state_has_no_such_run(commands: Commands) -> None:
    _, _, uri = cluster_with_logs(commands)
    result = commands.run("logs", "r1")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, f"==> {uri} <==")


def test_a_run_is_found_by_its_tag_where_there_is_no_state(commands: Commands) -> None:
    owner, run_id = "no-such-state", "r" + "0" * 20
    commands.launch(
        "d", owner=owner, ownership=Ownership(owner, run_id), LogUri="s3://x/", steps=[step("first")]
    )
    result = commands.run("logs", run_id, "--bucket", owner)
    assert (
        f"the record of {run_id} cannot be read, so its cluster is looked for by its tag: S3 GetObject"
        in result.stderr
    )
    assert "no logs yet" in result.stderr or "NoSuchBucket" in result.stderr
