"""An embedded AWS that kills who calls it: at the n-th call of a kind, before it is carried out or unanswered after it.

So moments are drawn by how far the work is, not by a clock, and lie between any two things that a process does to AWS.
"""

import json
import random
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any, Final

from local_aws.loopback import Start
from local_aws.server import LocalAws, Settings

# What a process is told by: https://docs.aws.amazon.com/sdkref/latest/guide/feature-appid.html
APP_ID: Final = "AWS_SDK_UA_APP_ID"
SIMULATOR, FIREHOSE, CONSUMER, DRIVER = "simulator", "firehose", "consumer", "driver"
COMPONENTS: Final = (SIMULATOR, FIREHOSE, CONSUMER, DRIVER)
_APP: Final = re.compile(r"\bapp/(\S+)")
_FUNCTION: Final = "/2015-03-31/functions/"
# The folders of a bucket whose names tell what is done there; of a table, its own.
_PLACES: Final = re.compile(
    r"/(_state/ledger/\w+/\w+|_state/events|_state/\w+|_staging|_journal\.json|_runs|event_date=|artifacts|logs)"
)
# Where a component is hit: which call, and up to which one of that kind in a run of few messages.
_KINDS: Final[Mapping[str, Mapping[str, int]]] = {
    SIMULATOR: {"PutRecords": 4},
    FIREHOSE: {"PUT object": 1, "Invoke": 1, "GetRecords": 6},
    CONSUMER: {
        "PUT _state/ledger arrived": 1,
        "DeleteMessageBatch": 1,
        "PUT _state/ledger batches": 1,
        "PUT _state/ledger closed": 1,
        "PUT _state/events": 1,
        "PUT _state/runs": 2,
        "AddJobFlowSteps": 1,
        "RunJobFlow": 1,
    },
    DRIVER: {
        "GET object": 2,
        "PUT _staging": 30,
        "PUT _journal.json": 1,
        "PUT event_date=": 3,
        "PUT _runs": 1,
        "PUT _state/manifests": 1,
        "DELETE _journal.json": 1,
    },
}
# With more messages there are more of these: one more in so many.
_GROWING: Final[Mapping[str, int]] = {"PutRecords": 3000, "PUT object": 15_000, "Invoke": 5000}


@dataclass
class Blow:
    """The kill of a component at the n-th call of a kind; `struck` says which process it has hit."""

    component: str
    call: str
    at: int
    is_after: bool
    calls: int = 0
    struck: str | None = None

    def __str__(self) -> str:
        """Say what it hits."""
        return f"{self.component} {'after' if self.is_after else 'before'} {self.call} {self.at}"


def drawn(draws: random.Random, messages: int) -> list[Blow]:
    """Draw for each component a blow or two; the first one comes early enough to hit in any case."""
    found = []
    for component, kinds in _KINDS.items():
        for _ in range(draws.choice((1, 2))):
            call = draws.choice(list(kinds))
            most = kinds[call] * (max(1, messages // _GROWING[call]) if call in _GROWING else 1)
            found.append(Blow(component, call, draws.randint(1, most), draws.random() < 0.5))  # noqa: PLR2004 - a coin
    return found


def caller(environ: Mapping[str, Any]) -> str | None:
    """Tell who calls: a process by the id of its application, or Spark's driver, which alone calls by Java."""
    agent = str(environ.get("HTTP_USER_AGENT", ""))
    if found := _APP.search(agent):
        return found[1]
    return DRIVER if "Hadoop" in agent else None


def call_of(environ: Mapping[str, Any]) -> str:
    """Name a call: its operation, or what is done to which kind of object."""
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return str(target).rpartition(".")[2]
    path = str(environ["PATH_INFO"])
    if path.startswith(_FUNCTION):
        return "Invoke"
    found = _PLACES.search(path)
    place = "object" if found is None else " ".join(re.sub(r"(ledger)/\w+/", r"\1 ", found[1]).split())
    return f"{environ['REQUEST_METHOD']} {place}"


@dataclass(frozen=True)
class Seen:
    """A call that was answered, in seconds of the Unix epoch."""

    at: float
    caller: str
    call: str
    path: str


class StrikingAws(LocalAws):
    """A running one; `kill` ends a process by its application's id, and tells whether it was there."""

    def __init__(self, data: Path, settings: Settings) -> None:
        """Start it, with nobody to be hit."""
        self.blows: Sequence[Blow] = ()
        self.kill: Callable[[str], bool] = lambda _name: False
        self.seen: list[Seen] = []
        self._lock = threading.Lock()
        super().__init__(data, settings)
        self.emr.quotas = None

    def _answer(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        name, call = caller(environ), call_of(environ)
        blow = self._due(name, call) if name else None
        if blow is None or name is None:
            answer = super()._answer(environ, start)
            if name:
                self.seen.append(Seen(time(), name, call, environ["PATH_INFO"]))
            return answer
        if blow.is_after:
            b"".join(super()._answer(environ, lambda *_args, **_how: None))
        if self.kill(name):
            blow.struck = name
        body = json.dumps({"message": "nobody hears this"}).encode()
        start("503 -", [("Content-Length", str(len(body)))])
        return [body]

    def _due(self, name: str, call: str) -> Blow | None:
        """Return the blow that it brings down, one at a time for each component."""
        component = name.partition("-")[0]
        with self._lock:
            waiting = [each for each in self.blows if each.component == component and each.calls < each.at]
            if not waiting or waiting[0].call != call:
                return None
            waiting[0].calls += 1
            return waiting[0] if waiting[0].calls == waiting[0].at else None
