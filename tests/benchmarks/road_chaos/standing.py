"""A road without Spark: its function ends each record with a newline, as the transform does."""

import zipfile
from pathlib import Path

from benchmarks.road_chaos.stage import Road, Scale
from tests.local_aws.functions.zips import HANDLER

FOLDERS = ("ingestion", "ingestion/firehose_transform")


def road_without_spark(folder: Path) -> Road:
    """Make one that gathers for a second."""
    package = folder / "transform.zip"
    with zipfile.ZipFile(package, "w") as archive:
        for name in FOLDERS:
            archive.writestr(f"{name}/__init__.py", "")
        archive.writestr(f"{FOLDERS[-1]}/handler.py", HANDLER)
    return Road(folder, package, Scale(buffer_s=1))
