"""The Spark of a release label: an environment of the checkout, as `scripts/setup` makes it."""

import json
import shlex
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_aws.running.spark_command import CannotRunError

ROOT: Final = Path(__file__).resolve().parents[2]
_CLASS_PATH: Final = "spark.driver.extraClassPath"
_LOOK_AGAIN_S: Final = 0.2
_HADOOP: Final = "spark.hadoop."


@dataclass(frozen=True)
class SparkEnvironment:
    """Python, Spark and Java of a release."""

    folder: Path
    variables: Mapping[str, str]
    # An interpreter that a job brings.
    own_python: str | None = None

    @property
    def python(self) -> str:
        """The interpreter."""
        return self.own_python or str(self.folder / "bin" / "python")

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
    environment: SparkEnvironment,
    *,
    with_delta: bool,
    variables: Mapping[str, str],
    root: Path = ROOT,
    is_stopped: threading.Event | None = None,
    further: Sequence[str] = (),
) -> Jars:
    """Fetch, where they are not there, the jars of S3A and where wanted Delta, for Spark as `variables` have it.

    The jars of `further` groups come first on the class path.

    Raises:
        CannotRunError: Where they cannot be had, or `is_stopped` is set meanwhile.
    """
    groups = [*further, "s3", *(["delta"] if with_delta else [])]
    command = [environment.python, str(root / "scripts" / "jars.py"), *groups]
    code, told, said = _run(
        command, {**variables, **environment.variables}, root, is_stopped or threading.Event()
    )
    if code:
        raise CannotRunError(f"the jars that {' and '.join(groups)} need: {said.strip()}")
    lines = Path(told.strip()).read_text(encoding="utf-8").splitlines()
    pairs = dict(line.split(" ", 1) for line in lines)
    hadoop = {name.removeprefix(_HADOOP): value for name, value in pairs.items() if name.startswith(_HADOOP)}
    return Jars(pairs[_CLASS_PATH], hadoop)


def _run(
    command: list[str], variables: Mapping[str, str], folder: Path, is_stopped: threading.Event
) -> tuple[int, str, str]:
    """Run a helper, which may wait for a slow network; return its exit code and what it wrote."""
    process = subprocess.Popen(
        command, env=dict(variables), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while True:
        try:
            told, said = process.communicate(timeout=_LOOK_AGAIN_S)
        except subprocess.TimeoutExpired:
            if is_stopped.is_set():
                process.kill()
        else:
            return process.returncode, told, said or "stopped"
