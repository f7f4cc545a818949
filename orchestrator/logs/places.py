"""Where EMR puts the logs of a step: below its own LogUri, or else below the cluster's.

https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-manage-view-web-log-files.html
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.aws.serverless_words import is_id

# DescribeCluster tells LogUri by an older scheme than the one it was given by.
_URI: Final = re.compile(r"s3[an]?://(?P<bucket>[^/]+)(?:/(?P<key>.*))?", re.DOTALL)
_APPLICATION: Final = re.compile(r"\bapplication_\d+_\d+\b")
# The first container of each attempt is the application master's: in cluster mode the driver's.
_DRIVER: Final = re.compile(r"/container_(?:e\d+_)?\d+_\d+_\d+_000001/")

_JOB_RUNS_DRIVER: Final = "/SPARK_DRIVER/"


@dataclass(frozen=True)
class Folder:
    """A folder on S3; `key` is without a slash at its end, and empty for a whole bucket."""

    bucket: str
    key: str

    def prefix(self, *parts: str) -> str:
        """Return how the keys below a folder in it begin."""
        return "".join(f"{part}/" for part in (self.key, *parts) if part)

    def uri(self, key: str) -> str:
        """Return a key of the bucket as a URI."""
        return f"s3://{self.bucket}/{key}"


@dataclass(frozen=True)
class Place:
    """Where a step's logs are; `is_own` where the step has a LogUri of its own."""

    folder: Folder
    cluster_id: str
    step_id: str
    is_own: bool = False

    @property
    def step_prefix(self) -> str:
        """Return how the keys of the step's own logs begin; a job run's are those of its driver and executors too.

        https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/logging.html
        """
        if is_id(self.cluster_id):
            return self.folder.prefix("applications", self.cluster_id, "jobs", self.step_id)
        return self.folder.prefix(self.cluster_id, "steps", self.step_id)

    def application_prefix(self, application: str) -> str:
        """Return how the keys of an application's containers begin."""
        return self.folder.prefix(self.cluster_id, "containers", application)


def folder_of(uri: str) -> Folder | None:
    """Read a LogUri; None where it is none of S3."""
    found = _URI.fullmatch(uri.strip())
    return Folder(found["bucket"], (found["key"] or "").strip("/")) if found else None


def place_of(cluster: Mapping[str, Any], step: Mapping[str, Any]) -> Place | None:
    """Find where a step's logs are, by the descriptions of both; None where EMR keeps none."""
    for told, is_own in ((step, True), (cluster, False)):
        folder = folder_of(str(told.get("LogUri") or ""))
        if folder is not None:
            return Place(folder, str(cluster["Id"]), str(step["Id"]), is_own)
    return None


def applications(lines: Iterable[str], most: int = 3) -> list[str]:
    """Find the YARN applications that a step speaks of, the last ones."""
    found: dict[str, None] = {}
    for line in lines:
        for name in _APPLICATION.findall(line):
            found.pop(name, None)
            found[name] = None
    return list(found)[-most:]


def is_drivers(key: str) -> bool:
    """Tell whether a log is of an application's first container, or of a job run's driver."""
    return _DRIVER.search(key) is not None or _JOB_RUNS_DRIVER in key
