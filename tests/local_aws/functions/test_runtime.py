"""The program inside a function's process, spoken to as its host does."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from local_aws.functions import runtime

CONTEXT = {
    "aws_request_id": "r",
    "function_name": "f",
    "function_version": "$LATEST",
    "invoked_function_arn": "arn:f",
    "memory_limit_in_mb": "128",
    "log_group_name": "/aws/lambda/f",
    "log_stream_name": "s",
}


def spoken(folder: Path, handler: str, *events: Any) -> tuple[list[Any], str]:
    lines = [json.dumps({"event": each, "context": {**CONTEXT, "deadline": 0}}) for each in events]
    done = subprocess.run(
        [sys.executable, "-I", runtime.__file__, str(folder), handler],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_what_a_handler_returns_is_an_answer_and_what_it_prints_is_not(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "code.py").write_text(
        "def handler(event, context):\n"
        "    print('seen')\n"
        "    return [event, context.get_remaining_time_in_millis(), context.function_name]\n"
    )
    answers, log = spoken(tmp_path, "inner/code.handler", 1, {"a": None})
    assert answers == [
        {"ready": True},
        {"payload": '[1, 0, "f"]'},
        {"payload": '[{"a": null}, 0, "f"]'},
    ]
    assert log == "seen\nseen\n"


def test_what_cannot_be_imported_or_told_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text("def handler(event, context):\n    return {1}\n")
    [_, failed], log = spoken(tmp_path, "code.handler", 1)
    assert json.loads(failed["error"])["errorType"] == "TypeError"
    assert "not JSON serializable" in log
    [failed], _ = spoken(tmp_path, "code.other")
    assert json.loads(failed["error"])["errorMessage"] == "module 'code' has no attribute 'other'"


def test_time_runs_out() -> None:
    context = runtime.Context(**CONTEXT, deadline=time.time() + 100)  # type: ignore[arg-type] # the identity is not among them
    assert 90_000 < context.get_remaining_time_in_millis() <= 100_000
