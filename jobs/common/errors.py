"""What can go wrong with a job, by who can mend it.

* JobFailed: the data, the table or the machine; exit code 1
    * UsageError: the command line; exit code 2
"""


class JobFailed(Exception):  # noqa: N818 - named for what it says of the run, as exit code 1 does
    """Raised when a run cannot be done: nothing of it is reported as done, and the message says what to do next."""

    exit_code = 1


class UsageError(JobFailed):
    """Raised when the command line, or what it points at, is wrong: a rerun of the same command cannot succeed."""

    exit_code = 2
