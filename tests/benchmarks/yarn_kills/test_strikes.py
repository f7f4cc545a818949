"""Whom to kill when."""

import subprocess
import sys
from pathlib import Path

from benchmarks.yarn_kills.strikes import DRIVER, EXECUTOR, draw, kill

BACKEND = "org.apache.spark.executor.YarnCoarseGrainedExecutorBackend"


def test_strikes_are_those_of_their_seed() -> None:
    strikes = draw(5, 2, 1)
    assert strikes == draw(5, 2, 1)
    assert strikes != draw(5, 2, 2)
    assert sorted(one.whom for one in strikes) == [DRIVER] * 2 + [EXECUTOR] * 5
    assert [one.number for one in strikes] == [1, 2, 3, 4, 5, 6, 7]
    assert all(0 <= one.after < 1 for one in strikes)


def test_an_executor_of_the_application_is_killed_and_no_other(tmp_path: Path) -> None:
    java = tmp_path / "java"
    java.symlink_to(sys.executable)
    words = [str(java), "-c", "input()", BACKEND, "--app-id"]
    started = [
        subprocess.Popen([*words, application], stdin=subprocess.PIPE)
        for application in ("application_7_0001", "application_7_0002")
    ]
    try:
        assert not kill(DRIVER, "application_7_0001")
        assert kill(EXECUTOR, "application_7_0001")
        assert started[0].wait(30) == -9
        assert started[1].poll() is None
    finally:
        for process in started:
            process.kill()
            process.communicate()
