"""Pieces of work and their controller logs."""

import os
import re
import threading
from pathlib import Path

from local_aws.emr.world import Outcome
from local_aws.running.work import Work

ENVIRONMENT = {"PATH": os.environ["PATH"]}


def run(folder: Path, *command: str, container: Path | None = None) -> tuple[Work, Outcome]:
    told: list[Outcome] = []
    work = Work(folder, lambda work: Outcome(work.execute(command, ENVIRONMENT, container)), told.append)
    work.begin()
    work.join()
    return work, told[0]


def lines(folder: Path) -> list[str]:
    """Return the controller log without its instants and numbers."""
    text = (folder / "controller").read_text()
    return [re.sub(r"\d+", "N", line.split(" ", 1)[1]) for line in text.splitlines()]


def test_a_command_leaves_its_output_and_what_became_of_it(tmp_path: Path) -> None:
    _, outcome = run(tmp_path / "w", "bash", "-c", "echo out; echo err >&2; exit 3")
    assert outcome == Outcome(3)
    assert (tmp_path / "w/stdout").read_text() == "out\n"
    assert (tmp_path / "w/stderr").read_text() == "err\n"
    assert lines(tmp_path / "w") == [
        "INFO startExec ['bash', '-c', 'echo out; echo err >&N; exit N']",
        "INFO ProcessRunner started child process N",
        "INFO waitProcessCompletion ended with exit code N",
        "INFO total process run time: N seconds",
        "WARN Step failed with exitCode N and took N seconds",
    ]


def test_a_command_that_succeeds_says_so(tmp_path: Path) -> None:
    assert run(tmp_path / "w", "true")[1] == Outcome(0)
    assert lines(tmp_path / "w")[-1] == "INFO Execution succeeded"


def test_a_container_has_the_output_of_its_own(tmp_path: Path) -> None:
    work, _ = run(tmp_path / "w", "echo", "out", container=tmp_path / "c")
    assert work.containers == [tmp_path / "c"]
    assert (tmp_path / "c/stdout").read_text() == "out\n"
    assert (tmp_path / "w/stdout").read_text() == ""


def test_what_is_stopped_before_its_process_begins_has_none(tmp_path: Path) -> None:
    told: list[Outcome] = []
    stopped = threading.Event()

    def do(work: Work) -> Outcome:
        stopped.wait()
        return Outcome(work.execute(["touch", "begun"], ENVIRONMENT))

    work = Work(tmp_path / "w", do, told.append)
    work.begin()
    work.stop(is_forced=False)
    stopped.set()
    work.join()
    assert told == [Outcome(143)]
    assert not (tmp_path / "w/scratch").exists()


def test_what_is_no_program_ends_as_in_a_shell(tmp_path: Path) -> None:
    assert run(tmp_path / "w", str(tmp_path / "no such program"))[1] == Outcome(126)
    assert "no such program: expected a program, cannot" in (tmp_path / "w/controller").read_text()


def test_the_scratch_folder_goes_with_the_process(tmp_path: Path) -> None:
    run(tmp_path / "w", "bash", "-c", "echo x >file")
    assert not (tmp_path / "w/scratch").exists()
    assert (tmp_path / "w/stdout").exists()


def test_a_failure_of_our_own_ends_the_work(tmp_path: Path) -> None:
    def fail(_: Work) -> Outcome:
        raise ArithmeticError("wanted")

    told: list[Outcome] = []
    work = Work(tmp_path / "w", fail, told.append)
    work.begin()
    work.join()
    (outcome,) = told
    assert outcome.exit_code == 1
    assert outcome.failure == {"Reason": "The local engine failed.", "Message": "ArithmeticError: wanted"}
    assert "ERROR the local engine failed" in (tmp_path / "w/controller").read_text()
