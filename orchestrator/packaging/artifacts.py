"""Where on S3 a job's code lies."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class BootstrapArtifact:
    """A script for nodes, and the hash by which a node knows it."""

    uri: str
    sha256: str


@dataclass(frozen=True)
class Artifacts:
    """URIs on S3 of the zip for `--py-files`, of entry files and of scripts, these by their paths in the repository."""

    py_files: str
    entry_points: Mapping[str, str]
    bootstrap: Mapping[str, BootstrapArtifact]
