"""What runs inside a function's process: it imports the handler once, and calls it for each event.

Started as a script, `python -I runtime.py FOLDER MODULE.HANDLER`. A line of JSON on standard input is an invocation,
a line on what was standard output its answer; what the function prints goes to standard error, which is its log.
"""

import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any


@dataclass(frozen=True)
class Context:
    """What a handler is told beside its event: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html."""

    aws_request_id: str
    function_name: str
    function_version: str
    invoked_function_arn: str
    memory_limit_in_mb: str
    log_group_name: str
    log_stream_name: str
    deadline: float
    identity: None = None
    client_context: None = None

    def get_remaining_time_in_millis(self) -> int:
        """Tell how long the function may still run."""
        return max(0, int((self.deadline - time.time()) * 1000))


def main() -> None:
    """Answer invocations until standard input ends."""
    folder, name = sys.argv[1:3]
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.path.insert(0, folder)
    os.chdir(folder)
    try:
        handler = _handler(name)
    except BaseException as fault:  # noqa: BLE001 - whatever it is, Lambda answers with it
        _tell(answers, _failure(fault))
        return
    _tell(answers, {"ready": True})
    for line in sys.stdin:
        _tell(answers, _answer(handler, json.loads(line)))


def _handler(name: str) -> Callable[[Any, Context], Any]:
    module, _, function = name.rpartition(".")
    found: Callable[[Any, Context], Any] = getattr(
        importlib.import_module(module.replace("/", ".")), function
    )
    return found


def _answer(handler: Callable[[Any, Context], Any], invocation: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"payload": json.dumps(handler(invocation["event"], Context(**invocation["context"])))}
    except Exception as fault:  # noqa: BLE001 - whatever it is, Lambda answers with it
        traceback.print_exc()
        return _failure(fault)


def _failure(fault: BaseException) -> dict[str, Any]:
    told = {
        "errorMessage": str(fault),
        "errorType": type(fault).__name__,
        "stackTrace": traceback.format_exception(fault),
    }
    return {"error": json.dumps(told)}


def _tell(answers: IO[str], told: dict[str, Any]) -> None:
    answers.write(json.dumps(told) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
