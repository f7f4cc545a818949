import json
import subprocess
import sys
from pathlib import Path
from typing import Any

BURN = "import time\nwhile time.process_time() < 0.6: pass"
START = f"import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', {BURN!r}])\n"


def measured(program: str, log: Path) -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "benchmarks.readings_race.measured",
        str(log),
        "--",
        sys.executable,
        "-c",
        program,
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def test_cpu_of_a_child_that_is_waited_for_counts_once(tmp_path: Path) -> None:
    found = measured(f"{START}child.wait()", tmp_path / "log")
    assert 0.6 <= found["cpu_s"] < 1.2
    assert found["sampled_cpu_s"] == 0


def test_cpu_of_a_child_that_outlives_its_parent_counts(tmp_path: Path) -> None:
    found = measured(START, tmp_path / "log")
    assert 0.6 <= found["cpu_s"] < 1.2
    assert found["sampled_cpu_s"] == 0


def test_cpu_of_a_child_that_nobody_waits_for_is_sampled(tmp_path: Path) -> None:
    ignoring = "import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
    found = measured(f"{ignoring}{START}child.wait()", tmp_path / "log")
    assert 0.1 <= found["sampled_cpu_s"] <= found["cpu_s"] < 1.2


def test_memory_is_that_of_all_processes_at_once(tmp_path: Path) -> None:
    hold = "import time\nheld = b'x' * 60_000_000\nwhile time.process_time() < 1: pass"
    program = (
        f"import subprocess, sys\nboth = [subprocess.Popen([sys.executable, '-c', {hold!r}]) for _ in '12']\n"
    )
    found = measured(f"{program}[each.wait() for each in both]", tmp_path / "log")
    assert 120_000_000 < found["peak_bytes"] < 250_000_000


def test_the_exit_code_and_the_end_of_the_log_are_told(tmp_path: Path) -> None:
    found = measured("import sys\nprint('out')\nsys.exit('why')", tmp_path / "log")
    assert (found["code"], sorted(found["log"].split())) == (1, ["out", "why"])
