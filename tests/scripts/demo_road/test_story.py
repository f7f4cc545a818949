"""The order of the demo's commands, and that it ends what it has started. All of it runs in tests/test_readme.py."""

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from orchestrator.errors import FailedError, TimedOutError
from scripts.demo_road import story as telling
from scripts.demo_road.display import Display
from scripts.demo_road.place import Place
from scripts.demo_road.shell import Shell
from scripts.demo_road.story import DAMAGED, Looking, Story
from scripts.demo_road.watch import Seen

UP = {"url": "http://127.0.0.1:1", "environment": {"AWS_ENDPOINT_URL": "u"}, "unset": ["AWS_PROFILE"]}


class Pretended(Shell):
    """Answers commands without running them; the one that begins like `fails` fails."""

    ran: list[str]
    fails: str

    def run(self, command: Any, more: Any = None) -> str:
        """Answer."""
        text = " ".join(command)
        self.ran.append(text)
        if self.fails and text.startswith(self.fails):
            raise FailedError(f"{text}: exit code 1; its log is somewhere")
        assert bool(more) is text.startswith("orchestrator local up")
        return json.dumps(UP) if "local up" in text else "dist/code.zip\n"


class Unmoved:
    """Sees the same at every look."""

    seen = Seen(sent=10, in_stream=13)
    is_closed = False

    def look(self) -> Seen:
        """See it."""
        return self.seen

    def close(self) -> None:
        """Be closed."""
        self.is_closed = True


def pretended(folder: Path, fails: str = "") -> tuple[Story, Pretended]:
    display = Display(Console(stderr=True))
    looking = Looking(display)
    shell = Pretended(folder, folder / "logs", lambda _: None, looking.look, {"AWS_PROFILE": "mine"})
    shell.ran, shell.fails = [], fails
    return Story(Place(folder), 100, display, shell, looking), shell


def test_what_cannot_be_packed_ends_the_demo_with_its_reason(tmp_path: Path) -> None:
    story, shell = pretended(tmp_path, "scripts/package-lambda")
    with pytest.raises(FailedError, match=r"scripts/package-lambda --output .*: exit code 1"):
        story.tell(is_kept=False)
    assert [text.split(" --")[0] for text in shell.ran] == [
        "scripts/jars s3",
        "orchestrator local up",
        "scripts/package-lambda",
    ]
    assert shell.environment == {"AWS_ENDPOINT_URL": "u"}


def test_only_what_was_begun_is_ended(tmp_path: Path) -> None:
    story, shell = pretended(tmp_path)
    story.end()
    assert shell.ran == []
    (tmp_path / "aws").mkdir()
    watch: Any = Unmoved()
    story.looking.watch = watch
    story.end()
    assert shell.ran == [f"orchestrator local down --data {tmp_path / 'aws'}"]
    assert watch.is_closed
    assert story.looking.watch is None


def test_what_is_not_delivered_in_time_is_told_with_where_to_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "_DELIVERY_S", 0.0)
    story, _ = pretended(tmp_path)
    story.place.sent.write_text(json.dumps({"acknowledged": 10}))
    watch: Any = Unmoved()
    story.looking.watch = watch
    with pytest.raises(TimedOutError) as raised:
        story._await_delivery()
    assert f"expected all of {10 + len(DAMAGED)} records delivered within 0 s, got 0" in str(raised.value)
    assert str(story.place.transform_log) in str(raised.value)


def test_it_looks_at_the_road_once_a_second_at_most() -> None:
    times = iter([5.0, 5.0, 5.5, 6.5, 6.5])
    looked = []

    class Counting(Unmoved):
        def look(self) -> Seen:
            looked.append(1)
            return self.seen

    looking = Looking(Display(Console(stderr=True)), lambda: next(times))
    looking.look()
    assert not looked
    watch: Any = Counting()
    looking.watch = watch
    for _ in range(3):
        looking.look()
    assert len(looked) == 2
