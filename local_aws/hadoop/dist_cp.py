"""`s3-dist-cp` as Hadoop's DistCp does it, as far as its arguments have a counterpart there.

https://docs.aws.amazon.com/emr/latest/ReleaseGuide/UsingEMR_s3distcp.html
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_aws.running.spark_command import CannotRunError

PROGRAM: Final = "s3-dist-cp"
DIST_CP: Final = "org.apache.hadoop.tools.DistCp"
_TAKEN: Final = ("--src", "--dest", "--srcPattern")
# They say how a copy is made, not what is copied: it is made all the same.
_WITHOUT_EFFECT: Final = frozenset(
    {"--multipartUploadChunkSize", "--numberFiles", "--disableMultipartUpload", "--s3Endpoint"}
)
_FLAGS: Final = frozenset({"--numberFiles", "--disableMultipartUpload"})


@dataclass(frozen=True)
class DistCp:
    """What is copied where."""

    src: str
    dest: str
    src_pattern: str | None = None

    def words(self, filters: Path) -> list[str]:
        """Return the class and its arguments; `filters` is written where only some of the files are wanted.

        What is in `src` comes into `dest`, over what is there, as S3DistCp has it.
        """
        words = [DIST_CP, "-Dmapreduce.framework.name=local", "-overwrite"]
        if self.src_pattern is not None:
            # DistCp leaves out what matches; files have a name without a slash at the end, as folders do.
            filters.write_text(f"(?!(?:{self.src_pattern})$).*\n", encoding="utf-8")
            words += ["-filters", str(filters)]
        return [*words, self.src, self.dest]


def parse(arguments: Sequence[str]) -> DistCp:
    """Take the arguments of `s3-dist-cp` apart.

    Raises:
        CannotRunError: Where one has no counterpart, or what is copied where is not said.
    """
    found: dict[str, str] = {}
    at = 0
    while at < len(arguments):
        name, equals, value = arguments[at].partition("=")
        at += 1
        if name not in _TAKEN and name not in _WITHOUT_EFFECT:
            raise CannotRunError(
                f"{PROGRAM}: expected {', '.join(_TAKEN)}, which alone Hadoop's DistCp can follow, got {name}; "
                "copy without it, and do the rest in a job"
            )
        if not equals and name not in _FLAGS:
            if at == len(arguments):
                raise CannotRunError(f"{PROGRAM}: expected a value after {name}, got none")
            value = arguments[at]
            at += 1
        found[name] = value
    for name in ("--src", "--dest"):
        if not found.get(name):
            raise CannotRunError(f"{PROGRAM}: expected {name} and a place, got none")
    return DistCp(found["--src"], found["--dest"], _checked(found.get("--srcPattern")))


def _checked(pattern: str | None) -> str | None:
    if pattern is not None:
        try:
            re.compile(pattern)
        except re.error as fault:
            raise CannotRunError(
                f"{PROGRAM}: --srcPattern: expected a regular expression, got {pattern!r}: {fault}"
            ) from fault
    return pattern
