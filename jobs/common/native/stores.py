"""Where tasks read and write without the JVM: local disks and S3, by pyarrow's file systems.

The settings are those that the cluster has given S3A, so that both see the same buckets with the same rights. What
pyarrow cannot do as S3A would is said by `hindrance`, and the portable reader is taken.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

from pyarrow import fs

_SETTINGS: Final = (
    "fs.s3a.access.key",
    "fs.s3a.secret.key",
    "fs.s3a.session.token",
    "fs.s3a.endpoint",
    "fs.s3a.endpoint.region",
    "fs.s3a.connection.ssl.enabled",
    "fs.s3a.path.style.access",
)
# Credentials that only Hadoop reads.
_CREDENTIAL_FILES: Final = "hadoop.security.credential.provider.path"
# Beginnings of S3A's settings that say how fast and how often, not who asks or what is stored.
_HARMLESS: Final = tuple(
    f"fs.s3a.{name}"
    for name in (
        "impl", "attempts", "audit", "block.size", "buffer.dir", "bulk", "change.detection", "committer",
        "connection.", "directory.marker", "downgrade", "etag", "executor", "experimental", "fast.upload",
        "input", "list", "max.total", "metadatastore", "multiobjectdelete", "multipart", "optimized",
        "paging", "performance", "prefetch", "readahead", "retry", "select", "socket", "ssl.channel.mode",
        "threads", "user.agent", "vectored",
    )
)  # fmt: skip
_PROVIDERS: Final = "fs.s3a.aws.credentials.provider"
# Each looks where the AWS SDK's own chain looks too; what else a provider may do, only S3A knows.
_KNOWN_PROVIDERS: Final = (
    "TemporaryAWSCredentialsProvider",
    "SimpleAWSCredentialsProvider",
    "EnvironmentVariableCredentialsProvider",
    "IAMInstanceCredentialsProvider",
    "DefaultCredentialsProvider",
    "DefaultAWSCredentialsProviderChain",
    "InstanceProfileCredentialsProvider",
    "ContainerCredentialsProvider",
)
_S3A: Final = "org.apache.hadoop.fs.s3a.S3AFileSystem"
_S3: Final = ("s3", "s3a", "s3n")
_ATTEMPTS: Final = 10
_AWS_HOST: Final = re.compile(
    r"(?:https://)?s3(?:[.-](?:dualstack[.])?(?P<region>[a-z]{2}(?:-[a-z]+)+-[0-9]))?[.]amazonaws[.]com(?:[.]cn)?/?"
)


@dataclass(frozen=True)
class Stores:
    """How to reach the places of one run; travels to the tasks. `repr` tells no secret."""

    settings: Mapping[str, str] = field(repr=False)
    regions: Mapping[str, str]

    def open(self, uri: str) -> tuple[fs.FileSystem, str]:
        """Return the file system of a URI, and the path in it."""
        scheme, bucket, path = _parts(uri)
        if scheme in _S3:
            return _s3(tuple(sorted(self.settings.items())), self.regions.get(bucket, "")), f"{bucket}/{path}"
        return fs.LocalFileSystem(), path

    def is_remote(self, uri: str) -> bool:
        """Tell a place that costs a request each time."""
        return _parts(uri)[0] in _S3

    def make_folder(self, uri: str) -> None:
        """Make a folder where there are any."""
        system, path = self.open(uri)
        if not self.is_remote(uri):
            system.create_dir(path, recursive=True)


def stores_of(hadoop: Mapping[str, str], places: Sequence[str]) -> Stores:
    """Take from Hadoop's settings how these places are reached.

    Args:
        hadoop: Settings by name, as `settings_wanted` names them.
        places: URIs of what is read and written.
    """
    own = {name: hadoop[name] for name in _SETTINGS if hadoop.get(name)}
    if found := _AWS_HOST.fullmatch(own.get("fs.s3a.endpoint", "")):
        # What S3A is told by default, in Spark 3.5 too: AWS itself, where the region is the bucket's.
        del own["fs.s3a.endpoint"]
        if found["region"]:
            own.setdefault("fs.s3a.endpoint.region", found["region"])
    buckets = {bucket for scheme, bucket, _ in map(_parts, places) if scheme in _S3}
    is_said = "fs.s3a.endpoint.region" in own or "fs.s3a.endpoint" in own
    return Stores(own, {} if is_said else {name: _region(name) for name in sorted(buckets)})


def settings_wanted(places: Sequence[str]) -> list[str]:
    """Name the settings of Hadoop that `stores_of` and `hindrance` look at."""
    schemes = {scheme for scheme, _, _ in map(_parts, places)}
    own = [f"fs.{scheme}.impl" for scheme in sorted(schemes) if scheme]
    return [*_SETTINGS, _CREDENTIAL_FILES, _PROVIDERS, *own]


def hindrance(hadoop: Mapping[str, str], changed: Sequence[str], places: Sequence[str]) -> str | None:
    """Say why these places cannot be reached as the cluster reaches them; nothing where they can.

    Args:
        hadoop: Settings by name.
        changed: Names of the settings of S3A that are not as Hadoop ships them.
        places: URIs of what is read and written.
    """
    for scheme, bucket, _ in sorted({(scheme, bucket, "") for scheme, bucket, _ in map(_parts, places)}):
        if scheme not in ("", "file", *_S3):
            return f"{scheme}:// is read by Hadoop alone"
        if scheme not in _S3:
            continue
        if hadoop.get(f"fs.{scheme}.impl", _S3A) != _S3A:
            return f"{scheme}:// is {hadoop[f'fs.{scheme}.impl']} here, which is set up in its own way"
        own = [name for name in changed if name.startswith(f"fs.s3a.bucket.{bucket}.")]
        if own:
            return f"the bucket {bucket} has a setting of its own ({own[0]})"
    if not any(scheme in _S3 for scheme, _, _ in map(_parts, places)):
        return None
    known = (*_HARMLESS, "fs.s3a.bucket.", *_SETTINGS, _PROVIDERS)
    foreign = [name for name in changed if not name.startswith(known)]
    if hadoop.get(_CREDENTIAL_FILES):
        foreign.append(_CREDENTIAL_FILES)
    if foreign:
        return f"{foreign[0]} is set"
    return _foreign_provider(hadoop.get(_PROVIDERS, "")) or _unknown_region(hadoop, places)


def _unknown_region(hadoop: Mapping[str, str], places: Sequence[str]) -> str | None:
    try:
        stores_of(hadoop, places)
    except OSError as fault:
        return f"nobody says in which region a bucket is: {fault}"
    return None


def _foreign_provider(providers: str) -> str | None:
    for provider in filter(None, (one.strip() for one in providers.split(","))):
        if provider.rpartition(".")[2] not in _KNOWN_PROVIDERS:
            return f"{_PROVIDERS} names {provider}"
    return None


def _parts(uri: str) -> tuple[str, str, str]:
    """Take a URI apart, literally: `?`, `#` and `%` are parts of names."""
    scheme, mark, rest = uri.partition(":")
    if not mark or "/" in scheme:
        return "", "", uri
    if not rest.startswith("//"):
        return scheme, "", rest
    authority, slash, path = rest[2:].partition("/")
    return (scheme, authority, path) if scheme in _S3 else (scheme, authority, slash + path)


@cache
def _region(bucket: str) -> str:
    """Ask S3 where a bucket is."""
    return str(fs.resolve_s3_region(bucket))


@cache
def _s3(settings: tuple[tuple[str, str], ...], region: str) -> fs.S3FileSystem:
    given = dict(settings)
    options: dict[str, Any] = {}
    if given.get("fs.s3a.access.key"):
        options = {
            "access_key": given["fs.s3a.access.key"],
            "secret_key": given.get("fs.s3a.secret.key"),
            "session_token": given.get("fs.s3a.session.token"),
        }
    endpoint = given.get("fs.s3a.endpoint", "")
    is_plain = endpoint.startswith("http://") or given.get("fs.s3a.connection.ssl.enabled") == "false"
    if endpoint:
        options["endpoint_override"] = urlsplit(endpoint).netloc or endpoint
        options["force_virtual_addressing"] = given.get("fs.s3a.path.style.access") != "true"
    return fs.S3FileSystem(
        region=given.get("fs.s3a.endpoint.region") or region or None,
        scheme="http" if is_plain else "https",
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
        **options,
    )
