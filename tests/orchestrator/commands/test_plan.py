"""`orchestrator plan` against the embedded AWS: a line per thing, a file, and nothing done."""

import json

import pytest

from orchestrator.plans import decode
from tests.orchestrator.commands.conftest import Shop


def cells(stdout: str) -> list[list[str]]:
    """Read the rows of a table."""
    return [
        [cell.strip() for cell in line.split("│")[1:-1]] for line in stdout.splitlines() if line[:1] == "│"
    ]


def test_a_line_per_thing_says_what_would_happen_and_nothing_does(shop: Shop) -> None:
    result = shop.run("plan", "two.yaml")
    assert (result.exit_code, result.stderr) == (0, "")
    rows = cells(result.stdout)
    what = [row[0] for row in rows]
    assert what[0] == "run"
    assert what[-3:] == ["launch cluster", "step", "step"]
    assert set(what[1:-3]) == {"warning", "upload"}
    run, cluster, first, second = rows[0], *rows[-3:]
    assert run[2].startswith("a new run; key ")
    assert cluster[1].startswith("own two (ejs-")
    assert cluster[2] == (
        "a cluster of its own by own.yaml, which ends itself after the last step; emr-7.14.0; "
        "MASTER 1 On-Demand + 0 Spot of 1 types, CORE 1 On-Demand + 0 Spot of 1 types"
    )
    job = json.loads(shop.run("plan", "two.yaml", "-o", "json").stdout)["jobs"][0]
    assert first == [
        "step",
        "readings",
        f"up to 0 retries: device_readings.py --run-id={job['run_id']} --output=s3://{shop.lake}/readings",
    ]
    assert second[2].startswith("after readings; up to 0 retries: readings_hourly.py --run-id=r")
    assert second[2].endswith(f"--output=s3://{shop.lake}/hourly --input=s3://{shop.lake}/readings")
    assert shop.state == []
    assert "RunJobFlow" not in shop.operations


def test_json_is_the_plan_and_nothing_else(shop: Shop) -> None:
    result = shop.run("plan", "two.yaml", "-o", "json", "--out", "plan.json")
    assert result.exit_code == 0
    written = json.loads((shop.folder / "plan.json").read_text())
    bare = [upload | {"text": None} for upload in written["uploads"]]
    assert bare != written["uploads"], "the lists of inputs are in the file alone"
    assert json.loads(result.stdout) == written | {"uploads": bare}
    assert result.stdout.count("\n") == 1
    assert result.stderr == "plan.json: written; orchestrator run plan.json carries it out\n"
    body = (shop.folder / "plan.json").read_bytes()
    assert [job.name for job in decode("plan.json", body).jobs] == ["readings", "hourly"]
    assert "launch long.json" in shop.run("plan", "long.yaml", "--out", "long.json").stderr


def test_a_plan_takes_the_place_of_another_one(shop: Shop) -> None:
    for key in ("a", "b"):
        assert shop.run("plan", "two.yaml", "--key", key, "--out", "plan.json").exit_code == 0
    assert json.loads((shop.folder / "plan.json").read_text())["key"] == "b"


def test_what_is_there_already_is_told(shop: Shop) -> None:
    [launched] = shop.told("launch", "long.yaml")
    rows = cells(shop.run("plan", "long.yaml").stdout)
    assert rows[-1] == [
        "use cluster",
        launched["cluster_id"],
        "it lives; the long-running cluster of long.yaml",
    ]
    assert "warning" not in [row[0] for row in rows]
    rows = cells(shop.run("plan", "two.yaml", "--cluster", launched["cluster_id"]).stdout)
    assert ["use cluster", launched["cluster_id"], "named on the command line; WAITING"] in rows
    shop.told("run", "two.yaml")
    [row] = cells(shop.run("plan", "two.yaml").stdout)
    assert row[2].startswith("has succeeded already, nothing would be done; another run needs other inputs")


def test_a_run_that_goes_on_or_has_failed_is_told(shop: Shop) -> None:
    shop.fail("hourly")
    assert shop.run("run", "two.yaml").exit_code == 1
    rows = cells(shop.run("plan", "two.yaml").stdout)
    assert rows[0][2].startswith("has failed, and would be run again; key ")
    assert [row[2].split(":")[0] for row in rows[-2:]] == ["done already", "after readings; up to 0 retries"]
    shop.slow()
    shop.told("run", "two.yaml", "--key", "slow", "--detach")
    rows = cells(shop.run("plan", "two.yaml", "--key", "slow").stdout)
    assert rows[0][2] == "there already, and taken up; key slow"
    assert "use cluster" in [row[0] for row in rows]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["own.yaml"], "Error: own.yaml: its cluster ends itself after its steps"),
        (
            ["none.yaml"],
            "Error: 'none.yaml': there is no such file, nor a pipeline of that name; expected a file",
        ),
        (["."], "Error: '.': a folder; expected a file"),
        (["two.yaml:daily"], "expected one of its jobs (readings, hourly), got 'daily'"),
        (
            ["two.yaml", "--var", "lake=a", "--var", "lake=b"],
            "Error: --var lake=b: lake is given twice; expected each variable once",
        ),
        (
            ["two.yaml", "--out", "none/plan.json"],
            "Error: --out none/plan.json: cannot be written: No such file",
        ),
        (
            ["two.yaml", "--out", "two.yaml"],
            "Error: --out two.yaml: it is there, and no plan: expected a new file",
        ),
        (["two.yaml", "--out", "x" * 300], "x: cannot be written: File name too long"),
        (["two.yaml", "--out", "."], "Error: --out .: cannot be written: Is a directory"),
        (["empty.json"], "empty.json:1: ERROR: the file is not a mapping"),
        (["two.yaml", "--bucket", "No"], "Error: --bucket: expected a bucket's name"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_accepted(
    shop: Shop, arguments: list[str], text: str
) -> None:
    (shop.folder / "empty.json").write_text("")
    result = shop.run("plan", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert text in result.stderr


def test_a_bucket_that_is_not_there_ends_with_3(shop: Shop) -> None:
    for arguments in (["--var", "lake=none-such"], ["--bucket", "none-such"]):
        result = shop.run("plan", "two.yaml", *arguments)
        assert (result.exit_code, result.stdout) == (3, "")
        assert "NoSuchBucket" in result.stderr


@pytest.mark.parametrize("command", ["plan", "launch"])
def test_a_changed_file_says_that_the_living_cluster_was_made_from_another_request(
    shop: Shop, command: str
) -> None:
    [launched] = shop.told("launch", "long.yaml")
    assert "another request" not in shop.run(command, "long.yaml").stderr
    file = shop.folder / "long.yaml"
    file.write_text(file.read_text().replace("max_lifetime_hours: 1", "max_lifetime_hours: 2"))
    result = shop.run(command, "long.yaml")
    assert result.exit_code == 0
    assert result.stderr.startswith(
        f"{launched['cluster_id']} was made from another request than the file asks for now "
        "(tag emr-job-suite:max-lifetime-seconds 3600, now 7200), and is used as it is; for a new one launch with "
    )
    if command == "plan":
        assert "; for a new one launch with another --key, or end it first" in cells(result.stdout)[-1][2]
