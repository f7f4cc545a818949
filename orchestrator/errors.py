"""What can go wrong, and the exit code with which each kind ends a command.

OrchestratorError
├── FailedError     a job, its data, or a process on this machine has failed (exit 1)
├── UsageError      the command or a configuration is wrong (exit 2)
├── RefusedError    AWS has refused a call (exit 3)
└── TimedOutError   what was waited for has not come (exit 4)

Exit 0 is done; an interruption (Ctrl-C, SIGTERM) ends with 130.
"""

from typing import ClassVar


class OrchestratorError(Exception):
    """Raised when a command cannot go on; its text names place, rule, value, what is accepted, and the next step."""

    exit_code: ClassVar[int] = 1


class FailedError(OrchestratorError):
    """Raised when what was started has failed."""


class UsageError(OrchestratorError):
    """Raised when the request is wrong, before anything is done about it."""

    exit_code = 2


class RefusedError(OrchestratorError):
    """Raised when AWS refuses a call."""

    exit_code = 3


class TimedOutError(OrchestratorError):
    """Raised when a deadline is over."""

    exit_code = 4
