"""The commands `orchestrator package` and `orchestrator deploy`."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer
from mypy_boto3_s3 import S3Client

from orchestrator.packaging import archive
from orchestrator.packaging.artifacts import Artifacts
from orchestrator.packaging.deploy import deploy, uris

ROOT: Final = Path(__file__).resolve().parents[2]


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


def deploy_package(bucket: str, root: Path, make_client: Callable[[], S3Client]) -> Artifacts:
    """Upload the package, entry files and bootstrap scripts, and print their URIs."""
    artifacts = deploy(make_client(), bucket, root)
    for uri in uris(artifacts):
        typer.echo(uri)
    return artifacts
