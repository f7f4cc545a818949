"""`orchestrator launch` and `orchestrator submit` against the embedded AWS."""

import json

import pytest

from local_aws.emr.supply import Shortage
from orchestrator.aws.clock import SystemClock
from tests.orchestrator.commands.conftest import Shop


def test_a_long_running_cluster_is_launched_once_and_found_again(shop: Shop) -> None:
    first = shop.run("launch", "long.yaml", "-o", "json")
    assert first.exit_code == 0
    [launched] = json.loads(first.stdout)
    cluster = launched["cluster_id"]
    assert launched == {
        "cluster_id": cluster,
        "state": "WAITING",
        "name": "long",
        "run_id": None,
        "run_state": None,
        "is_new": True,
    }
    told = first.stderr.splitlines()
    assert all(": WARNING: " in line for line in told[:-3])
    assert told[-1] == f"{cluster}: launched, WAITING"
    again = shop.run("launch", "long.yaml", "-o", "json")
    assert json.loads(again.stdout) == [{**launched, "is_new": False}]
    assert again.stderr == f"{cluster}: lives already, WAITING\n"
    assert shop.operations.count("RunJobFlow") == 1


def test_a_plans_file_is_launched_byte_for_byte(shop: Shop) -> None:
    shop.run("plan", "long.yaml", "--out", "plan.json")
    request = json.loads((shop.folder / "plan.json").read_text())["cluster"]["request"]
    [launched] = shop.told("launch", "plan.json", "--detach")
    assert launched["state"] != "WAITING"
    sent = shop.aws.cluster(launched["cluster_id"]).request
    assert json.dumps(sent, sort_keys=True) == json.dumps(request, sort_keys=True)


def test_a_request_pasted_in_is_launched(shop: Shop) -> None:
    request = shop.told("plan", "long.yaml")["cluster"]["request"]
    (shop.folder / "pasted.json").write_text(json.dumps({**request, "Name": "pasted", "Tags": []}))
    [launched] = shop.told("launch", "pasted.json")
    assert launched["name"] == "pasted"


def test_a_job_on_a_cluster_of_its_own_goes_on_by_itself(shop: Shop) -> None:
    result = shop.run("launch", "own.yaml", "--job", "two.yaml:readings", "-o", "json")
    [launched] = json.loads(result.stdout)
    run = launched["run_id"]
    assert result.stderr.splitlines()[-1] == (
        f"run {run} goes on by itself; wait for it: orchestrator run --attach {run}"
    )
    assert shop.aws.until_end(launched["cluster_id"]) == ("TERMINATED", "ALL_STEPS_COMPLETED")
    assert shop.told("status", run)["state"] == "succeeded"
    assert shop.told("run", "--attach", run)["state"] == "succeeded"
    again = shop.run("launch", "own.yaml", "--job", "two.yaml:readings")
    assert again.stderr == (
        f"run {run} has succeeded already, nothing was begun; another run needs other inputs, or another --key\n"
    )


def test_jobs_are_submitted_to_a_cluster_that_lives(shop: Shop) -> None:
    [launched] = shop.told("launch", "long.yaml")
    cluster = launched["cluster_id"]
    result = shop.run("submit", cluster, "two.yaml", "-o", "json")
    [submitted] = json.loads(result.stdout)
    run = submitted["run_id"]
    assert (result.exit_code, submitted["cluster_id"], submitted["is_new"]) == (0, cluster, False)
    assert result.stderr == (
        f"run {run} goes on as far as its jobs follow no other; go on with it: orchestrator run --attach {run}\n"
    )
    assert [job["state"] for job in shop.told("run", "--attach", run)["jobs"]] == ["succeeded", "succeeded"]
    assert list(shop.aws.steps(cluster).values()) == ["COMPLETED", "COMPLETED"]


