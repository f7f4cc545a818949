"""The Spark of a release label: an environment of the checkout, as `scripts/setup` makes it."""

import json
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_aws.running.spark_command import CannotRunError

ROOT: Final = Path(__file__).resolve().parents[2]
_CLASS_PATH: Final = "spark.driver.extraClassPath"
_HADOOP: Final = "spark.hadoop."


@dataclass(frozen=True)
class SparkEnvironment:
    """Python, Spark and Java of a release."""

    folder: Path
    variables: Mapping[str, str]

    @property
    def python(self) -> str:
        """The interpreter."""
        return str(self.folder / "bin" / "python")

    @property
    def spark_submit(self) -> str:
        """Spark's own program to run programs."""
        return f"{self.variables['SPARK_HOME']}/bin/spark-submit"


@dataclass(frozen=True)
class Jars:
    """What the release's image has beside Spark: a class path, and what Hadoop is told of it."""

    class_path: str
    hadoop: Mapping[str, str]


def find(release: str, root: Path = ROOT) -> SparkEnvironment:
    """Find the environment of a release label.

    Raises:
        CannotRunError: Where there is none.
    """
    catalog = json.loads((root / "cluster_configs/catalog/releases.json").read_text(encoding="utf-8"))
    if release not in catalog["releases"]:
        raise CannotRunError(
            f"ReleaseLabel: expected one that a laptop has a Spark for, {', '.join(catalog['releases'])}, got {release}"
        )
    folder = root / (".venv" if release == catalog["default"] else f".venv-{release}")
    told = folder / "bin" / "activate-spark"
    if not told.is_file():
        raise CannotRunError(
            f"{folder.name}: expected the environment of {release} in the checkout, found none; "
            f"run scripts/setup --release {release}"
        )
    words = shlex.split(told.read_text(encoding="utf-8"), comments=True)
    return SparkEnvironment(folder, dict(word.split("=", 1) for word in words if word != "export"))


def jars(
    environment: SparkEnvironment, *, with_delta: bool, variables: Mapping[str, str], root: Path = ROOT
) -> Jars:
    """Fetch, where they are not there, the jars of S3A and where wanted Delta, for Spark as `variables` have it.

    Raises:
        CannotRunError: Where they cannot be had.
    """
    groups = ["s3", *(["delta"] if with_delta else [])]
    command = [environment.python, str(root / "scripts" / "jars.py"), *groups]
    made = subprocess.run(command, env=dict(variables), cwd=root, capture_output=True, text=True, check=False)
    if made.returncode:
        raise CannotRunError(f"the jars that {' and '.join(groups)} need: {made.stderr.strip()}")
    lines = Path(made.stdout.strip()).read_text(encoding="utf-8").splitlines()
    pairs = dict(line.split(" ", 1) for line in lines)
    hadoop = {name.removeprefix(_HADOOP): value for name, value in pairs.items() if name.startswith(_HADOOP)}
    return Jars(pairs[_CLASS_PATH], hadoop)
