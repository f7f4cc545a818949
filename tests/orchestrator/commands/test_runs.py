"""`orchestrator status` and `orchestrator cancel` against the embedded AWS."""

import json

import pytest

from benchmarks.emr_chaos.requests import step
from tests.orchestrator.commands.conftest import Shop


def test_a_run_is_told_with_its_jobs_and_how_to_wait_for_it(shop: Shop) -> None:
    shop.slow()
    run = shop.told("run", "two.yaml", "--detach")["run_id"]
    result = shop.run("status", run, "-o", "json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["state"], told["run_id"]) == (0, "running", run)
    assert told["cluster"] in {"STARTING", "BOOTSTRAPPING", "RUNNING"}
    assert [job["job"] for job in told["jobs"]] == ["readings", "hourly"]
    assert result.stderr == (
        f"wait for it, and go on with it where nobody does: orchestrator run --attach {run}\n"
    )
    table = shop.run("status", run)
    assert all(word in table.stdout for word in (run, "running", told["cluster_id"], "readings", "hourly"))


def test_a_run_that_nobody_saw_end_has_stopped_until_somebody_takes_it_up(shop: Shop) -> None:
    shop.fail("readings")
    told = shop.told("run", "two.yaml", "--detach")
    run, cluster = told["run_id"], told["cluster_id"]
    shop.aws.until_end(cluster)
    result = shop.run("status", run, "-o", "json")
    told = json.loads(result.stdout)
    assert (told["state"], told["cluster"]) == ("stopped", "TERMINATED_WITH_ERRORS")
    assert result.stderr.startswith(f"run {run}: cluster {cluster}: STEP_FAILURE: ")
    assert result.stderr.endswith(f"; nobody has seen its end: orchestrator run --attach {run} takes it up\n")
    assert [row["state"] for row in shop.told("status")] == ["stopped"]
    assert shop.run("run", "--attach", run).exit_code == 1
    result = shop.run("status", run, "-o", "json")
    assert (json.loads(result.stdout)["state"], result.stderr) == ("failed", "")


def test_runs_are_listed_the_newest_first_up_to_a_limit(shop: Shop) -> None:
    assert shop.told("status") == []
    shop.told("run", "two.yaml", "--key", "a")
    shop.told("run", "two.yaml:readings", "--key", "b")
    rows = shop.told("status")
    assert [(row["name"], row["state"], row["cluster"]) for row in rows] == [
        ("two:readings", "succeeded", None),
        ("two", "succeeded", None),
    ]
    limited = shop.run("status", "--limit", "1", "-o", "json")
    assert json.loads(limited.stdout) == rows[:1]
    assert limited.stderr == "1 of 2 runs, the newest; --limit shows more\n"
    table = shop.run("status")
    assert table.stderr == ""
    assert table.stdout.index("two:readings") < table.stdout.rindex("two ")


def test_a_run_is_cancelled_with_its_cluster(shop: Shop) -> None:
    shop.slow()
    begun = shop.told("run", "two.yaml", "--detach")
    result = shop.run("cancel", begun["run_id"], "-o", "json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["state"]) == (0, "cancelled")
    assert {job["state"] for job in told["jobs"]} == {"cancelled"}
    assert shop.aws.cluster(begun["cluster_id"]).status.state == "TERMINATED"
    table = shop.run("cancel", begun["run_id"])
    assert (table.exit_code, table.stderr) == (0, "")
    assert "cancelled" in table.stdout


def test_a_step_of_ours_is_cancelled_alone(shop: Shop) -> None:
    shop.slow()
    [launched] = shop.told("launch", "long.yaml")
    cluster = launched["cluster_id"]
    run = shop.told("submit", cluster, "two.yaml:readings")[0]["run_id"]
    step_id = shop.told("status", run)["jobs"][0]["step_id"]
    other = shop.aws.add_step(cluster, step("theirs"))
    [row] = shop.told("cancel", step_id, "--cluster", cluster)
    assert (row["step_id"], row["action"], row["error"]) == (step_id, "is ending", None)
    shop.aws.until_step(cluster, step_id, "CANCELLED")
    refused = shop.run("cancel", other, "--cluster", cluster)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "'theirs' is not ours: expected a token at the end of its name" in refused.stderr
    [row] = shop.told("cancel", step_id, "--cluster", cluster)
    assert row["action"] == "has ended"


def test_a_step_that_emr_does_not_cancel_ends_with_3(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.slow()
    [launched] = shop.told("launch", "long.yaml")
    cluster = launched["cluster_id"]
    run = shop.told("submit", cluster, "two.yaml:readings")[0]["run_id"]
    step_id = shop.told("status", run)["jobs"][0]["step_id"]
    answer = {"CancelStepsInfoList": [{"StepId": step_id, "Status": "FAILED", "Reason": "too late"}]}
    call = shop.aws.aws.emr.call
    monkeypatch.setattr(
        shop.aws.aws.emr,
        "call",
        lambda name, request: answer if name == "CancelSteps" else call(name, request),
    )
    result = shop.run("cancel", step_id, "--cluster", cluster, "-o", "json")
    assert (result.exit_code, json.loads(result.stdout)[0]["action"]) == (3, "goes on")
    assert result.stderr == f"Error: EMR does not cancel {step_id}: too late\n"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            ["cancel", "r1"],
            "Error: run r1: the state has no such run; `orchestrator status` names those it has",
        ),
        (["cancel", "s-ABC"], "Error: cancel s-ABC: expected a step's cluster, --cluster j-…"),
        (["cancel", "r1", "--cluster", "j-1"], "expected no --cluster, which goes with a step (s-…)"),
        (["cancel", "s-ABC", "--cluster", "j-NONE"], "s-ABC: cluster j-NONE has no such step"),
        (["status", "r1"], "Error: run r1: the state has no such run"),
        (["status", "../calls/x"], "Error: run ../calls/x: the state has no such run"),
        (["status", "--limit", "0"], "--limit"),
    ],
)
def test_wrong_usage_ends_with_2(shop: Shop, arguments: list[str], text: str) -> None:
    result = shop.run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert text in result.stderr


def test_a_bucket_that_is_not_there_ends_with_3(shop: Shop) -> None:
    result = shop.run("status", "--bucket", "none-such")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "Error: S3 ListObjectsV2: NoSuchBucket" in result.stderr
