"""`orchestrator run` against the embedded AWS: exit codes, one document on standard output, the rest on the other."""

import json
from typing import Any

import pytest
import typer
from typer.testing import Result

from orchestrator.aws.clock import SystemClock
from orchestrator.commands import run as command
from tests.orchestrator.commands.conftest import Shop


def test_a_pipeline_runs_once_and_tells_how_it_came_out(shop: Shop) -> None:
    result = shop.run("run", "two.yaml", "-o", "json")
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1)
    told = json.loads(result.stdout)
    assert (told["state"], told["failed"], told["advice"]) == ("succeeded", [], "")
    assert [(job["job"], job["state"], job["attempt"]) for job in told["jobs"]] == [
        ("readings", "succeeded", 1),
        ("hourly", "succeeded", 1),
    ]
    said = result.stderr.splitlines()
    assert f"run {told['run_id']}: two, running" in said
    assert said[-1].endswith(f"cluster {told['cluster_id']} TERMINATED; readings COMPLETED; hourly COMPLETED")
    state, keys = shop.operations, shop.state
    again = shop.run("run", "two.yaml", "-o", "json")
    assert json.loads(again.stdout) == told
    assert again.stderr == (
        f"run {told['run_id']} has succeeded already, nothing was begun; "
        "another run needs other inputs, or another --key\n"
    )
    assert {
        name for name in shop.operations[len(state) :] if not name.startswith(("Describe", "List"))
    } == set()
    assert shop.state == keys


def test_other_inputs_and_another_key_make_another_run(shop: Shop) -> None:
    runs = [shop.told("run", "two.yaml", "--detach")["run_id"]]
    shop.put("raw/b.json")
    runs.append(shop.told("plan", "two.yaml")["run_id"])
    runs.append(shop.told("plan", "two.yaml", "--key", "k")["run_id"])
    assert len(set(runs)) == 3


def test_a_plans_file_is_run_byte_for_byte(shop: Shop) -> None:
    shop.run("plan", "two.yaml", "--out", "plan.json")
    plan = json.loads((shop.folder / "plan.json").read_text())
    told = shop.told("run", "plan.json")
    sent = shop.aws.cluster(told["cluster_id"]).request
    assert json.dumps(sent, sort_keys=True) == json.dumps(plan["cluster"]["request"], sort_keys=True)
    assert told["run_id"] == plan["run_id"]


