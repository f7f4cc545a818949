"""Where killed runs work: a folder of this machine, or a prefix of a bucket; saved, restored, and looked into."""

import shutil
from pathlib import Path
from typing import Protocol

from local_aws.s3_server import KEY, SECRET, S3Server


class Scene(Protocol):
    """A place for tables that can be put back into an earlier state, byte for byte."""

    @property
    def uri(self) -> str:
        """The place as jobs are told of it."""

    def environment(self) -> dict[str, str]:
        """Return what processes need in their environment to reach it."""

    def save(self, name: str) -> None:
        """Keep the present state under a name."""

    def restore(self, name: str) -> None:
        """Put a saved state back; there is none called `nothing`, which is empty."""

    def look(self) -> Path:
        """Return a folder with all that is there."""

    def uploads(self) -> list[str]:
        """Name what was begun and never completed, and is not to be seen."""


class LocalScene:
    """A folder."""

    def __init__(self, root: Path) -> None:
        """Take a folder to work in."""
        self._root, self._place = root, root / "place"

    @property
    def uri(self) -> str:
        """The folder's path."""
        return str(self._place)

    def environment(self) -> dict[str, str]:
        """Return nothing."""
        return {}

    def save(self, name: str) -> None:
        """Copy the folder."""
        _copy(self._place, self._root / "saved" / name)

    def restore(self, name: str) -> None:
        """Copy a saved folder back."""
        _copy(self._root / "saved" / name, self._place)

    def look(self) -> Path:
        """Return the folder itself."""
        return self._place

    def uploads(self) -> list[str]:
        """Return nothing: a file that is written is to be seen."""
        return []


class S3Scene:
    """A bucket of the embedded S3."""

    def __init__(self, server: S3Server, root: Path) -> None:
        """Make a bucket; `root` is a folder for copies."""
        self._server, self._root, self._bucket = server, root, server.new_bucket()
        self._saved: dict[str, dict[str, bytes]] = {}

    @property
    def uri(self) -> str:
        """A prefix of the bucket."""
        return f"s3://{self._bucket}/place"

    def environment(self) -> dict[str, str]:
        """Return endpoint and credentials."""
        return {
            "AWS_ENDPOINT_URL": self._server.url,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }

    def save(self, name: str) -> None:
        """Read all objects. Uploads that are open are no part of it: they go on, as they would."""
        client = self._server.client
        self._saved[name] = {
            key: client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            for key in self._server.keys(self._bucket)
        }

    def restore(self, name: str) -> None:
        """Write all objects anew, and delete others."""
        wanted = self._saved.get(name, {})
        for key in self._server.keys(self._bucket):
            if key not in wanted:
                self._server.client.delete_object(Bucket=self._bucket, Key=key)
        for key, body in wanted.items():
            self._server.client.put_object(Bucket=self._bucket, Key=key, Body=body)

    def look(self) -> Path:
        """Download all."""
        folder = self._root / "look"
        shutil.rmtree(folder, ignore_errors=True)
        for key in self._server.keys(self._bucket):
            path = folder / key
            if not key.endswith("/"):
                path.parent.mkdir(parents=True, exist_ok=True)
                self._server.client.download_file(self._bucket, key, str(path))
        return folder / "place"

    def uploads(self) -> list[str]:
        """List the uploads that are open."""
        return self._server.uploads(self._bucket)


def _copy(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    if source.is_dir():
        shutil.copytree(source, target)
