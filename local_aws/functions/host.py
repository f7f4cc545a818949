"""A function's process: started when it is first invoked, and again after a crash or a time-out."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
import uuid
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final

_RUNTIME: Final = Path(__file__).with_name("runtime.py")
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MOST_BYTES: Final = 6 * 1024 * 1024 + 100
_START_S: Final = 60.0


@dataclass(frozen=True)
class Code:
    """What a function is: its zip, its handler, what it may use."""

    name: str
    arn: str
    archive: bytes
    handler: str
    variables: Mapping[str, str]
    timeout_s: float
    memory_mib: int


@dataclass(frozen=True)
class Result:
    """What came of an invocation; `error` is what the header X-Amz-Function-Error says."""

    payload: bytes
    error: str | None = None
    is_timeout: bool = False


class Host:
    """Runs one function, one invocation at a time; `variables` are those that every function has."""

    def __init__(self, code: Code, folder: Path, variables: Mapping[str, str]) -> None:
        """Unpack the code below a folder."""
        self.code, self._variables = code, variables
        self._folder, self._log = folder / "code", folder / "log"
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._rest = b""
        with zipfile.ZipFile(BytesIO(code.archive)) as archive:
            archive.extractall(self._folder)

    def invoke(self, payload: bytes) -> Result:
        """Call the handler with an event; how it fails is in the result."""
        if len(payload) > MOST_BYTES:
            return _failure("RequestEntityTooLarge", f"{len(payload)} byte payload is too large")
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                failed = self._start()
                if failed is not None:
                    return failed
            return self._call(payload)

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _start(self) -> Result | None:
        self._end()
        self._rest = b""
        command = [sys.executable, "-I", "-u", str(_RUNTIME), str(self._folder), self.code.handler]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={"PATH": os.environ["PATH"], "TZ": ":UTC", **self._variables, **self.code.variables},
                start_new_session=True,
            )
        told = self._line(time.monotonic() + _START_S)
        if told is None or "error" in told:
            self._end()
            return (
                _unhandled(told)
                if told
                else _failure("Runtime.ExitError", "Runtime exited without providing a reason")
            )
        return None

    def _call(self, payload: bytes) -> Result:
        code, process = self.code, self._process
        assert process is not None  # noqa: S101 - it was started
        assert process.stdin is not None  # noqa: S101 - a pipe was asked for
        request_id = str(uuid.uuid4())
        context = {
            "aws_request_id": request_id,
            "function_name": code.name,
            "function_version": "$LATEST",
            "invoked_function_arn": code.arn,
            "memory_limit_in_mb": str(code.memory_mib),
            "log_group_name": f"/aws/lambda/{code.name}",
            "log_stream_name": "local",
            "deadline": time.time() + code.timeout_s,
        }
        line = json.dumps({"event": json.loads(payload), "context": context}).encode() + b"\n"
        told = None
        until = time.monotonic() + code.timeout_s
        try:
            process.stdin.write(line)
            process.stdin.flush()
            told = self._line(until)
        except BrokenPipeError:
            pass
        if told is None:
            is_timeout = time.monotonic() >= until
            self._end()
            if is_timeout:
                message = f"{request_id} Task timed out after {code.timeout_s:.2f} seconds"
                return _failure("Sandbox.Timedout", message, is_timeout=True)
            return _failure("Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited")
        if "error" in told:
            return _unhandled(told)
        answer = told["payload"].encode()
        if len(answer) > MOST_BYTES:
            message = f"Response payload size exceeded maximum allowed payload size ({MOST_BYTES} bytes)."
            return _failure("Function.ResponseSizeTooLarge", message)
        return Result(answer)

    def _line(self, until: float) -> dict[str, Any] | None:
        """Read an answer; None where there is none in time, or the process has ended."""
        process = self._process
        assert process is not None  # noqa: S101 - it was started
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            parts = [self._rest]
            while b"\n" not in parts[-1]:
                if not selector.select(max(0.0, until - time.monotonic())):
                    return None
                part = os.read(process.stdout.fileno(), 1 << 20)
                if not part:
                    return None
                parts.append(part)
        line, _, self._rest = b"".join(parts).partition(b"\n")
        told: dict[str, Any] = json.loads(line)
        return told

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            _close(pipe)


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        with contextlib.suppress(BrokenPipeError):  # what was still to be written is for nobody
            pipe.close()


def _unhandled(told: Mapping[str, Any]) -> Result:
    return Result(told["error"].encode(), "Unhandled")


def _failure(kind: str, message: str, *, is_timeout: bool = False) -> Result:
    return Result(json.dumps({"errorType": kind, "errorMessage": message}).encode(), "Unhandled", is_timeout)
