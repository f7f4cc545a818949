"""What the README shows is done to the letter, in a copy of the checkout, on a machine without Java."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import MADE_FOLDERS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?P<kind>sh|python)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"in `([a-z_/]+\.py)`")
JOBS = ("device_readings", "readings_hourly")
# It is what runs this test.
EVERY_TEST = "scripts/test\n"


def shell_blocks() -> list[str]:
    return [block["text"] for block in BLOCK.finditer(README) if block["kind"] == "sh"]


def files_to_write() -> dict[str, str]:
    """Collect the files of the recipe: a Python block, named by the sentence before it."""
    found = {}
    for block in BLOCK.finditer(README):
        if block["kind"] == "python":
            paragraph = README[: block.start()].rstrip().rsplit("\n\n", 1)[-1]
            (name,) = FILE.findall(paragraph)
            found[name] = block["text"]
    return found


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """Copy the checkout, and make an environment with the machine's tools but Java."""
    folder = tmp_path_factory.mktemp("newcomer")
    checkout, tools = folder / "check out", folder / "bin"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().rstrip("\0").split("\0"):
        if (ROOT / name).exists():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, checkout / name)
    tools.mkdir()
    programs = {path.name: path for path in [*Path("/bin").iterdir(), *Path("/usr/bin").iterdir()]}
    for name, program in programs.items():
        if not name.startswith(("java", "python")):
            (tools / name).symlink_to(program)
    (tools / "python3.11").symlink_to(Path(sys.base_prefix) / "bin" / "python3.11")
    unwanted = ("JAVA", "PYSPARK", "SPARK", "VIRTUAL_ENV", "PYTEST", "PYTHON")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    environment |= {"PATH": str(tools), "SPARK_SUBMIT_OPTS": os.environ["SPARK_SUBMIT_OPTS"]}
    yield checkout, environment
    orchestrator = checkout / ".venv" / "bin" / "orchestrator"
    if orchestrator.exists():  # where a command failed, the server still runs
        subprocess.run(
            [orchestrator, "local", "down", "--data", "local-aws"], cwd=checkout, env=environment, check=True
        )


def test_a_newcomer_follows_the_readme_from_its_first_command_to_its_last(
    newcomer: tuple[Path, dict[str, str]],
) -> None:
    checkout, environment = newcomer
    for name, text in files_to_write().items():
        (checkout / name).write_text(text, encoding="utf-8")
    script = "\n".join(block for block in shell_blocks() if block != EVERY_TEST)
    assert script.startswith("scripts/demo")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "installing one" in done.stderr
    assert "From the device to the table" in done.stdout
    assert "inserted 57,600 = rows by DuckDB 57,600" in done.stdout
    assert "✘" not in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    counts = {
        name: json.loads((checkout / f"{name}.json").read_text())["rows"]
        for name in ("manifest", "manifest-hourly", "manifest-delta", "doors")
    }
    assert counts["manifest"]["read"] == 2000
    assert counts["manifest"]["inserted"] == 1980
    assert counts["manifest-hourly"]["source_rows"] == counts["manifest-delta"]["inserted"] == 1980
    assert counts["doors"]["inserted"] == 1
    run = json.loads((checkout / "run.json").read_text())
    assert {job["job"]: job["state"] for job in run["jobs"]} == dict.fromkeys(JOBS, "succeeded")
    assert f"run {run['run_id']} has succeeded already, nothing was begun" in done.stderr


def test_the_folders_that_it_makes_are_no_source() -> None:
    for name in ("demo-output", "dist", "local-aws"):
        assert name in MADE_FOLDERS
        assert f"{name}/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
        assert f'"^{name}/"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_the_recipe_names_the_files_that_it_shows() -> None:
    assert list(files_to_write()) == ["tests/jobs/test_door_events.py", "jobs/door_events.py"]


def test_the_other_command_is_what_runs_this_test() -> None:
    assert EVERY_TEST in shell_blocks()
    assert "pytest" in (ROOT / "scripts" / "test").read_text(encoding="utf-8")
