"""The command line: what every job is asked, to which a kind of job adds its own."""

import argparse
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

RUN_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
Format = Literal["parquet", "delta"]
FORMATS: tuple[Format, ...] = ("parquet", "delta")


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What a run is asked to do. Places are URIs of any Hadoop file system, or local paths."""

    output: str
    manifest: str
    quarantine: str | None
    run_id: str | None
    target_file_mib: int
    format: Format
    deletion_vectors: bool

    @property
    def uses_delta(self) -> bool:
        """Tell whether the session must know Delta."""
        return self.format == "delta"


class _Once(argparse.Action):
    """Store a value, and refuse another: the last one would win without a word."""

    is_given = False

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 - argparse calls it so
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,  # noqa: ARG002 - argparse calls it so
    ) -> None:
        """Store the value."""
        if self.is_given:
            raise argparse.ArgumentError(self, f"expected it once, got it again with {values!r}")
        self.is_given = True
        setattr(namespace, self.dest, values)


def base_parser(job: str, description: str) -> argparse.ArgumentParser:
    """Return a parser of the flags that every job has."""
    parser = argparse.ArgumentParser(prog=job, description=description, allow_abbrev=False)
    parser.register("action", None, _Once)
    add = parser.add_argument
    add("--output", metavar="URI", required=True, help="the table's folder")
    add("--manifest", metavar="URI", required=True, help="the JSON file that tells what the run did")
    add(
        "--run-id",
        metavar="ID",
        type=_run_id,
        help="name of this run; default: r and a hash of the inputs and the job's version",
    )
    add("--format", choices=FORMATS, default="parquet", help="of the table (default: %(default)s)")
    add(
        "--deletion-vectors",
        action="store_true",
        help="let Delta mark deleted rows instead of writing files anew; every reader of the table must know them",
    )
    add(
        "--target-file-mib",
        metavar="N",
        type=positive,
        default=256,
        help="size that data files should be near (default: %(default)s)",
    )
    return parser


def base_values(parser: argparse.ArgumentParser, found: argparse.Namespace) -> dict[str, Any]:
    """Check what is common to all jobs and return it as the fields of `Arguments`.

    Raises:
        SystemExit: With code 2 and the fault on stderr.
    """
    quarantine = getattr(found, "quarantine", None)
    places = {"--output": found.output, "--quarantine": quarantine, "--manifest": found.manifest}
    refuse_no_places(parser, places)
    if found.deletion_vectors and found.format != "delta":
        parser.error("argument --deletion-vectors: is for --format delta alone, got --format parquet")
    return {
        "output": found.output,
        "manifest": found.manifest,
        "quarantine": quarantine,
        "run_id": found.run_id,
        "target_file_mib": found.target_file_mib,
        "format": found.format,
        "deletion_vectors": found.deletion_vectors,
    }


def refuse_no_places(parser: argparse.ArgumentParser, places: Mapping[str, str | None]) -> None:
    """Refuse flags that name nothing, or the root of everything."""
    for flag, place in places.items():
        if place is not None and not place.strip("/"):
            parser.error(f"argument {flag}: expected a place of its own, got {place!r}")


def positive(text: str) -> int:
    """Take a whole number from 1 to 999999, for argparse."""
    if not re.fullmatch(r"[0-9]{1,6}", text) or not int(text):
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to 999999, got {text!r}")
    return int(text)


def _run_id(text: str) -> str:
    if not RUN_ID.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"expected a letter and at most 63 letters, digits, '_' or '-' after it, got {text!r}"
        )
    return text
