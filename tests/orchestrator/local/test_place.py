import fcntl
from pathlib import Path

import pytest

from orchestrator.errors import TimedOutError, UsageError
from orchestrator.local.place import Place, is_locked, place_of, turn
from orchestrator.waiting import Deadline


@pytest.mark.parametrize(
    ("data", "environment", "expected"),
    [
        (
            None,
            {"XDG_STATE_HOME": "/states"},
            Place(Path("/states/emr-job-suite/local-aws"), is_default=True),
        ),
        (None, {}, Place(Path.home() / ".local/state/emr-job-suite/local-aws", is_default=True)),
        (
            None,
            {"XDG_STATE_HOME": "not/absolute"},
            Place(Path.home() / ".local/state/emr-job-suite/local-aws", is_default=True),
        ),
        (Path("/a/../b"), {"XDG_STATE_HOME": "/states"}, Place(Path("/b"))),
        (Path("mine"), {}, Place(Path.cwd() / "mine")),
    ],
)
def test_a_place_is_what_the_user_names_or_below_the_home_of_states(
    data: Path | None, environment: dict[str, str], expected: Place
) -> None:
    assert place_of(data, environment) == expected


@pytest.mark.parametrize(
    ("place", "command"),
    [
        (Place(Path("/x"), is_default=True), "orchestrator local down"),
        (Place(Path("/it's $x")), """orchestrator local down --data '/it'"'"'s $x'"""),
    ],
)
def test_a_command_can_be_pasted(place: Place, command: str) -> None:
    assert place.command("down") == command


def test_a_turn_makes_the_folder_and_excludes_another(place: Place) -> None:
    with turn(place, Deadline(5)):
        with pytest.raises(TimedOutError) as caught, turn(place, Deadline(0.2)):
            pass
        assert (
            f"{place.turn_file}: another 'orchestrator local up' or 'down' is still at work there after 0.2 s"
            in str(caught.value)
        )
    with turn(place, Deadline(0)):
        assert place.folder.is_dir()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    place = Place(tmp_path / "file" / "below")
    with pytest.raises(UsageError) as caught, turn(place, Deadline(5)):
        pass
    assert str(caught.value) == (
        f"--data: expected a folder that can be made and written, got '{place.folder}' (Not a directory); "
        "name another with --data DIR"
    )


def test_a_lock_is_seen_while_somebody_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_locked(path)
    with path.open("w") as file:
        assert not is_locked(path)
        fcntl.flock(file, fcntl.LOCK_EX)
        assert is_locked(path)
    assert not is_locked(path)
