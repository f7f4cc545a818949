"""`python -m scripts.demo_road.main`: the whole road, on this machine. Started by scripts/demo, which sets all up."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from orchestrator.errors import FailedError, OrchestratorError
from scripts.demo_road.display import Display
from scripts.demo_road.place import Place
from scripts.demo_road.report import WIDTH, Summary, show
from scripts.demo_road.shell import Shell
from scripts.demo_road.story import ROOT, Looking, Story

_INTERRUPTED: Final = 130


def main(arguments: Sequence[str]) -> int:
    """Show the demo, and return its exit code."""
    parser = argparse.ArgumentParser(prog="scripts/demo")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--messages", type=int, default=60_000)
    parser.add_argument("--keep", action="store_true")
    chosen = parser.parse_args(arguments)
    place = Place(chosen.output.resolve())
    display = Display(Console(stderr=True))
    looking = Looking(display)
    shell = Shell(ROOT, place.logs, display.command, looking.look)
    return play(Story(place, chosen.messages, display, shell, looking), is_kept=chosen.keep)


def play(story: Story, *, is_kept: bool) -> int:
    """Tell a story to its end, whatever comes: nothing is left running that is not to be kept."""
    told: Summary | int = FailedError.exit_code
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        told = _tell(story, is_kept=is_kept)
    finally:
        story.display.close()
        ended = 0 if is_kept and isinstance(told, Summary) else _end(story)
    if isinstance(told, int):
        return told
    console = Console()
    show(Console(width=console.width if console.is_terminal else WIDTH), told)
    return max(told.exit_code, ended)


def _tell(story: Story, *, is_kept: bool) -> Summary | int:
    """Return what came of it, or the exit code where it has failed."""
    try:
        return story.tell(is_kept=is_kept)
    except KeyboardInterrupt:
        _say("interrupted; ending what runs")
        return _INTERRUPTED
    except (OrchestratorError, ClientError, BotoCoreError) as error:
        place = story.place
        _say(
            f"{error}\nwhat each command has said: {place.logs}; the embedded AWS: {place.aws / 'server.log'}"
        )
        return error.exit_code if isinstance(error, OrchestratorError) else FailedError.exit_code


def _end(story: Story) -> int:
    """End what runs, which is not to be interrupted; return the exit code."""
    before = {each: signal.signal(each, signal.SIG_IGN) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        story.end()
    except OrchestratorError as error:
        _say(str(error))
        return error.exit_code
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    return 0


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    sys.stderr.write(f"scripts/demo: {text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
