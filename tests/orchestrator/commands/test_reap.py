"""`orchestrator reap` against the embedded AWS."""

import json

import pytest

from local_aws.emr.faults import CallFault
from orchestrator.aws.clock import SystemClock
from orchestrator.engine.documents import encode
from orchestrator.engine.once import Claim, ClaimState, key_of
from orchestrator.identity import Token
from orchestrator.ownership import Ownership
from tests.orchestrator.commands.conftest import BUCKET, Commands


def over(commands: Commands) -> str:
    """Launch a cluster whose life is over at once."""
    return commands.launch("a", ownership=Ownership(BUCKET, None, 0))


def test_it_shows_first_and_acts_with_yes(commands: Commands) -> None:
    cluster, other = over(commands), commands.launch("b")
    shown = commands.run("reap")
    assert (shown.exit_code, shown.stderr.splitlines()) == (
        0,
        ["looked at 2 clusters of emr-job-suite; 1 have to end", "nothing was ended: --yes does it"],
    )
    assert "would end" in shown.stdout
    assert commands.states(cluster, other) == ["STARTING", "STARTING"]
    [row] = commands.told("reap", "--yes")
    assert (row["id"], row["rule"], row["action"]) == (cluster, "lifetime", "is ending")
    assert commands.states(cluster)[0] != "STARTING"
    assert commands.told("reap", "--yes") == []


def test_one_that_goes_on_is_told_with_exit_3(commands: Commands) -> None:
    over(commands)
    commands.aws.aws.emr.faults.script.append(CallFault("throttled", 1.0, "TerminateJobFlows"))
    result = commands.run("reap", "--yes", "--timeout", "1", "-o", "json")
    assert result.exit_code == 3
    [row] = json.loads(result.stdout)
    assert row["action"] == "goes on"
    assert "EMR TerminateJobFlows: " in result.stderr


def test_watching_goes_on_whatever_a_round_meets(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = []

    def sleep(_: SystemClock, seconds: float) -> None:
        if seconds < 30:  # between the attempts of a call
            return
        rounds.append(seconds)
        if len(rounds) == 1:
            commands.aws.aws.emr.faults.script.append(CallFault("server_error", 1.0, "ListClusters"))
        if len(rounds) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(SystemClock, "sleep", sleep)
    over(commands)
    result = commands.run("reap", "--watch", "60", "--timeout", "0.5", "-o", "json")
    assert result.exit_code == 130
    assert len(result.stdout.splitlines()) == 1
    assert result.stderr.count("Error: EMR ListClusters: unknown until the time was over") == 2


@pytest.mark.parametrize("has_state", [True, False])
def test_of_two_the_recorded_one_stays_and_without_a_state_the_oldest(
    commands: Commands, has_state: bool
) -> None:
    owner = BUCKET if has_state else "no-such-state"
    base = "c" if has_state else "d"
    first = commands.launch(base, owner=owner)
    commands.aws.put_on(5)
    second = commands.launch(base, owner=owner)
    if has_state:
        commands.aws.s3.create_bucket(Bucket=BUCKET)
        claim = encode(Claim(ClaimState.DONE, "1", 0, 0, second))
        key = f"_state/{key_of(Token(base * 20))}"
        commands.aws.s3.put_object(Bucket=BUCKET, Key=key, Body=claim)
    result = commands.run("reap", "--yes", "-o", "json", "--bucket", owner)
    assert result.exit_code == 0
    [row] = json.loads(result.stdout)
    assert (row["id"], row["rule"]) == (first if has_state else second, "duplicate")
    assert ("the state cannot be read" in result.stderr) is not has_state
