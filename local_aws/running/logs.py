"""Logs as EMR lays them out below LogUri, compressed, some time after they were written.

https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-manage-view-web-log-files.html
"""

import gzip
import logging
import shutil
import tempfile
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from mypy_boto3_s3 import S3Client

from local_aws.emr.entities import Cluster, Instance, Step
from local_aws.running.s3_uri import s3_uri

log = logging.getLogger("local_aws.running")


def root(cluster: Cluster) -> str | None:
    """Return where a cluster's logs go, without a slash at its end; None where it has no LogUri on S3."""
    found = s3_uri(cluster.request.get("LogUri") or "")
    if not found:
        return None
    return f"s3://{found.bucket}/{found.key}".rstrip("/") + f"/{cluster.id}"


def step_folder(step: Step) -> str:
    """Return the place of a step's logs below the cluster's."""
    return f"steps/{step.id}"


def container_folder(started_at: int, number: int) -> str:
    """Return the place of the driver's logs in cluster mode: the first container of the cluster's n-th application."""
    name = f"{started_at}_{number:04d}"
    return f"containers/application_{name}/container_{name}_01_000001"


def bootstrap_folder(instance: Instance, number: int) -> str:
    """Return the place of a bootstrap action's logs below the cluster's; actions count from 1."""
    return f"node/{instance.ec2_id}/bootstrap-actions/{number}"


class LogStore:
    """Puts logs into S3, one after the other, beside whoever asks for it; what has not grown since is not put again."""

    def __init__(self, s3: S3Client) -> None:
        """Write through a client."""
        self._s3 = s3
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="logs")
        self._last: Future[None] | None = None
        self._sizes: dict[str, int] = {}
        self._refused: set[str] = set()

    @property
    def is_idle(self) -> bool:
        """Tell whether all that was put is there."""
        return self._last is None or self._last.done()

    def put(self, folder_uri: str, files: Mapping[str, Path]) -> None:
        """Put files, each under its name with `.gz` after it, once those that were put before are there."""
        self._last = self._threads.submit(self._put, folder_uri, files)

    def close(self) -> None:
        """Finish what is asked for."""
        self._threads.shutdown()

    def _put(self, folder_uri: str, files: Mapping[str, Path]) -> None:
        for name, path in files.items():
            try:
                self._put_file(f"{folder_uri}/{name}.gz", path)
            except (OSError, Boto3Error, BotoCoreError, ClientError) as fault:
                bucket = folder_uri.split("/")[2]
                if bucket not in self._refused:
                    log.warning("LogUri: expected to write %s/%s.gz, failed: %s", folder_uri, name, fault)
                self._refused.add(bucket)

    def _put_file(self, uri: str, path: Path) -> None:
        size = path.stat().st_size
        if self._sizes.get(uri) == size:
            return
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        with tempfile.TemporaryFile() as packed:
            with path.open("rb") as source, gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as target:
                shutil.copyfileobj(source, target)
            packed.seek(0)
            self._s3.upload_fileobj(packed, bucket, key)
        self._sizes[uri] = size