def test_a_job_that_failed_ends_with_1_and_is_told(shop: Shop) -> None:
    shop.fail("readings")
    result = shop.run("run", "two.yaml", "-o", "json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["state"]) == (1, "failed")
    [failed] = told["failed"]
    assert (failed["job"], failed["step_id"]) == ("readings", told["jobs"][0]["step_id"])
    for line in (f"job readings failed: {failed['reason']}", f"  logs: {failed['logs']}"):
        assert line in result.stderr.splitlines()
    assert f"Error: run {told['run_id']} failed: job readings: " in result.stderr
    table = shop.run("run", "--attach", told["run_id"])
    assert table.exit_code == 1
    assert "failed" in table.stdout


def test_a_run_is_begun_let_go_and_taken_up(shop: Shop) -> None:
    result = shop.run("run", "two.yaml", "--detach", "-o", "json")
    run = json.loads(result.stdout)["run_id"]
    assert result.exit_code == 0
    assert result.stderr.splitlines()[-1] == (
        f"run {run} goes on; wait for it again: orchestrator run --attach {run}; end it: orchestrator cancel {run}"
    )
    told = shop.told("run", "--attach", run)
    assert told["state"] == "succeeded"
    assert shop.told("run", "--attach", run) == told
    assert shop.operations.count("RunJobFlow") == 1


def test_what_is_not_over_in_time_ends_with_4_and_goes_on_or_is_cancelled(shop: Shop) -> None:
    shop.slow()
    late = shop.run("run", "two.yaml", "--timeout", "8", "--poll", "0.1")
    assert (late.exit_code, late.stdout) == (4, "")
    assert (
        "not over when the time was; it goes on: wait again with orchestrator run --attach r" in late.stderr
    )
    run = shop.told("plan", "two.yaml")["run_id"]
    late = shop.run("run", "--attach", run, "--timeout", "0", "--on-timeout", "cancel")
    assert (late.exit_code, late.stdout) == (4, "")
    assert f"Error: run {run}: not over in time, and cancelled (--on-timeout cancel)" in late.stderr
    over = shop.run("run", "--attach", run, "-o", "json")
    assert (over.exit_code, json.loads(over.stdout)["state"]) == (1, "cancelled")
    assert over.stderr == f"Error: run {run} was cancelled\n"


def test_what_aws_refuses_ends_with_3(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        shop.refuse(patch, "RunJobFlow")
        result = shop.run("run", "two.yaml")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "Error: EMR RunJobFlow: ValidationException: no such thing" in result.stderr
    run = shop.told("plan", "two.yaml")["run_id"]
    assert shop.told("status", run)["state"] == "failed"
    assert shop.told("run", "two.yaml")["state"] == "succeeded"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "run: expected either what to run (PIPELINE[:JOB]) or --attach RUN"),
        (["two.yaml", "--attach", "r1"], "run: expected either what to run (PIPELINE[:JOB]) or --attach RUN"),
        (["--attach", "r1"], "run r1: the state has no such run; `orchestrator status` names those it has"),
        (
            ["long.yaml"],
            "long.yaml: a cluster, which has no jobs; launch it: orchestrator launch long.yaml; run a job on",
        ),
        (
            ["two.yaml", "--cluster", "none.yaml"],
            "--cluster none.yaml: expected the id of a cluster (j-…) or a file",
        ),
        (["two.yaml", "--cluster", "j-NONE"], "cluster j-NONE: EMR knows no such cluster in this Region"),
        (["two.yaml", "--cluster", "two.yaml"], "two.yaml"),
        (["two.yaml", "--key", ""], "--key: expected some text, got none"),
        (["two.yaml:none"], "expected one of its jobs (readings, hourly), got 'none'"),
        (["two.yaml", "--job", "readings"], "--job readings: it goes with a cluster's file, got two.yaml"),
        (["two.yaml", "--poll", "0"], "--poll"),
    ],
)
def test_wrong_usage_ends_with_2_and_begins_nothing(shop: Shop, arguments: list[str], text: str) -> None:
    result = shop.run("run", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert text in result.stderr
    assert shop.state == []


def interrupted(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, answer: bool | type[BaseException] | None
) -> Result:
    """Run until the first wait, where Ctrl-C is pressed, and answer what is asked then; None: nobody can be asked."""
    presses = [KeyboardInterrupt]
    sleep = SystemClock.sleep

    def pressed(clock: SystemClock, seconds: float) -> None:
        if presses:
            raise presses.pop()
        sleep(clock, seconds)

    def confirm(text: str, **_: Any) -> bool:
        assert "cancel it? (no: it goes on)" in text
        if isinstance(answer, type):
            raise answer
        return bool(answer)

    shop.slow()
    with monkeypatch.context() as patch:
        patch.setattr(SystemClock, "sleep", pressed)
        patch.setattr(command, "_can_ask", lambda: answer is not None)
        patch.setattr(typer, "confirm", confirm)
        return shop.run("run", "two.yaml", "-o", "json")


@pytest.mark.parametrize("answer", [None, False, KeyboardInterrupt, typer.Abort])
def test_ctrl_c_lets_the_run_go_and_says_how_to_come_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, answer: bool | type[BaseException] | None
) -> None:
    result = interrupted(shop, monkeypatch, answer)
    assert (result.exit_code, result.stdout) == (130, "")
    [run] = [row["run_id"] for row in shop.told("status")]
    assert result.stderr.splitlines()[-1] == (
        f"run {run} goes on; wait for it again: orchestrator run --attach {run}; end it: orchestrator cancel {run}"
    )
    assert shop.told("status", run)["state"] == "running"


def test_ctrl_c_cancels_where_that_is_the_answer(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    result = interrupted(shop, monkeypatch, True)
    assert (result.exit_code, result.stdout) == (130, "")
    [row] = shop.told("status")
    assert row["state"] == "cancelled"
    assert result.stderr.splitlines()[-1] == f"run {row['run_id']}: cancelled"
