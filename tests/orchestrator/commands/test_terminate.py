"""`orchestrator terminate` against the embedded AWS."""

from tests.orchestrator.commands.conftest import Commands


def test_it_shows_first_and_acts_with_yes(commands: Commands) -> None:
    cluster = commands.launch("a")
    shown = commands.run("terminate", "nightly")
    assert (shown.exit_code, shown.stderr) == (0, "nothing was ended: --yes does it\n")
    assert "would end" in shown.stdout
    assert commands.states(cluster) == ["STARTING"]
    [row] = commands.told("terminate", cluster, "--yes")
    assert (row["id"], row["action"], row["error"]) == (cluster, "is ending", None)
    assert commands.states(cluster) != ["STARTING"]
    [row] = commands.told("terminate", cluster, "--yes")
    assert row["action"] == "has ended"


def test_what_is_not_ours_is_wrong_usage(commands: Commands) -> None:
    cluster = commands.launch("a", owner="another-bucket")
    result = commands.run("terminate", cluster, "--yes")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "is not ours" in result.stderr
    [row] = commands.told("terminate", cluster, "--yes", "--bucket", "another-bucket")
    assert row["action"] == "is ending"


def test_protection_holds_unless_it_is_lifted(commands: Commands) -> None:
    cluster = commands.launch("a", instances={"TerminationProtected": True})
    assert commands.run("terminate", cluster, "--yes").exit_code == 2
    assert commands.states(cluster) == ["STARTING"]
    commands.told("terminate", cluster, "--yes", "--lift-protection")
    assert commands.states(cluster) != ["STARTING"]
