"""The buckets of this process: moto keeps one account, whichever server asks, for as long as the process lives."""

from collections.abc import Callable

from mypy_boto3_s3 import S3Client

from local_aws.s3_server import S3Server


def names(s3: S3Client) -> list[str]:
    """List them."""
    return [each["Name"] for each in s3.list_buckets()["Buckets"]]


def remove(is_wanted: Callable[[str], bool] = lambda _: True) -> None:
    """Take buckets away, with old versions of their objects; nobody is told of it."""
    server = S3Server()
    try:
        for name in filter(is_wanted, names(server.client)):
            _remove(server.client, name)
    finally:
        server.close()


def _remove(s3: S3Client, name: str) -> None:
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={})
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
        for one in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            s3.delete_object(Bucket=name, Key=one["Key"], VersionId=one["VersionId"])
    s3.delete_bucket(Bucket=name)
