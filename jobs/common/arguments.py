"""The command line that every job has."""

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass

RUN_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Arguments:
    """What a run is asked to do. Places are URIs of any Hadoop file system, or local paths."""

    inputs: tuple[str, ...]
    inputs_from: str | None
    output: str
    quarantine: str
    manifest: str
    run_id: str | None
    target_file_mib: int
    reader: str


def parse(job: str, description: str, argv: Sequence[str]) -> Arguments:
    """Read the command line.

    Raises:
        SystemExit: With code 2 and the fault on stderr, where it is wrong; with 0 after `--help`.
    """
    parser = _parser(job, description)
    found = parser.parse_args(list(argv))
    if not found.input and not found.inputs_from:
        parser.error("one of the arguments --input --inputs-from is required")
    places = {"--output": found.output, "--quarantine": found.quarantine, "--manifest": found.manifest}
    for flag, place in places.items():
        if not place.strip("/"):
            parser.error(f"argument {flag}: expected a place of its own, got {place!r}")
    return Arguments(
        inputs=tuple(found.input),
        inputs_from=found.inputs_from,
        output=found.output,
        quarantine=found.quarantine,
        manifest=found.manifest,
        run_id=found.run_id,
        target_file_mib=found.target_file_mib,
        reader=found.reader,
    )


def _parser(job: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=job, description=description, allow_abbrev=False)
    add = parser.add_argument
    add(
        "--input",
        metavar="URI",
        action="append",
        default=[],
        help="file, folder, or glob where nothing bears that exact name; repeatable",
    )
    add("--inputs-from", metavar="URI", help="file with one literal URI a line")
    add("--output", metavar="URI", required=True, help="the table's folder")
    add("--quarantine", metavar="URI", required=True, help="folder for what is refused, with the reasons")
    add("--manifest", metavar="URI", required=True, help="the JSON file that tells what the run did")
    add(
        "--run-id",
        metavar="ID",
        type=_run_id,
        help="name of this run; default: r and a hash of the inputs and the job's version",
    )
    add(
        "--target-file-mib",
        metavar="N",
        type=_positive,
        default=256,
        help="size that data files should be near (default: %(default)s)",
    )
    add(
        "--reader",
        choices=("auto", "portable"),
        default="auto",
        help="how objects are parsed (default: %(default)s)",
    )
    return parser


def _run_id(text: str) -> str:
    if not RUN_ID.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"expected a letter and at most 63 letters, digits, '_' or '-' after it, got {text!r}"
        )
    return text


def _positive(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text) or not int(text):
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to 999999, got {text!r}")
    return int(text)
