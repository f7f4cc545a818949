"""Why a step failed, as EMR's FailureDetails tell it.

https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-enhanced-step-debugging.html
"""

import re
from pathlib import Path
from typing import Final

# EMR's own words where it knows no better.
UNKNOWN: Final = "Unknown Error."
_OUTPUT_EXISTS: Final = "Output directory already exists."
CANNOT_RUN: Final = "The local engine cannot run this step."
_MOST_CHARACTERS: Final = 1000
_TAIL_BYTES: Final = 256 * 1024
# The first line of what Java throws at its end, and the last one of what Python does.
_JAVA: Final = re.compile(r'^Exception in thread "main" (?P<told>\S.*)$', re.MULTILINE)
_PYTHON: Final = re.compile(
    r"^(?P<told>[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Failed)\b.*)$", re.MULTILINE
)
_SPARK_SAYS_WHAT_PYTHON_SAID: Final = "org.apache.spark.SparkUserAppException"


def of_exit(folder: Path, log_file: str | None) -> dict[str, str]:
    """Return the details of a step whose process failed, by what it wrote last in its folder.

    Spark writes what its Python program says on stderr to its own stdout.
    """
    message = told_last(_tail(folder / "stderr")) or told_last(_tail(folder / "stdout"))
    reason = _OUTPUT_EXISTS if message and "FileAlreadyExistsException" in message else UNKNOWN
    return _details(reason, message, log_file)


def of_refusal(message: str, log_file: str | None) -> dict[str, str]:
    """Return the details of a step that this machine cannot run."""
    return _details(CANNOT_RUN, message, log_file)


def told_last(text: str) -> str | None:
    """Find the exception that ended a program in what it wrote on stderr."""
    java = [told for told in _JAVA.findall(text) if not told.startswith(_SPARK_SAYS_WHAT_PYTHON_SAID)]
    found = java[-1:] or _PYTHON.findall(text)[-1:]
    return found[0][:_MOST_CHARACTERS] if found else None


def _details(reason: str, message: str | None, log_file: str | None) -> dict[str, str]:
    told = {"Reason": reason, "Message": message, "LogFile": log_file}
    return {name: value for name, value in told.items() if value}


def _tail(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return file.read().decode("utf-8", "replace")
