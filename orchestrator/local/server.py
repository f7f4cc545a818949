"""What a server says of itself, in its file and at its URL, and whether the two are of one server."""

import http.client
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import msgspec

from orchestrator.local.place import Place

STATUS_PATH: Final = "/_local_aws/status"
_PATIENCE_S: Final = 5.0


class ServerFile(msgspec.Struct, frozen=True):
    """The content of `server.json`, as far as it is needed here."""

    pid: int
    url: str
    token: str


class Status(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer of a server; one that began before this code was there does not tell its seed."""

    pid: int
    token: str
    url: str
    region: str
    started_at: datetime
    data: str
    clusters: dict[str, int]
    running_steps: int
    seed: str | None = None


@dataclass(frozen=True)
class Absent:
    """No server, or none that is known for sure; the reason continues the sentence 'nothing runs there:'."""

    reason: str


def look(place: Place) -> Status | Absent:
    """Find the server of the folder, verified by its token."""
    written = read_file(place)
    return written if isinstance(written, Absent) else verify(written)


def read_file(place: Place) -> ServerFile | Absent:
    """Read `server.json`."""
    try:
        return msgspec.json.decode(place.server_file.read_bytes(), type=ServerFile)
    except FileNotFoundError:
        return Absent("there is no server.json")
    except OSError as error:
        return Absent(f"server.json cannot be read ({error.strerror})")
    except msgspec.MsgspecError as error:
        return Absent(f"server.json is not as a server writes it ({error})")


def verify(written: ServerFile) -> Status | Absent:
    """Ask at the URL of the file; the answer counts only if it has the pid and the token of the file."""
    try:
        status = _ask(written.url)
    except (OSError, ValueError, http.client.HTTPException, msgspec.MsgspecError) as error:
        return Absent(
            f"server.json names pid {written.pid} at {written.url}, where no embedded AWS answers "
            f"({_words(error)})"
        )
    if (status.pid, status.token) != (written.pid, written.token):
        return Absent(
            f"server.json names pid {written.pid} at {written.url}, where another server answers, "
            f"pid {status.pid} of '{status.data}'"
        )
    return status


def _ask(url: str) -> Status:
    # http.client knows no proxies, which would be asked for loopback too.
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=_PATIENCE_S)
    try:
        connection.request("GET", STATUS_PATH)
        return msgspec.json.decode(connection.getresponse().read(), type=Status)
    finally:
        connection.close()


def _words(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
