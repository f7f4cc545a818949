"""`--files` in cluster mode: on YARN they are in the working folder of the driver, under their names.

https://spark.apache.org/docs/latest/running-on-yarn.html#important-notes
"""

import shutil
from pathlib import Path
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError
from mypy_boto3_s3 import S3Client

from local_aws.running.s3_uri import s3_uri
from local_aws.running.spark_command import CannotRunError


def localize(s3: S3Client, files: str | None, folder: Path, option: str = "--files") -> None:
    """Bring files, a list with commas of URIs that may have a name after #, into a folder.

    They are what an `option` says.

    Raises:
        CannotRunError: Where one cannot be had.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for uri in filter(None, (files or "").split(",")):
        place, _, name = uri.strip().partition("#")
        target = folder / (name or place.rstrip("/").rpartition("/")[2])
        try:
            if found := s3_uri(place):
                s3.download_file(found.bucket, found.key, str(target))
            else:
                shutil.copyfile(urlsplit(place).path, target)
        except (OSError, BotoCoreError, ClientError) as fault:
            raise CannotRunError(f"{option}: expected {place}, failed: {fault}") from fault
