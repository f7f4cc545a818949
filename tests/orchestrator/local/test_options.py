from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestrator.errors import UsageError
from orchestrator.local.options import Options, differences, refuse_others, write_record
from orchestrator.local.place import Place
from orchestrator.local.server import Status

URL = "http://127.0.0.1:4566"


def status(token: str) -> Status:
    return Status(7, token, URL, "us-east-1", datetime(2026, 11, 26, tzinfo=UTC), "/data", {}, 0)


def test_the_server_gets_folder_and_port_always_and_the_rest_as_named() -> None:
    place = Place(Path("/a b"))
    assert Options().arguments(place) == ["--data=/a b", "--port=4566"]
    every = Options(
        port=0, seed="-7", speed=60.0, log_delay=0.5, faults=Path("/f"), engine="yarn", memory=2048, vcpus=64
    )
    assert every.arguments(place) == [
        *("--data=/a b", "--port=0", "--seed=-7", "--speed=60.0", "--log-delay=0.5", "--faults=/f"),
        *("--engine=yarn", "--memory=2048", "--vcpus=64"),
    ]


def test_a_relative_file_is_made_absolute_for_the_server_starts_elsewhere() -> None:
    assert Options(faults=Path("faults.json")).compared() == {"--faults": str(Path.cwd() / "faults.json")}


@pytest.mark.parametrize(
    ("asked", "started_with", "found"),
    [
        (Options(), {}, []),
        (Options(), None, []),
        (Options(), {"--seed": "7"}, []),
        (Options(port=4566), None, []),
        (Options(port=0), {}, []),
        (Options(port=5000), {}, ["--port is 4566, not 5000"]),
        (Options(seed="7"), {"--seed": "7"}, []),
        (Options(seed="7"), {"--seed": "8"}, ["--seed is 8, not 7"]),
        (Options(speed=2.0), {"--seed": "8"}, ["--speed is the default, not 2.0"]),
        (
            Options(seed="7"),
            None,
            ["--seed 7 is asked for, and what it was started with is not known"],
        ),
        (Options(port=1, seed="7"), {}, ["--port is 4566, not 1", "--seed is the default, not 7"]),
    ],
)
def test_what_is_asked_for_is_held_against_what_runs(
    asked: Options, started_with: dict[str, str] | None, found: list[str]
) -> None:
    assert differences(asked, URL, started_with) == found


def test_a_record_counts_for_the_server_that_it_was_written_for_alone(tmp_path: Path) -> None:
    place = Place(tmp_path)
    write_record(place, status("mine"), Options(seed="7"))
    refuse_others(place, status("mine"), Options(seed="7"))
    for token, expected in (("mine", "--seed is 7, not 8"), ("other's", "not known")):
        with pytest.raises(UsageError, match=expected):
            refuse_others(place, status(token), Options(seed="8"))


def test_a_refusal_says_what_runs_and_what_to_do(tmp_path: Path) -> None:
    place = Place(tmp_path, is_default=True)
    with pytest.raises(UsageError) as caught:
        refuse_others(place, status("mine"), Options(port=5000))
    assert str(caught.value) == (
        f"{tmp_path}: the embedded AWS already runs there, at {URL} (pid 7), but --port is 4566, not 5000. Leave these "
        "options out to use it as it is, end it first (orchestrator local down), or start another one (--data DIR "
        "--port 0)"
    )
