"""Fetch the jars that Spark needs beside its own, once and by their hashes, and say how Spark is told of them.

Python fetches them, not Spark's Ivy: the list is locked, and private certificate authorities (`SSL_CERT_FILE`) count.
"""

import argparse
import fcntl
import hashlib
import http.client
import json
import os
import re
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyspark

from jobs.common.session import DELTA

ROOT = Path(__file__).resolve().parents[1]
CATALOG = ROOT / "cluster_configs" / "catalog"
S3 = {
    # EMR's own scheme; S3A is the name that Hadoop knows the same client by.
    "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
    "spark.hadoop.fs.AbstractFileSystem.s3.impl": "org.apache.hadoop.fs.s3a.S3A",
    # The default from Hadoop 3.4 on. Before it, every file that appears costs a request to delete marks of folders.
    "spark.hadoop.fs.s3a.directory.marker.retention": "keep",
}
# Spark's own name for it.
REPOSITORY = "DEFAULT_ARTIFACT_REPOSITORY"
_TIMEOUT_SECONDS = 60
_TRIES = 3
_THREADS = 4
_SERVER_ERROR = 500
# Spark splits lists of jars at commas, the class path at colons, and takes the rest for wildcards.
_UNUSABLE = frozenset(",:*?[]{}%#\\")


class JarsError(Exception):
    """What the user can mend."""


@dataclass(frozen=True)
class Jar:
    """One locked jar of Maven Central."""

    coordinates: str
    sha256: str
    size: int

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.rpartition("/")[2]

    @property
    def path(self) -> str:
        """The file's place below the repository's address."""
        group, artifact, version = self.coordinates.split(":")
        return f"{group.replace('.', '/')}/{artifact}/{version}/{artifact}-{version}.jar"


def properties(
    groups: Sequence[str], release: str | None = None, environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Return the Spark properties for groups of jars of a release (the one that runs), fetching what is not there.

    Raises:
        JarsError: Where a group or release is unknown, or a jar cannot be had as it is locked.
    """
    paths = fetch(locked(groups, release), environ)
    found = {
        "spark.jars": ",".join(path.as_uri() for path in paths),
        # An entry file on s3:// is read by spark-submit itself, before it looks at spark.jars.
        "spark.driver.extraClassPath": ":".join(map(str, paths)),
    }
    if "delta" in groups:
        found |= DELTA
    if "s3" in groups:
        found |= S3 | _endpoint(environ)
    return found


def running_release() -> str:
    """Return the label of the release whose PySpark this is: jars of another do not fit it."""
    releases = json.loads((CATALOG / "releases.json").read_text(encoding="utf-8"))["releases"]
    labels = [label for label, versions in releases.items() if versions["spark"] == pyspark.__version__]
    if not labels:
        spark_versions = ", ".join(versions["spark"] for versions in releases.values())
        raise JarsError(
            f"PySpark {pyspark.__version__} is of no release in cluster_configs/catalog/releases.json; accepted: "
            f"{spark_versions}; scripts/setup makes an environment of one"
        )
    return str(labels[0])


def locked(groups: Sequence[str], release: str | None = None) -> list[Jar]:
    """Return the locked jars of some groups."""
    releases = json.loads((CATALOG / "jars.json").read_text(encoding="utf-8"))["releases"]
    label = release or running_release()
    if label not in releases:
        raise JarsError(
            f"--release: {label!r} is not in cluster_configs/catalog/jars.json; accepted: {', '.join(releases)}"
        )
    for group in groups:
        if group not in releases[label]:
            raise JarsError(f"{group!r} is no group of jars; accepted: {', '.join(releases[label])}")
    return [Jar(**jar) for group in dict.fromkeys(groups) for jar in releases[label][group]]


def fetch(jars: Sequence[Jar], environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Return where the jars are in the cache, in order, fetching those that are not there or are not as locked."""
    folder = _cache(environ)
    missing = [jar for jar in jars if not _is_there(folder / jar.name, jar)]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder), ThreadPoolExecutor(_THREADS) as threads:
            # Whoever had the folder before us may have fetched them.
            missing = [jar for jar in missing if not _is_there(folder / jar.name, jar)]
            list(threads.map(lambda jar: _fetch(jar, folder, environ), missing))
    return [folder / jar.name for jar in jars]


def write_properties(values: Mapping[str, str], environ: Mapping[str, str] = os.environ) -> Path:
    """Write a properties file into the cache and return its path; the same properties have the same path."""
    text = "".join(f"{key} {value}\n" for key, value in sorted(values.items()))
    path = _cache(environ) / f"spark-{hashlib.sha256(text.encode()).hexdigest()[:16]}.properties"
    _write(path, text.encode())
    return path


