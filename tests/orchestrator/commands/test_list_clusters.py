"""`orchestrator list` against the embedded AWS."""

from tests.orchestrator.commands.conftest import Commands


def test_our_clusters_are_listed(commands: Commands) -> None:
    cluster = commands.launch("a")
    commands.launch("b", owner="another-bucket")
    assert [row["state"] for row in commands.told("list")] == ["STARTING", "STARTING"]
    [row] = commands.told("list", "--wide")
    assert (row["id"], row["name"], row["owner"]) == (cluster, "nightly", "emr-job-suite")
    shown = commands.run("list", "-w")
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert "lifetime left" in shown.stdout
    assert cluster in shown.stdout


def test_none_is_an_empty_list(commands: Commands) -> None:
    assert commands.told("list") == []
