"""The commands `orchestrator package` and `orchestrator deploy`."""

from pathlib import Path
from typing import Annotated

import typer

from orchestrator.checkout import ROOT
from orchestrator.commands.context import context
from orchestrator.commands.options import Bucket, Local, Output, OutputFormat, Profile, Region
from orchestrator.commands.printing import print_rows
from orchestrator.packaging import archive
from orchestrator.packaging import deploy as deploying


def package(
    *,
    output: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the zip.", file_okay=False)] = (
        Path("dist")
    ),
) -> None:
    """Pack jobs/ into the zip that spark-submit takes with --py-files, and print its path.

    The same sources give the same bytes, and their hash stands in the name.
    """
    typer.echo(archive.build(ROOT, output))


def deploy(
    *,
    output: Output = OutputFormat.TABLE,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    bucket: Bucket = None,
) -> None:
    """Upload the package, entry files and bootstrap scripts, each once, and tell where they are.

    run, launch and submit do it by themselves; this is for steps that others submit.
    """
    found = context(local, profile, region, bucket)
    found.ensure_bucket()
    collected = deploying.deploy(found.s3, found.bucket, ROOT)
    names = {uri: path for path, uri in collected.artifacts.entry_points.items()}
    names |= {script.uri: path for path, script in collected.artifacts.bootstrap.items()}
    rows = [
        {"artifact": names.get(file.uri, "jobs (--py-files)"), "uri": file.uri, "sha256": file.sha256}
        for file in collected.files
    ]
    print_rows(rows, ["artifact", "uri", "sha256"], output)
