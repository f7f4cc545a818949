"""The commands `orchestrator package` and `orchestrator deploy`."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from mypy_boto3_s3 import S3Client

from orchestrator.checkout import ROOT
from orchestrator.packaging import archive
from orchestrator.packaging.deploy import Collected, deploy


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


def deploy_package(bucket: str, root: Path, make_client: Callable[[], S3Client]) -> Collected:
    """Upload the package, entry files and bootstrap scripts, and print their URIs."""
    collected = deploy(make_client(), bucket, root)
    for file in collected.files:
        typer.echo(file.uri)
    return collected
