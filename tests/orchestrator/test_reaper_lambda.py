"""The Lambda function: one line of log, an error where something goes on, and nothing that Lambda has not."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from local_aws.server import Settings
from orchestrator import reaper_lambda
from orchestrator.aws.both import EmrWithServerless
from orchestrator.errors import FailedError, UsageError
from orchestrator.ownership import Ownership
from orchestrator.reaper_lambda import handler, run
from orchestrator.verbs.reap import Reaper
from tests.local_aws.embedded import embedded
from tests.orchestrator.reaping.fleet_room import OWNER, Room

CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 100_000)
IMPORTS = """
import sys
import orchestrator.reaper_lambda
tops = {name.partition(".")[0] for name in sys.modules}
print(sorted(tops & {"msgspec", "typer", "rich", "ruamel", "pydantic", "pyspark", "moto", "click"}))
"""


def test_it_ends_what_has_to_end_and_logs_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    room = Room()
    cluster = room.launch("a", Ownership(OWNER, None, 60))
    room.launch("b", Ownership(OWNER))
    room.clock.sleep(60)
    told = run(Reaper(room.emr(), OWNER, room.clock), room.until())
    assert json.loads(capsys.readouterr().out) == told
    assert told == {
        "owner": OWNER,
        "looked_at": 2,
        "ended": [{"id": cluster, "rule": "lifetime", "reason": "lives for 60 s, allowed 60 s"}],
        "faults": [],
    }
    assert room.state(cluster) == "TERMINATING"


def test_what_goes_on_is_logged_and_raised_after_all_was_tried(capsys: pytest.CaptureFixture[str]) -> None:
    room = Room()
    room.launch("a", Ownership(OWNER, None, 0))
    room.fault("throttled", operation="TerminateJobFlows")
    with pytest.raises(FailedError, match="1 clusters could not be looked at, or not be ended"):
        run(Reaper(room.emr(), OWNER, room.clock), room.until(60))
    told = json.loads(capsys.readouterr().out)
    assert (told["ended"], len(told["faults"])) == ([], 1)


def test_without_an_owner_it_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMR_JOB_SUITE_BUCKET", raising=False)
    with pytest.raises(UsageError, match="EMR_JOB_SUITE_BUCKET: expected the bucket with our state"):
        handler({}, CONTEXT)


def test_lambda_calls_it_with_an_event_and_a_context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with embedded(tmp_path, Settings()) as aws:
        for name, value in {
            "EMR_JOB_SUITE_BUCKET": "mine",
            "AWS_ENDPOINT_URL": aws.aws.url,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            monkeypatch.setenv(name, value)
        reaper_lambda.reaper_of.cache_clear()
        try:
            assert handler({}, CONTEXT)["looked_at"] == 0
        finally:
            emr = reaper_lambda.reaper_of("mine").emr
            assert isinstance(emr, EmrWithServerless)
            for client in (*vars(emr).values(), *vars(emr._serverless).values()):
                getattr(client, "close", lambda: None)()
            reaper_lambda.reaper_of.cache_clear()


def test_it_needs_nothing_that_lambda_has_not() -> None:
    root = Path(__file__).resolve().parents[2]
    found = subprocess.run(
        [sys.executable, "-c", IMPORTS], cwd=root, capture_output=True, text=True, check=True
    )
    assert found.stdout == "[]\n"