def test_a_run_stays_on_the_cluster_where_it_was_begun(shop: Shop) -> None:
    shop.slow()
    first, second = (shop.told("launch", "long.yaml", "--key", key)[0]["cluster_id"] for key in "ab")
    shop.told("submit", first, "two.yaml:readings")
    result = shop.run("submit", second, "two.yaml:readings", "-o", "json")
    [submitted] = json.loads(result.stdout)
    assert submitted["cluster_id"] == first
    assert f"goes on by itself, on {first}, where it was begun,; wait" not in result.stderr
    assert f"goes on by itself on {first}, where it was begun; wait for it" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["launch", "own.yaml"], "name a job (launch FILE --job JOB, or run JOB)"),
        (
            ["launch", "two.yaml"],
            "two.yaml: a pipeline, expected a cluster's file or a plan's; run it: orchestrator run",
        ),
        (
            ["launch", "long.yaml", "--job", "two.yaml"],
            "--job wants a cluster that ends itself after the job",
        ),
        (
            ["launch", "own.yaml", "--job", "none"],
            "'none': there is no such file, nor a pipeline of that name",
        ),
        (["launch", "none.yaml"], "'none.yaml': there is no such file"),
        (["launch", "."], "'.': a folder; expected a file"),
        (["launch", "x" * 5000], "…: there is no such file"),
        (["launch", "plan.json"], "plan.json: expected a plan of format 1, got 2; plan again"),
        (["launch", "broken.json"], "broken.json:1: ERROR: not YAML: "),
        (
            ["submit", "long.yaml", "two.yaml"],
            "submit: expected the id of a cluster that lives (j-…), got 'long.yaml'",
        ),
        (["submit", "j-NONE", "two.yaml"], "cluster j-NONE: EMR knows no such cluster in this Region"),
        (["submit", "j-NONE", "own.yaml"], "own.yaml: a cluster's file, expected PIPELINE[:JOB]"),
        (["submit", "j-NONE", "long.yaml"], "long.yaml: a cluster's file, expected PIPELINE[:JOB]"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_accepted(
    shop: Shop, arguments: list[str], text: str
) -> None:
    plan = shop.told("plan", "two.yaml")
    (shop.folder / "plan.json").write_text(json.dumps({**plan, "format": 2}))
    (shop.folder / "broken.json").write_text('{"Name": ')
    result = shop.run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert text in result.stderr
    assert shop.state == []


def test_what_aws_refuses_ends_with_3_and_may_be_tried_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        shop.refuse(patch, "RunJobFlow")
        result = shop.run("launch", "long.yaml")
        assert (result.exit_code, result.stdout) == (3, "")
        assert "Error: EMR RunJobFlow: ValidationException: no such thing" in result.stderr
    assert shop.run("launch", "long.yaml").exit_code == 0


def test_a_step_that_emr_refuses_ends_with_3(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    [launched] = shop.told("launch", "long.yaml")
    shop.refuse(monkeypatch, "AddJobFlowSteps")
    result = shop.run("submit", launched["cluster_id"], "two.yaml")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "EMR AddJobFlowSteps: ValidationException: no such thing" in result.stderr


def test_a_cluster_that_is_not_ready_in_time_ends_with_4(shop: Shop) -> None:
    shortages = shop.aws.aws.emr.world.supply.shortages
    shortages.append(Shortage("ON_DEMAND"))  # it is never ready
    result = shop.run("launch", "long.yaml", "--timeout", "8")
    shortages.pop()
    assert (result.exit_code, result.stdout) == (4, "")
    assert "the same command waits again" in result.stderr
    assert shop.run("launch", "long.yaml").exit_code == 0
    assert shop.operations.count("RunJobFlow") == 1


def test_without_any_time_nothing_is_launched(shop: Shop) -> None:
    result = shop.run("launch", "long.yaml", "--timeout", "0")
    assert (result.exit_code, result.stdout) == (4, "")
    assert "not begun when the time was over" in result.stderr
    assert shop.operations.count("RunJobFlow") == 0


def test_ctrl_c_ends_with_130_and_says_how_to_come_back(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def pressed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(SystemClock, "sleep", pressed)
        result = shop.run("launch", "long.yaml")
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr.splitlines()[-1] == (
        "what was launched goes on: the same command finds it again, orchestrator list shows it"
    )
    assert shop.told("launch", "long.yaml")[0]["is_new"] is False
