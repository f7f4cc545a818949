"""The bootstrap action of the fast reader, as a process: real pip, into a Python of the test's own."""

import os
import re
import shutil
import subprocess
import venv
from collections.abc import Mapping
from pathlib import Path

import pip
import pytest

from tests.scripts.tiny_wheels import lock_of, tiny_wheel

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "bootstrap" / "fast_reader.sh"
EMBEDDED = re.compile(r"(?<=<<'LOCK'\n).*?(?=^LOCK$)", re.DOTALL | re.MULTILINE)


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """Make a Python with pip and nothing else."""
    folder = tmp_path / "python"
    venv.create(folder, with_pip=False)
    give_pip(folder)
    return folder / "bin" / "python"


def give_pip(folder: Path) -> None:
    (site_packages,) = folder.glob("lib/python*/site-packages")
    (site_packages / "pip").symlink_to(Path(str(pip.__file__)).parent, target_is_directory=True)


def script_with(lock: str, folder: Path) -> Path:
    """Write the script with another lock in it."""
    script = folder / "fast_reader.sh"
    script.write_text(EMBEDDED.sub(lambda _: lock, SCRIPT.read_text(encoding="utf-8")), encoding="utf-8")
    script.chmod(0o755)
    return script


def run(
    script: Path, *arguments: str | Path, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(script), *map(str, arguments)],
        env={**os.environ, "PIP_NO_INDEX": "1", **(variables or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def answer(python: Path) -> str:
    command = [str(python), "-I", "-c", "import tiny; print(tiny.ANSWER)"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout.strip() or done.stderr.splitlines()[-1]


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def test_the_lock_in_the_script_is_the_lock() -> None:
    [embedded] = EMBEDDED.findall(SCRIPT.read_text(encoding="utf-8"))
    assert embedded == (ROOT / "requirements" / "fast.txt").read_text(encoding="utf-8")


def test_what_the_lock_names_is_installed_and_again_nothing_is_done(python: Path, tmp_path: Path) -> None:
    wheel = tiny_wheel(tmp_path / "wheels")
    script = script_with(lock_of(wheel), tmp_path)
    done = run(script, "--python", python, "--wheels", f"{wheel.parent}/")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"fast_reader.sh: installed tiny==1.0 into {python}\n"
    assert answer(python) == "42"
    wheel.unlink()
    again = run(script, "--python", python, "--wheels", wheel.parent)
    assert (again.returncode, again.stdout, again.stderr) == (0, "fast_reader.sh: all is there already\n", "")


def test_another_version_gives_way_to_the_one_of_the_lock(python: Path, tmp_path: Path) -> None:
    old = tiny_wheel(tmp_path / "wheels", "0.9", "ANSWER = 41\n")
    assert (
        run(script_with(lock_of(old), tmp_path), "--python", python, "--wheels", old.parent).returncode == 0
    )
    assert answer(python) == "41"
    new = tiny_wheel(tmp_path / "wheels")
    assert (
        run(script_with(lock_of(new), tmp_path), "--python", python, "--wheels", new.parent).returncode == 0
    )
    assert answer(python) == "42"


def test_a_wheel_that_is_another_is_not_installed(python: Path, tmp_path: Path) -> None:
    wheel = tiny_wheel(tmp_path / "wheels")
    script = script_with(lock_of(wheel), tmp_path)
    tiny_wheel(wheel.parent, source="ANSWER = 'owned'\n")
    done = run(script, "--python", python, "--wheels", wheel.parent)
    assert done.returncode == 69
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in done.stderr
    assert done.stderr.endswith(
        "fast_reader.sh: the libraries cannot be installed, see above; a node without internet needs --wheels, "
        f"with wheels for {os.uname().machine}\n"
    )
    assert answer(python) == "ModuleNotFoundError: No module named 'tiny'"


def test_a_library_without_a_hash_is_not_installed(python: Path, tmp_path: Path) -> None:
    wheel = tiny_wheel(tmp_path / "wheels")
    done = run(script_with("tiny==1.0\n", tmp_path), "--python", python, "--wheels", wheel.parent)
    assert done.returncode == 69
    assert "Hashes are required in --require-hashes mode" in done.stderr
    assert answer(python) == "ModuleNotFoundError: No module named 'tiny'"


def test_wheels_come_from_s3(python: Path, tmp_path: Path) -> None:
    wheel = tiny_wheel(tmp_path / "bucket")
    called = tmp_path / "called"
    program(tmp_path / "bin/aws", f'printf "%s\\n" "$@" >{called}\ncp -r {wheel.parent}/. "${{@: -1}}"')
    variables = {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    variables["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1"
    script = script_with(lock_of(wheel), tmp_path)
    program(tmp_path / "bin/mktemp", f"mkdir -p {tmp_path}/scratch/wheels; echo {tmp_path}/scratch")
    done = run(script, "--python", python, "--wheels", "s3://lake/wheels/", variables=variables)
    assert (done.returncode, done.stderr, answer(python)) == (0, "", "42")
    assert called.read_text().splitlines() == [
        *("s3", "cp", "--recursive", "--only-show-errors", "--endpoint-url", "http://127.0.0.1:1"),
        *("s3://lake/wheels/", f"{tmp_path}/scratch/wheels/"),
    ]
    assert not (tmp_path / "scratch").exists()


def test_wheels_that_cannot_be_fetched_are_told(python: Path, tmp_path: Path) -> None:
    program(tmp_path / "bin/aws", "echo AccessDenied >&2; exit 1")
    variables = {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    done = run(SCRIPT, "--python", python, "--wheels", "s3://lake/wheels", variables=variables)
    told = "cannot be fetched, see above; the instance profile needs s3:ListBucket and s3:GetObject there"
    assert done.returncode == 69
    assert done.stderr == f"AccessDenied\nfast_reader.sh: s3://lake/wheels: {told}\n"


def test_a_library_that_does_not_load_is_told(python: Path, tmp_path: Path) -> None:
    wheel = tiny_wheel(tmp_path / "wheels", source="raise ImportError('for another machine')\n")
    script = script_with(lock_of(wheel), tmp_path)
    done = run(script, "--python", python, "--wheels", wheel.parent)
    assert done.returncode == 70
    assert "ImportError: for another machine" in done.stderr
    told = "fast_reader.sh: what was installed does not load, see above; report it with the release's label"
    assert done.stderr.splitlines()[-1] == f"{told} and {os.uname().machine}"


def test_a_node_without_pip_gets_that_of_its_image(python: Path, tmp_path: Path) -> None:
    folder, tools = python.parents[1], tmp_path / "bin"
    (site_packages,) = folder.glob("lib/python*/site-packages")
    (site_packages / "pip").unlink()
    wheel = tiny_wheel(tmp_path / "wheels")
    program(tools / "python3.11", f'exec {python} "$@"')
    program(tools / "sudo", 'exec "$@"')
    program(
        tools / "dnf",
        f'echo "$@" >{tmp_path}/asked\nln -s {Path(str(pip.__file__)).parent} {site_packages}/pip',
    )
    variables = {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    script = script_with(lock_of(wheel), tmp_path)
    done = run(script, "--python", "python3.11", "--wheels", wheel.parent, variables=variables)
    assert (done.returncode, done.stderr, answer(python)) == (0, "", "42")
    assert (tmp_path / "asked").read_text() == "install --assumeyes --quiet python3.11 python3.11-pip\n"


def test_an_image_whose_pip_cannot_be_had_is_told(python: Path, tmp_path: Path) -> None:
    shutil.rmtree(python.parents[1])
    for name, text in (("python3.11", "exit 1"), ("sudo", 'exec "$@"'), ("dnf", "exit 1")):
        program(tmp_path / "bin" / name, text)
    variables = {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    done = run(SCRIPT, "--python", "python3.11", variables=variables)
    assert done.returncode == 69
    assert done.stderr == (
        "fast_reader.sh: python3.11-pip: dnf cannot install it, see above; the node has to reach Amazon Linux's "
        "repository, by an S3 endpoint or the internet\n"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("exit 1", "expected a Python 3.11 with pip, found none; install it and run again"),
        ('[ "$1" != - ] && echo 3.9', "expected Python 3.11, got 3.9; give one with --python"),
    ],
)
def test_another_python_is_refused(tmp_path: Path, text: str, told: str) -> None:
    program(tmp_path / "python", text)
    done = run(SCRIPT, "--python", tmp_path / "python")
    assert (done.returncode, done.stderr) == (69, f"fast_reader.sh: {tmp_path / 'python'}: {told}\n")


def test_off_emr_nothing_is_installed_unless_told_where(tmp_path: Path) -> None:
    program(tmp_path / "bin/python3.11", f"touch {tmp_path}/called")
    variables = {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    done = run(SCRIPT, variables=variables)
    assert (done.returncode, done.stderr) == (0, "")
    told = "this is no node of Amazon EMR: nothing was installed; steps have what scripts/setup installs"
    assert done.stdout == f"fast_reader.sh: {told}\n"
    assert not (tmp_path / "called").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["x"], "unknown argument 'x'; accepted: --wheels s3://BUCKET/PREFIX|FOLDER, --python PATH"),
        (["--wheels"], "--wheels: expected a value after it, got none"),
        (["--python", ""], "--python: expected a value after it, got none"),
        (
            ["--wheels", "nowhere"],
            "--wheels: expected s3://BUCKET/PREFIX or a folder that is there, got 'nowhere'",
        ),
    ],
)
def test_wrong_usage_is_refused(arguments: list[str], told: str) -> None:
    done = run(SCRIPT, *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (64, "", f"fast_reader.sh: {told}\n")
