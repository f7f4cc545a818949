import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("arguments", [[], ["no_such"], ["__init__"], ["reliability.py"]])
def test_an_unknown_name_is_refused_with_the_names_there_are(arguments: list[str]) -> None:
    done = subprocess.run(
        [ROOT / "scripts" / "bench", *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    names = " ".join(sorted(path.stem for path in (ROOT / "benchmarks").glob("[!_]*.py")))
    name = arguments[0] if arguments else ""
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == f"scripts/bench: unknown name '{name}'; accepted: {names}\n"


def test_a_benchmark_runs_with_its_arguments() -> None:
    done = subprocess.run(
        [ROOT / "scripts" / "bench", "reliability", "kills", "--help"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "--kills" in done.stdout
