"""What a server can be started with, and whether the one that runs is what somebody asks for now."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from orchestrator.errors import UsageError
from orchestrator.local.place import Place
from orchestrator.local.server import Status

DEFAULT_PORT: Final = 4566
_ANY_PORT: Final = 0


@dataclass(frozen=True)
class Options:
    """The options of a start; None is what the user has not named."""

    port: int | None = None
    seed: str | None = None
    speed: float | None = None
    log_delay: float | None = None
    faults: Path | None = None
    engine: str | None = None
    memory: int | None = None
    vcpus: int | None = None

    def arguments(self, place: Place) -> list[str]:
        """Spell them for the server."""
        port = DEFAULT_PORT if self.port is None else self.port
        pairs = {"--data": str(place.folder), "--port": str(port), **self.compared()}
        # In one word each: a value may begin with a dash.
        return [f"{name}={value}" for name, value in pairs.items()]

    def compared(self) -> dict[str, str]:
        """Return those that the user has named, but for the port, which the server tells itself."""
        values = {
            "--seed": self.seed,
            "--speed": self.speed,
            "--log-delay": self.log_delay,
            "--faults": None if self.faults is None else self.faults.resolve(),
            "--engine": self.engine,
            "--memory": self.memory,
            "--vcpus": self.vcpus,
        }
        return {name: str(value) for name, value in values.items() if value is not None}


class Record(msgspec.Struct, frozen=True):
    """What a server was started with; its token says which server."""

    token: str
    options: dict[str, str]


def write_record(place: Place, status: Status, options: Options) -> None:
    """Keep the options for the next `up`, which may ask for others."""
    place.started_with.write_bytes(msgspec.json.encode(Record(status.token, options.compared())))


def refuse_others(place: Place, status: Status, options: Options) -> None:
    """Refuse options that the running server does not have.

    Raises:
        UsageError: They differ; the text says in what.
    """
    found = differences(options, status.url, _recorded(place, status))
    if found:
        raise UsageError(
            f"{place.folder}: the embedded AWS already runs there, at {status.url} (pid {status.pid}), but "
            f"{'; '.join(found)}. Leave these options out to use it as it is, end it first "
            f"({place.command('down')}), or start another one (--data DIR --port 0)"
        )


def differences(asked: Options, url: str, started_with: dict[str, str] | None) -> list[str]:
    """Tell each option that is asked for and not so; `started_with` None is not known."""
    found = []
    if asked.port not in {None, _ANY_PORT, port := urlsplit(url).port}:
        found.append(f"--port is {port}, not {asked.port}")
    for name, value in asked.compared().items():
        if started_with is None:
            found.append(f"{name} {value} is asked for, and what it was started with is not known")
        elif started_with.get(name) != value:
            found.append(f"{name} is {started_with.get(name, 'the default')}, not {value}")
    return found


def _recorded(place: Place, status: Status) -> dict[str, str] | None:
    try:
        record = msgspec.json.decode(place.started_with.read_bytes(), type=Record)
    except (OSError, msgspec.MsgspecError):
        return None
    return record.options if record.token == status.token else None