def main(argv: Sequence[str]) -> int:
    """Print the path of the properties file; exit 2 with the reason where there is none."""
    parser = argparse.ArgumentParser(prog="scripts/jars", description=__doc__)
    parser.add_argument("--release", metavar="LABEL", help="default: the one whose PySpark runs this")
    parser.add_argument("groups", nargs="+", metavar="GROUP", help="delta, s3, hadoop")
    arguments = parser.parse_args(argv)
    try:
        print(write_properties(properties(arguments.groups, arguments.release)))
    except JarsError as fault:
        print(f"scripts/jars: {fault}", file=sys.stderr)
        return 2
    return 0


def _cache(environ: Mapping[str, str]) -> Path:
    base = environ.get("XDG_CACHE_HOME") or f"{environ.get('HOME') or Path.home()}/.cache"
    folder = Path(base) / "emr-job-suite" / "jars"
    if not folder.is_absolute() or _UNUSABLE.intersection(str(folder)):
        raise JarsError(
            f"{folder}: Spark cannot take jars from there; accepted: an absolute path without any of "
            f"{' '.join(sorted(_UNUSABLE))}; set XDG_CACHE_HOME to another folder"
        )
    return folder


def _endpoint(environ: Mapping[str, str]) -> dict[str, str]:
    """Return S3A's endpoint and region. Credentials stay out of the file: S3A reads them from the environment."""
    found = {}
    url = environ.get("AWS_ENDPOINT_URL_S3") or environ.get("AWS_ENDPOINT_URL")
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    if url:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise JarsError(
                "AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL: expected http://host:port or https://host:port, "
                f"got {parts._replace(netloc=parts.netloc.rpartition('@')[2]).geturl()!r} or a password in it"
            )
        found["spark.hadoop.fs.s3a.endpoint"] = url
        found["spark.hadoop.fs.s3a.connection.ssl.enabled"] = str(parts.scheme == "https").lower()
        # Other servers than AWS's have no name for each bucket.
        found["spark.hadoop.fs.s3a.path.style.access"] = "true"
        region = region or "us-east-1"
    if region:
        found["spark.hadoop.fs.s3a.endpoint.region"] = region
    return found


@cache
def maven_central() -> str:
    """Return where Maven Central is: where the Ivy that PySpark bundles looks when Spark resolves packages."""
    ivy = next((Path(pyspark.__file__).parent / "jars").glob("ivy-*.jar"))
    with zipfile.ZipFile(ivy) as archive:
        resolver = archive.read("org/apache/ivy/plugins/resolver/IBiblioResolver.class")
    found = re.search(rb"https://[!-~]+?/maven2/", resolver)
    if not found:
        raise JarsError(f"{ivy}: expected Ivy to know Maven Central, found no address; set {REPOSITORY}")
    return found[0].decode()


def _fetch(jar: Jar, folder: Path, environ: Mapping[str, str]) -> None:
    url = f"{(environ.get(REPOSITORY) or maven_central()).rstrip('/')}/{jar.path}"
    data = _download(url)
    if len(data) != jar.size or hashlib.sha256(data).hexdigest() != jar.sha256:
        raise JarsError(
            f"{url}: expected {jar.size} bytes with SHA-256 {jar.sha256}, as cluster_configs/catalog/jars.json has it, "
            f"got {len(data)} with {hashlib.sha256(data).hexdigest()}; nothing was kept; see who changed the file"
        )
    _write(folder / jar.name, data)


def _download(url: str) -> bytes:
    """Fetch a file, again where the server or the line fails; Python's TLS looks at SSL_CERT_FILE."""
    if not url.startswith(("https://", "http://")):
        raise JarsError(f"{REPOSITORY}: expected an https:// address, got {url!r}")
    fault: Exception | None = None
    for _ in range(_TRIES):
        try:
            with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 - see above
                body: bytes = answer.read()
                return body
        except urllib.error.HTTPError as refused:
            refused.close()
            fault = refused
            if refused.code < _SERVER_ERROR:
                break
        except (OSError, http.client.HTTPException) as broken:
            fault = broken
    raise JarsError(
        f"{url}: expected to fetch this jar, failed: {fault}; see that the network lets it through ({REPOSITORY} "
        "names another repository, SSL_CERT_FILE the certificates that are trusted), and run again"
    ) from fault


def _is_there(path: Path, jar: Jar) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == jar.sha256


def _write(path: Path, data: bytes) -> None:
    """Make a file appear whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as part:
        try:
            part.write(data)
            part.close()
            Path(part.name).replace(path)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder against other processes; the lock ends with its holder."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
